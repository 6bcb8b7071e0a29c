// What this browser keeps: whose conversation it is, and the shopper's messages until they are answered. Each has an id,
// so that one that is sent again, after a break or by a second tab, is answered once. Runs before chat.js, in its scope.
const STORED_CONVERSATION = "aisle.conversation";
const STORED_MESSAGE = "aisle.message";   // the messages not answered yet, oldest first
const STORED_EARLIER = "aisle.earlier";   // of this tab alone: the conversation before "New chat"
const MOST_CHARACTERS = 10000;  // the assistant takes less and says so; a request body takes a little more
const memory = {};

// Storage may be forbidden inside a frame of another site; the conversation then lives as long as the page.
function stored(key) {
  try { return localStorage.getItem(key) ?? memory[key] ?? null; } catch { return memory[key] ?? null; }
}
function store(key, value) {
  memory[key] = value;
  try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* see above */ }
}
function earlier() {
  try { return sessionStorage.getItem(STORED_EARLIER); } catch { return memory[STORED_EARLIER] ?? null; }
}
function keepEarlier(id) {
  memory[STORED_EARLIER] = id;
  try { id === null ? sessionStorage.removeItem(STORED_EARLIER) : sessionStorage.setItem(STORED_EARLIER, id); } catch { /* see above */ }
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

function waiting() {
  try {
    return JSON.parse(stored(STORED_MESSAGE) ?? "[]")
      .filter(({ id, text }) => /^[0-9a-f]{32}$/.test(id) && typeof text === "string" && text)
      .map(({ id, text, title }) => ({ id, text, title: title ?? null }));
  } catch { return []; }
}
function keepWaiting(messages) {
  store(STORED_MESSAGE, messages.length ? JSON.stringify(messages) : null);
  showWaiting();
}
function enqueue(text, title) {
  keepWaiting([...waiting(), { id: newId(), text: text.slice(0, MOST_CHARACTERS), title: title ?? null }]);
}
function drop(id) {
  keepWaiting(waiting().filter((message) => message.id !== id));
}

// Those that the server has not shown yet stand below the conversation, in the shopper's own words.
function showWaiting() {
  const place = document.querySelector("#aisle-pending .pending");
  if (!place) return;
  const arrived = document.querySelector("#aisle-live [data-to]")?.dataset.to;
  const unseen = waiting().filter((message) => message.id !== arrived);
  const ids = unseen.map((message) => message.id).join(" ");
  if (place.dataset.ids === ids) return;  // this runs whenever the conversation changes, also by itself
  place.dataset.ids = ids;
  place.hidden = !unseen.length;
  place.replaceChildren(...unseen.map(({ text, title }) => {
    const bubble = document.createElement("div");
    bubble.className = "bubble";
    bubble.dir = "auto";
    bubble.textContent = title ?? text;
    const turn = document.createElement("div");
    turn.className = "turn user";
    turn.append(bubble);
    return turn;
  }));
}
