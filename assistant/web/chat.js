// The browser's half of the chat: runs once, when Gradio has drawn the composer.
// Gradio gives `element` (the composer) and `trigger(event, data)`; chat.py answers "say" and "resume" with HTML.
const STORED_CONVERSATION = "aisle.conversation";
const STORED_MESSAGE = "aisle.message";
const PATIENCE_MS = 60000;
const CHECK_EVERY_MS = 5000;
const LISTEN_EVERY_MS = 5000;
const NEAR_BOTTOM_PX = 90;
const MOST_CHARACTERS = 10000;  // the assistant takes less and says so; a request body takes a little more

const form = element.querySelector("form");
const box = element.querySelector("textarea");
const notice = element.querySelector(".notice");
const memory = {};
let sent = null;   // the message whose answer is still to come
let event = null;  // the id of the event under way: its answer carries it back
let busy = false;
let lastSign = 0;
let following = true;
let heard = 0;     // up to which event the messages of people are on the page

// Storage may be forbidden inside a frame of another site; the conversation then lives as long as the page.
function stored(key) {
  try { return localStorage.getItem(key) ?? memory[key] ?? null; } catch { return memory[key] ?? null; }
}
function store(key, value) {
  memory[key] = value;
  try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* see above */ }
}
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
function conversation() {
  let id = stored(STORED_CONVERSATION);
  if (!/^web-[0-9a-f]{32}$/.test(id ?? "")) {
    id = "web-" + newId();
    store(STORED_CONVERSATION, id);
  }
  return id;
}
function unanswered() {
  try {
    const { id, text, title } = JSON.parse(stored(STORED_MESSAGE));
    return id && text ? { id, text, title: title ?? null } : null;
  } catch { return null; }
}

function setBusy(now) {
  busy = now;
  lastSign = Date.now();
  document.getElementById("aisle").classList.toggle("busy", now);
  notice.hidden = true;
}
function raise(name) {
  setBusy(true);
  following = true;
  event = newId();
  trigger(name, { event, conversation: conversation(), sent, visit: frame.visit() });
}
function say(text, title) {
  if (busy) return false;
  sent = { id: newId(), text: text.slice(0, MOST_CHARACTERS), title: title ?? null };
  store(STORED_MESSAGE, JSON.stringify(sent));
  raise("say");
  return true;
}
function resume() {
  sent = unanswered();
  raise("resume");
}
function startOver() {
  if (busy) return;
  store(STORED_CONVERSATION, null);
  heard = 0;
  store(STORED_MESSAGE, null);
  resume();
  box.focus();
}

function settle(live) {
  lastSign = Date.now();
  const end = live.querySelector("[data-event]");
  if (end?.dataset.event !== event) return;
  if (end.classList.contains("finished")) {
    sent = null;
    store(STORED_MESSAGE, null);
  }
  setBusy(false);
}
async function checkPatience() {
  if (!busy) return;
  const silent = Date.now() - lastSign;
  if (silent < CHECK_EVERY_MS) return;
  const up = await fetch("/health").then((answer) => answer.ok, () => false);
  if (busy && (!up || silent > PATIENCE_MS)) {
    setBusy(false);
    const said = sent ? (sent.title ?? sent.text) : "";
    notice.querySelector("span").textContent = said && ` to "${said.length > 40 ? said.slice(0, 40) + "…" : said}"`;
    notice.hidden = false;
  }
}

// What a person of the shop writes answers no message, so the page asks for it.
async function listenForStaff() {
  if (busy || document.hidden) return;
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

function connect() {
  const scroll = document.getElementById("aisle-scroll");
  const live = document.getElementById("aisle-live");
  if (!scroll || !live) {
    requestAnimationFrame(connect);
    return;
  }
  new MutationObserver(() => { settle(live); follow(scroll); })
    .observe(scroll, { childList: true, subtree: true, characterData: true, attributes: true });
  scroll.addEventListener("wheel", () => { following = false; }, { passive: true });
  scroll.addEventListener("touchmove", () => { following = false; }, { passive: true });
  scroll.addEventListener("scroll", () => {
    if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_BOTTOM_PX) following = true;
  }, { passive: true });
  document.getElementById("aisle").addEventListener("click", (click) => {
    const button = click.target.closest("button");
    if (!button) return;
    if (button.dataset.payload) say(button.dataset.payload, button.dataset.title);
    else if (button.classList.contains("again") && sent && !busy) raise("say");
    else if (button.classList.contains("fresh")) startOver();
  });
  form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (box.value.trim() && say(box.value)) {
      box.value = "";
      fit();
    }
  });
  box.addEventListener("keydown", (key) => {
    if (key.key === "Enter" && !key.shiftKey && !key.isComposing) {
      key.preventDefault();
      form.requestSubmit();
    }
  });
  box.addEventListener("input", fit);
  setInterval(checkPatience, CHECK_EVERY_MS / 5);
  setInterval(listenForStaff, LISTEN_EVERY_MS);
  if (frame.seen() && matchMedia("(pointer: fine)").matches) box.focus();
  resume();
}
frame.begun.then(connect);
