// Reconcile by keys: J and K go through the differences, A, B and O answer the one in hand.
// Typing another value chooses it. The page works without this file.
(() => {
  const form = document.querySelector("form[data-reconcile]");
  if (!form) return;
  const all = [...form.querySelectorAll("[data-differ]")];
  let at = -1;
  const hold = (index) => {
    if (!all[index]) return;
    const fold = all[index].closest("details");
    if (fold) fold.open = true;
    all.forEach((one) => one.classList.remove("is-held"));
    at = index;
    all[at].classList.add("is-held");
    all[at].scrollIntoView({ block: "center" });
    const radio = all[at].querySelector("input:checked") || all[at].querySelector("input");
    radio.focus({ preventScroll: true });
  };
  const take = (value) => {
    const radio = all[at] && all[at].querySelector(`input[type="radio"][value="${value}"]`);
    if (!radio) return;
    radio.checked = true;
    if (value === "other") all[at].querySelector("[data-other]").focus();
    else hold(Math.min(at + 1, all.length - 1));
  };
  document.addEventListener("keydown", (event) => {
    const free = !event.target.closest("textarea, select, input:not([type='radio'])");
    if (!free || event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return;
    const key = event.key.toLowerCase();
    const act = {
      j: () => hold(Math.min(at + 1, all.length - 1)),
      k: () => hold(Math.max(at - 1, 0)),
      a: () => take("a"),
      b: () => take("b"),
      o: () => take("other"),
    }[key];
    if (!act) return;
    event.preventDefault();
    if (at < 0 && key !== "j" && key !== "k") at = 0;
    act();
  });
  form.addEventListener("focusin", (event) => {
    const differ = event.target.closest("[data-differ]");
    if (differ) at = all.indexOf(differ);
  });
  form.addEventListener("input", (event) => {
    const differ = event.target.closest("[data-other]") && event.target.closest("[data-differ]");
    if (differ) differ.querySelector('input[value="other"]').checked = true;
  });
})();
