// The screening page: time on the record (idle left out) and highlight words on and off.
// The page works without this file; the time then stays unknown.
(() => {
  const IDLE_MS = 60000; // no key, click or scroll for a minute: the clock stops
  let spent = 0;
  let since = document.hidden ? null : performance.now();
  let last = performance.now();
  const now = () => performance.now();
  const stop = (at) => {
    if (since !== null) spent += Math.max(0, at - since);
    since = null;
  };
  const stir = () => {
    const at = now();
    if (since !== null && at - last > IDLE_MS) stop(last + IDLE_MS);
    if (since === null && !document.hidden) since = at;
    last = at;
  };
  ["keydown", "pointerdown", "wheel", "scroll", "touchmove"].forEach((name) =>
    addEventListener(name, stir, { passive: true, capture: true }),
  );
  document.addEventListener("visibilitychange", () => (document.hidden ? stop(now()) : stir()));
  document.addEventListener("submit", (event) => {
    const field = event.target.matches("[data-timed]") && event.target.querySelector('input[name="dwell"]');
    if (!field) return;
    stir();
    stop(now());
    field.value = String(Math.round(spent));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pens]");
    if (!button) return;
    const off = document.body.classList.toggle("pens-off");
    button.setAttribute("aria-pressed", String(!off));
  });
})();
