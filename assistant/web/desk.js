// The browser's half of the queue and the transcript: a row that is clicked raises "pick", a page's button "turn_page",
// what a turn should have been "correct"; desk.py answers.
// A queue that is drawn anew while somebody goes through it with the keyboard gives the focus back to the row they were on.
let focused = null;
element.addEventListener("focusin", (focus) => { focused = focus.target.closest("button")?.dataset.conversation; });
element.addEventListener("focusout", (focus) => { if (focus.relatedTarget) focused = null; });
watch("value", () => {
  if (!focused || document.activeElement !== document.body) return;
  const rows = [...element.querySelectorAll("[data-conversation]")];
  rows.find((row) => row.dataset.conversation === focused)?.focus({ preventScroll: true });
});

element.addEventListener("click", (click) => {
  const button = click.target.closest("button");
  if (!button || button.disabled) return;
  if (button.dataset.conversation) {
    element.querySelectorAll("[aria-current]").forEach((row) => row.removeAttribute("aria-current"));
    button.setAttribute("aria-current", "true");
    history.replaceState(null, "", `?conversation=${encodeURIComponent(button.dataset.conversation)}`);
    trigger("pick", { conversation: button.dataset.conversation });
  } else if (button.dataset.correct) {
    trigger("correct", { turn: Number(button.dataset.correct), intent: button.dataset.intent });
  } else if (button.dataset.page) trigger("turn_page", { page: Number(button.dataset.page) });
});
