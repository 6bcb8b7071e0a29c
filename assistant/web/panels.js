// The cart drawer with its numbers, the thumbs, the privacy and the copy. Runs before chat.js, in its scope.
const drawer = element.querySelector("dialog.drawer");

const STEP_REST_MS = 700;  // after the last press of plus or minus
let stepping = null;       // the line whose number was pressed: its group, and the timer
let cartAsked = false;     // a message of the drawer is under way: its answer is told there too

function showCart() {
  const panel = document.querySelector("#aisle-cart .panel");
  if (!panel || stepping) return;  // a number that is being pressed is not drawn over
  const inside = drawer.querySelector(".inside");
  const hadFocus = inside.contains(document.activeElement);
  const step = stepButton(document.activeElement);
  inside.replaceChildren(panel.cloneNode(true));
  if (hadFocus) (step && stepOf(inside, step) || drawer.querySelector("h2")).focus();  // the pressed button is gone
  const count = panel.dataset.count;
  const button = document.querySelector("#aisle [data-does='open-cart']");
  const badge = button.querySelector(".badge");
  badge.hidden = count === "0";
  badge.textContent = count;
  button.setAttribute("aria-label", count === "0" ? "Cart, empty" : `Cart, ${count} ${count === "1" ? "item" : "items"}`);
}
function stepButton(one) {
  return one?.dataset?.step ? { item: one.parentElement.dataset.item, step: one.dataset.step } : null;
}
function stepOf(inside, { item, step }) {
  const group = [...inside.querySelectorAll(".amount")].find((one) => one.dataset.item === item);
  return group?.querySelector(`[data-step='${step}']`);
}

// Plus and minus change the wished number at once; when the shopper rests, the difference is said as one message.
function pressStep(button) {
  if (button.getAttribute("aria-disabled")) return;
  const group = button.parentElement;
  if (stepping && stepping.group !== group) sayStep();
  clearTimeout(stepping?.timer);
  const number = group.querySelector("output");
  const wished = Number(number.textContent) + Number(button.dataset.step);
  number.textContent = wished;
  mayPress(group, "1", wished < Number(group.dataset.most));
  mayPress(group, "-1", wished > 1);
  stepping = { group, timer: setTimeout(sayStep, STEP_REST_MS) };
}
function mayPress(group, step, may) {
  const button = group.querySelector(`[data-step='${step}']`);
  if (may) button.removeAttribute("aria-disabled"); else button.setAttribute("aria-disabled", "true");
}
function sayStep() {
  if (!stepping) return;
  const { group, timer } = stepping;
  clearTimeout(timer);
  stepping = null;
  const quantity = Number(group.querySelector("output").textContent) - Number(group.dataset.quantity);
  if (!quantity) return;
  const [intent, title] = quantity > 0 ? ["add_to_cart", group.dataset.adds] : ["remove_from_cart", group.dataset.removes];
  const said = { item: group.dataset.item, quantity: Math.abs(quantity) };
  group.dataset.quantity = group.querySelector("output").textContent;  // more presses before the answer count from here
  sayFromCart(`/${intent}${JSON.stringify(said)}`, title.replace("{quantity}", said.quantity));
}
function sayFromCart(payload, title) {
  cartAsked = true;
  tellCart("");
  say(payload, title);
}
function tellCart(text) {
  drawer.querySelector(".told").textContent = text;
}
// The conversation lies behind the drawer, where a screen reader cannot hear it: the answer is told in both.
function answerCart() {
  if (!cartAsked || busy || waiting().length) return;
  cartAsked = false;
  const questions = document.querySelectorAll("#aisle-thread .turn.user");
  const answer = questions[questions.length - 1]?.nextElementSibling?.querySelector(".bubble");
  if (drawer.open && answer) tellCart([...answer.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.textContent).join(""));
  showCart();
}
function openCart() {
  tellCart("");
  drawer.showModal();
  drawer.querySelector("h2").focus();
}
function closeCart() {
  sayStep();
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

// Whether the shopper asked that nobody learns from this chat. The server keeps it; of a chat in which nothing has been
// said yet, the first message tells it.
const STORED_PRIVATE = "aisle.private";
function isPrivate() {
  return stored(STORED_PRIVATE) === conversation();
}
function showPrivate() {
  document.querySelector("#aisle-menu [data-does='private']").setAttribute("aria-pressed", String(isPrivate()));
}
async function pressPrivate() {
  const wanted = !isPrivate();
  const answer = await post("/chat/private", { conversation: conversation(), private: wanted });
  if (!answer?.ok && answer?.status !== 404) {
    tellShopper("That could not be noted. Please try again in a moment.");
    return;
  }
  store(STORED_PRIVATE, wanted ? conversation() : null);
  showPrivate();
  tellShopper(wanted ? "Nobody will learn from this chat. Our team can still read it to help you." : "Our team may learn from this chat again.");
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
