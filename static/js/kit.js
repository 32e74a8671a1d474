// The furniture of every page: theme, key list, single keys, folds that remember, errors that take the focus.
// No page needs this file to work.
//
//   data-key="i"         a key presses this button, follows this link, picks this choice or enters this field
//   data-step="1".."8"   a step of the road, reached with G and its digit
//   data-theme-flip      light or dark
//   data-help            opens and closes the key list
//   data-keys-switch     a box that turns single keys off and on (WCAG 2.1.4)
//   data-keep="name"     a <details> that stays as the reader left it
//   data-once            a form that is sent once, however often its button is pressed
(() => {
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const remember = (name, value) => {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch (refused) {
      /* Storage is refused: it holds for this page only. */
    }
  };
  const recall = (name) => {
    try {
      return localStorage.getItem(name);
    } catch (refused) {
      return null;
    }
  };

  // Theme. Choosing what the system already says gives the choice back to the system.
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const flipTheme = () => {
    const next = (root.dataset.theme || system()) === "dark" ? "light" : "dark";
    if (next === system()) delete root.dataset.theme;
    else root.dataset.theme = next;
    remember("theme", next === system() ? null : next);
  };

  // Key list.
  const sheet = () => one("#keys");
  const setSheet = (open) => {
    if (!sheet()) return;
    sheet().hidden = !open;
    all("[data-help]").forEach((button) => button.setAttribute("aria-expanded", String(open)));
    if (open) sheet().focus();
    else if (one(".tool-keys")) one(".tool-keys").focus();
  };

  // Single keys can be turned off, by those who speak to their machine or brush the keyboard.
  const keysOff = () => root.dataset.keys === "off";
  const showKeysState = () =>
    all("[data-keys-switch]").forEach((box) => (box.checked = !keysOff()));
  const setKeys = (off) => {
    if (off) root.dataset.keys = "off";
    else delete root.dataset.keys;
    remember("keys", off ? "off" : null);
    showKeysState();
  };
  if (recall("keys") === "off") root.dataset.keys = "off";

  const isTyping = (element) =>
    element.isContentEditable ||
    /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === "INPUT" && !/^(radio|checkbox|button|submit|reset|file)$/.test(element.type));
  const isSeen = (element) => !element.disabled && element.getClientRects().length > 0;
  const press = (element) => {
    const field = element.matches("textarea, select, input") && isTyping(element);
    if (field) element.focus();
    else element.click();
  };

  let going = 0; // when G was pressed: its digit must follow within 1.5 seconds
  const goTo = (digit) => {
    const step = one(`.road a[data-step="${digit}"]`);
    if (step) step.click();
  };

  const onKey = (event) => {
    const key = event.key;
    if (key === "Escape") {
      if (sheet() && !sheet().hidden) setSheet(false);
      all(".menu[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (isTyping(event.target) || keysOff()) return;
    if (key === "?") return setSheet(sheet() && sheet().hidden);
    if (key === "/" && one("#q")) {
      event.preventDefault();
      if (isSeen(one("#q"))) one("#q").focus();
      else if (one(".tool-find")) one(".tool-find").click();
      return;
    }
    if (going && event.timeStamp - going < 1500 && /^[1-8]$/.test(key)) {
      going = 0;
      event.preventDefault();
      return goTo(key);
    }
    going = 0;
    if (event.repeat) return; // a key held down is one answer, not twenty
    const bound = all(`[data-key="${CSS.escape(key.toLowerCase())}"]`).find(isSeen);
    if (bound) {
      event.preventDefault();
      press(bound);
      return;
    }
    if (key.toLowerCase() === "g") going = event.timeStamp;
  };

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.matches("[data-theme-flip]")) flipTheme();
    if (button && button.matches("[data-help]")) setSheet(sheet() && sheet().hidden);
    all(".menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  all("[data-keys-switch]").forEach((box) => box.addEventListener("change", () => setKeys(!box.checked)));

  // Folds that remember.
  all("details[data-keep]").forEach((fold) => {
    const name = `fold:${fold.dataset.keep}`;
    const last = recall(name);
    if (last) fold.open = last === "open";
    fold.addEventListener("toggle", () => remember(name, fold.open ? "open" : "shut"));
  });

  // A form that must be sent once. Freed again when the page comes back from the history.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => all("form[data-once]").forEach((form) => delete form.dataset.sent));

  showKeysState();
  const errors = one(".errors");
  if (errors) errors.focus();
})();
