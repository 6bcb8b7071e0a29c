// The cart drawer, the thumbs and the copy. Runs before chat.js, in its scope.
const drawer = element.querySelector("dialog.drawer");

function showCart() {
  const panel = document.querySelector("#aisle-cart .panel");
  if (!panel) return;
  const inside = drawer.querySelector(".inside");
  const hadFocus = inside.contains(document.activeElement);
  inside.replaceChildren(panel.cloneNode(true));
  if (hadFocus) drawer.querySelector("h2").focus();  // the pressed button is gone
  const count = panel.dataset.count;
  const button = document.querySelector("#aisle [data-does='open-cart']");
  const badge = button.querySelector(".badge");
  badge.hidden = count === "0";
  badge.textContent = count;
  button.setAttribute("aria-label", count === "0" ? "Cart, empty" : `Cart, ${count} ${count === "1" ? "item" : "items"}`);
}
function openCart() {
  drawer.showModal();
  drawer.querySelector("h2").focus();
}
function closeCart() {
  drawer.close();
}

function markThumb(group, thumb) {
  for (const button of group.querySelectorAll(".thumb"))
    button.setAttribute("aria-pressed", String(button.dataset.thumb === thumb));
}
async function pressThumb(button) {
  const group = button.closest(".thumbs");
  const before = group.querySelector("[aria-pressed='true']")?.dataset.thumb ?? null;
  const thumb = before === button.dataset.thumb ? null : button.dataset.thumb;
  markThumb(group, thumb);
  const answer = await post("/chat/thumb", { conversation: conversation(), turn: Number(group.dataset.turn), thumb });
  if (answer?.ok) return;
  markThumb(group, before);
  tellShopper("Your rating could not be kept. Please try again in a moment.");
}

async function downloadCopy() {
  const answer = await post("/chat/copy", { conversation: conversation() });
  if (!answer?.ok) {
    tellShopper("The copy could not be made. Please try again in a moment.");
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = "conversation.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function post(path, data) {
  const body = JSON.stringify(data);
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
}
