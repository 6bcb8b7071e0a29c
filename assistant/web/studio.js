// The browser's half of the studio's lists: a button with data-does raises the event of that name with its data; in the
// inbox one key decides. Python answers in studio_intents.py and studio_inbox.py.
const EVENTS = ["open", "turn", "undo", "choose", "accept", "dismiss"];
const KEYS = { a: "accept", d: "dismiss" };

element.addEventListener("click", (click) => {
  const button = click.target.closest("button[data-does]");
  if (!button || button.disabled) return;
  const { does, ...data } = button.dataset;
  if (!EVENTS.includes(does)) return;
  if (does === "open" || does === "choose") {
    element.querySelectorAll("[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    button.setAttribute("aria-current", "true");
  }
  trigger(does, data);
});

element.addEventListener("keydown", (press) => {
  const does = KEYS[press.key];
  const item = press.target.closest("[data-item]");
  if (!does || !item || press.ctrlKey || press.metaKey || press.altKey) return;
  press.preventDefault();
  trigger(does, { item: item.dataset.item });
});
