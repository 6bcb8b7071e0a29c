// The browser's half of the chat: runs once, when Gradio has drawn the composer.
// Gradio gives `element` (the composer) and `trigger(event, data)`; chat.py answers "say" and "resume" with HTML.
const CHECK_EVERY_MS = 1000;
const PROBE_AFTER_MS = 3000;    // of silence: is the server there? An answer begins well within a second
const PROBE_LIMIT_MS = 8000;
const AGAIN_AFTER_MS = 15000;   // of silence, though the server is there: the answer was lost on the way
const PATIENCE_MS = 60000;
const LISTEN_EVERY_MS = 5000;
const NEAR_BOTTOM_PX = 90;
const AWAY = "The shop cannot be reached just now. What you write is kept, and sent as soon as it is back.";
const NEW_CHAT = "This is a new chat. Your earlier one is kept, with its cart.";

const form = element.querySelector("form");
const box = element.querySelector("textarea");
const notice = element.querySelector(".notice");
const [tryAgain, goBack, sendMail] = notice.querySelectorAll("button");
let sent = null;   // the message whose answer is still to come
let event = null;  // the id of the event under way: its answer carries it back
let busy = false;
let away = false;      // the server was not there when last asked
let probing = false;
let sentAgain = null;  // the id of the last message that was sent again by itself
let afterwards = null; // what to do once the answer is there
let lastSign = 0;
let following = true;
let heard = 0;     // up to which event the messages of people are on the page

function setBusy(now) {
  busy = now;
  lastSign = Date.now();
  document.getElementById("aisle").classList.toggle("busy", now);
}
function tellShopper(text, button = null) {
  notice.querySelector("span").textContent = text;
  for (const one of [tryAgain, goBack, sendMail]) one.hidden = one !== button;
}
function raise(name) {
  setBusy(true);
  tellShopper("");
  following = true;
  event = newId();
  trigger(name, { event, conversation: conversation(), sent, visit: { ...frame.visit(), private: isPrivate() || null } });
}
function say(text, title) {
  enqueue(text, title);
  following = true;
  if (!busy && !away) sendNext();
  return true;
}
function sendNext() {
  sent = waiting()[0] ?? null;
  if (sent) raise("say");
}
function resume() {
  sent = waiting()[0] ?? null;
  raise("resume");
}
function discard() {
  if (sent) drop(sent.id);
  resume();
}

function switchTo(id) {
  const left = conversation();
  const worthKeeping = document.querySelector("#aisle-thread .turn.user") !== null;
  keepEarlier(worthKeeping ? left : null);
  store(STORED_CONVERSATION, id);
  heard = 0;
  keepWaiting([]);
  resume();
  box.focus();
}
function startOver() {
  if (!document.querySelector("#aisle-thread .turn.user")) return;
  switchTo(null);
  afterwards = () => tellShopper(NEW_CHAT, goBack);
}
function goEarlier() {
  if (earlier()) switchTo(earlier());
}
const DOES = {
  "open-cart": openCart, "close-cart": closeCart, copy: downloadCopy, discard,
  "ask-mail": askMail, "send-mail": confirmMail,
  private: () => whenIdle(pressPrivate), restart: () => whenIdle(startOver), back: () => whenIdle(goEarlier),
};
function whenIdle(act) {
  if (busy) afterwards = act; else act();
}

function settle(live) {
  lastSign = Date.now();
  const end = live.querySelector("[data-event]");
  if (!end || end.dataset.event !== event) return;
  event = null;
  setBusy(false);
  if (end.classList.contains("finished")) {
    if (sent) drop(sent.id);
    sent = null;
  }
  document.querySelector("#aisle-menu [data-does='back']").hidden = !earlier();
  showPrivate();
  const act = afterwards;
  afterwards = null;
  act?.();
  if (!busy && !sent) sendNext();
  answerCart();
}

async function reachable() {
  try { return (await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(PROBE_LIMIT_MS) })).ok; } catch { return false; }
}
async function check() {
  const silent = Date.now() - lastSign;
  if (probing || !(away || (busy && silent > PROBE_AFTER_MS))) return;
  probing = true;
  const up = await reachable();
  probing = false;
  if (!up) setAway();
  else if (away) comeBack();
  else if (busy && silent > PATIENCE_MS) giveUp();
  else if (busy && silent > AGAIN_AFTER_MS && sent && sentAgain !== sent.id) {
    sentAgain = sent.id;
    raise("say");
  }
}
function setAway() {
  away = true;
  setBusy(false);
  tellShopper(AWAY);
}
function comeBack() {
  away = false;
  resume();
}
function giveUp() {
  setBusy(false);
  const said = sent ? (sent.title ?? sent.text) : "";
  const which = said && ` to "${said.length > 40 ? said.slice(0, 40) + "…" : said}"`;
  tellShopper(`No answer so far${which}.`, tryAgain);
}

// What a person of the shop writes answers no message, so the page asks for it.
async function listenForStaff() {
  if (busy || away || document.hidden) return;
  const asked = conversation();
  const found = await fetch(`/webhooks/rest/messages?sender=${asked}&after=${heard}`)
    .then((answer) => (answer.ok ? answer.json() : null), () => null);
  if (!found?.messages.length || busy || asked !== conversation()) return;
  heard = found.after;
  resume();
}

// A long answer is read from its beginning: scroll to the bottom only as far as the question stays in sight.
function follow(scroll) {
  if (!following) return;
  const bottom = scroll.scrollHeight - scroll.clientHeight;
  const questions = scroll.querySelectorAll(".turn.user");
  const question = questions[questions.length - 1];
  const top = question
    ? question.getBoundingClientRect().top - scroll.getBoundingClientRect().top + scroll.scrollTop - 12
    : 0;
  scroll.scrollTop = question || !scroll.querySelector(".turn") ? Math.min(bottom, top) : 0;
}
function fit() {
  box.style.height = "auto";
  box.style.height = Math.min(box.scrollHeight, 140) + "px";
}

function pressed(click) {
  const button = click.target.closest("button");
  if (!button) return;
  if (button.closest("[popover]")) button.closest("[popover]").hidePopover();
  if (button.dataset.payload) press(button, click.detail === 0);
  else if (button.dataset.step) pressStep(button);
  else if (button.dataset.thumb) pressThumb(button);
  else if (button.dataset.does) DOES[button.dataset.does]();
  else if (button.classList.contains("again") && !busy) resume();
}
function press(button, byKeyboard) {
  const inMenu = button.classList.contains("item");
  if (!inMenu && (busy || waiting().length)) return;  // a second press of the same button, mostly
  const removes = button.classList.contains("remove");
  if (drawer.open && !removes) closeCart();
  if (byKeyboard && !drawer.open) box.focus();  // the button is about to go
  if (removes) sayFromCart(button.dataset.payload, button.dataset.title);
  else say(button.dataset.payload, button.dataset.title);
}

function connect() {
  const scroll = document.getElementById("aisle-scroll");
  const live = document.getElementById("aisle-live");
  const cart = document.getElementById("aisle-cart");
  const pending = document.querySelector("#aisle-pending .pending");
  const menu = document.getElementById("aisle-menu");
  if (!scroll || !live || !cart || !pending || !menu) {
    requestAnimationFrame(connect);
    return;
  }
  new MutationObserver(() => { settle(live); showWaiting(); follow(scroll); })
    .observe(scroll, { childList: true, subtree: true, characterData: true, attributes: true });
  new MutationObserver(showCart).observe(cart, { childList: true, subtree: true, characterData: true, attributes: true });
  scroll.addEventListener("wheel", () => { following = false; }, { passive: true });
  scroll.addEventListener("touchmove", () => { following = false; }, { passive: true });
  scroll.addEventListener("scroll", () => {
    if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_BOTTOM_PX) following = true;
  }, { passive: true });
  document.getElementById("aisle").addEventListener("click", pressed);
  for (const panel of [drawer, menu])  // Escape closes this alone, not what may stand around the page
    panel.addEventListener("keydown", (key) => { if (key.key === "Escape") key.stopPropagation(); });
  drawer.addEventListener("click", (click) => { if (click.target === drawer) closeCart(); });  // beside it
  form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (!box.value.trim()) return;
    say(box.value);
    box.value = "";
    fit();
  });
  box.addEventListener("keydown", (key) => {
    if (key.key === "Enter" && !key.shiftKey && !key.isComposing) {
      key.preventDefault();
      form.requestSubmit();
    }
  });
  box.addEventListener("input", fit);
  addEventListener("offline", setAway);
  addEventListener("online", check);
  setInterval(check, CHECK_EVERY_MS);
  setInterval(listenForStaff, LISTEN_EVERY_MS);
  if (frame.seen() && matchMedia("(pointer: fine)").matches) box.focus();
  resume();
}
frame.begun.then(connect);
