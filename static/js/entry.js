// The extraction form: a grid that moves like a spreadsheet, paste from one, and a draft that saves itself.
// The page works without this file; then the buttons save.
(() => {
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const WAIT_MS = 3000; // after the last key; a draft is small, so this is often enough to lose nothing
  const version = form.querySelector('input[name="version"]');
  const saved = document.querySelector("[data-saved]");
  const byId = (id) => document.getElementById(id);

  // Moving in a grid.
  const cellsOf = (row) => [...row.querySelectorAll("td > input, td > select")];
  const rowsOf = (grid) => [...grid.querySelectorAll("tr[data-row]")];
  const placeOf = (cell) => {
    const grid = cell.closest("[data-grid]");
    const row = cell.closest("tr[data-row]");
    if (!grid || !row) return null;
    const rows = rowsOf(grid);
    return { rows, y: rows.indexOf(row), x: cellsOf(row).indexOf(cell) };
  };
  const enter = (cell) => {
    if (!cell) return false;
    cell.focus();
    if (cell.select) cell.select();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  };
  const atEdge = (cell, back) => {
    if (cell.tagName === "SELECT") return true;
    const at = back ? cell.selectionStart : cell.selectionEnd;
    const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    return whole || at === (back ? 0 : cell.value.length);
  };
  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("input, select");
    const place = cell && placeOf(cell);
    if (!place || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const is = (tag) => cell.tagName === tag;
    const to = (dy, dx) => {
      const row = place.rows[place.y + dy];
      if (row && enter(cellsOf(row)[place.x + dx])) event.preventDefault();
    };
    if (event.key === "Enter") {
      event.preventDefault(); // in a grid Enter goes down, it does not send the form
      to(event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "ArrowDown" && is("INPUT")) to(1, 0);
    else if (event.key === "ArrowUp" && is("INPUT")) to(-1, 0);
    else if (event.key === "ArrowRight" && atEdge(cell, false)) to(0, 1);
    else if (event.key === "ArrowLeft" && atEdge(cell, true)) to(0, -1);
  });

  // Paste a block of cells. insertText keeps the browser's own undo; a list takes an option by value or label.
  const put = (cell, text) => {
    const value = text.trim();
    if (cell.tagName === "SELECT") {
      const folded = value.toLowerCase();
      const found = [...cell.options].find((one) => [one.value, one.text].some((t) => t.toLowerCase() === folded));
      if (!found) return value === "";
      cell.value = found.value;
    } else {
      cell.focus();
      cell.select();
      if (!document.execCommand("insertText", false, value)) cell.value = value;
      if (!value) cell.value = "";
    }
    return true;
  };
  form.addEventListener("paste", (event) => {
    const place = placeOf(event.target);
    const text = event.clipboardData && event.clipboardData.getData("text/plain");
    if (!place || !text || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
    let unread = 0;
    let outside = 0;
    lines.forEach((line, dy) => {
      const row = place.rows[place.y + dy];
      const cells = row ? cellsOf(row) : [];
      line.split("\t").forEach((value, dx) => {
        const cell = cells[place.x + dx];
        if (!cell) outside += value.trim() ? 1 : 0;
        else if (!put(cell, value)) unread += 1;
      });
    });
    enter(event.target);
    if (saved && outside + unread) {
      saved.textContent = `${outside + unread} pasted cells found no place: add rows first, or choose from the list.`;
    }
    changed();
  });

  // The draft saves itself.
  let timer = 0;
  let busy = false;
  let dirty = false;
  let stopped = false;
  const changed = () => {
    dirty = true;
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_MS);
  };
  const save = async () => {
    if (busy || !dirty || stopped) return;
    busy = true;
    dirty = false;
    const body = new FormData(form);
    body.delete("once"); // the key belongs to the form's own sending; a draft is kept by its version
    body.append("autosave", "1");
    try {
      const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), redirect: "error" });
      if (reply.status === 409) {
        stopped = true; // another window went on: say so, keep what is typed here
        saved.textContent = (await reply.json()).detail;
        saved.classList.add("is-bad");
      } else if (reply.ok) {
        took(await reply.json());
      } else throw new Error(String(reply.status));
    } catch (lost) {
      dirty = true;
      saved.textContent = "Not saved yet; trying again";
      timer = setTimeout(save, 2 * WAIT_MS);
    }
    busy = false;
    if (dirty && !stopped) changed();
  };
  const took = (reply) => {
    version.value = reply.version;
    saved.textContent = `${saved.dataset.word} ${reply.saved}`;
    document.querySelector("[data-done]").textContent = reply.done;
    document.querySelector("[data-total]").textContent = reply.total;
    document.querySelector("[data-filled] progress").value = reply.done;
    show(reply.notes);
  };

  // What is said beside the cells. Text only: nothing that was typed becomes markup.
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#i-${name}`);
    svg.append(use);
    return svg;
  };
  const line = (tag, className, ...parts) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...parts);
    return made;
  };
  const drawn = (note, named) => {
    const bad = note.kind === "error";
    const words = line("span", "", note.text + (bad && note.more ? ` ${note.more}` : ""));
    if (named && note.label) words.prepend(line("b", "", `${note.label}: `));
    const made = line("div", `said said--${note.kind}`, line("p", bad ? "error" : "", icon(bad ? "warn" : "ask"), " ", words));
    if (!bad && note.more) made.append(line("p", "formula", note.more));
    if (note.set) {
      const button = line("button", "btn btn--s", note.set_words);
      Object.assign(button, { type: "submit", name: "set", value: note.set });
      made.append(button);
    }
    return made;
  };
  const show = (notes) => {
    form.querySelectorAll(".notes").forEach((place) => place.replaceChildren());
    form.querySelectorAll(".is-bad, .is-asked, .is-wrong").forEach((place) => place.classList.remove("is-bad", "is-asked", "is-wrong"));
    form.querySelectorAll("[aria-invalid]").forEach((cell) => cell.removeAttribute("aria-invalid"));
    notes.forEach((note) => {
      const place = byId(note.at);
      const cell = byId(note.cell);
      const td = cell && cell.closest("td");
      if (place) place.append(drawn(note, !cell || Boolean(td)));
      if (td) td.classList.add(note.kind === "error" ? "is-bad" : "is-asked");
      if (cell && note.kind === "error") {
        cell.setAttribute("aria-invalid", "true");
        if (!td && cell.closest(".field")) cell.closest(".field").classList.add("is-wrong");
      }
    });
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (busy) {
      event.preventDefault(); // a draft is on its way: send the form when its version is known
      const by = event.submitter;
      const again = () => (busy ? setTimeout(again, 50) : form.requestSubmit(by));
      again();
      return;
    }
    stopped = true;
    dirty = false;
  });
  addEventListener("pageshow", () => (stopped = false));
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
})();
