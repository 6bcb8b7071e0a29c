// The chat inside a widget (widget.js): what the host page tells goes along with each message. Runs before chat.js, in
// its scope. EMBED_ORIGINS and ASKS_CONSENT stand above; who may frame the page at all is in its Content-Security-Policy.
const STORED_WHOSE = "aisle.whose";
const STORED_SEEN = "aisle.seen";
const HOST_ANSWERS_MS = 1500;  // a page that frames the chat without the widget tells nothing

const frame = (() => {
  const framed = window.parent !== window;
  const toSend = [];
  let told = null;     // {token, product, consent} as the host page said
  let host = null;     // its origin
  let open = !framed;  // whether the shopper sees the chat
  let begin;
  const begun = new Promise((done) => { begin = done; });

  function tell(type, data) {
    if (host) window.parent.postMessage({ aisle: type, ...data }, host);
  }
  // Whose conversation it is, to part those of two shoppers on one machine; the server checks the token itself.
  function subject(token) {
    try { return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub ?? ""; } catch { return ""; }
  }
  function partConversations() {
    const now = subject(told.token ?? "");
    const before = stored(STORED_WHOSE) ?? "";
    if (now === before) return false;
    store(STORED_WHOSE, now || null);
    if (!before) return false;  // a stranger who signs in goes on talking
    store(STORED_CONVERSATION, null);
    keepEarlier(null);
    store(STORED_MESSAGE, null);
    return true;
  }
  const heard = {
    visit({ token, product, consent, accent, accentInk }) {
      told = { token: token || null, product: String(product ?? ""), consent: consent ?? null };
      if (accent) {
        document.documentElement.style.setProperty("--accent", accent);
        document.documentElement.style.setProperty("--accent-ink", accentInk);
      }
      if (partConversations() && !busy) resume();
      begin();
    },
    shown({ value, focus }) {
      open = value;
      count();
      if (open && focus && matchMedia("(pointer: fine)").matches) box.focus();
    },
    send({ text, title }) {
      if (typeof text !== "string" || !text.trim()) return;
      toSend.push([text, typeof title === "string" ? title : undefined]);
      pump();
    },
  };
  function pump() {
    if (!toSend.length) return;
    if (document.getElementById("aisle-live") && say(...toSend[0])) toSend.shift();
    if (toSend.length) setTimeout(pump, 200);
  }
  // How many messages have come that the shopper has not seen.
  function count() {
    const there = document.querySelectorAll("#aisle-thread .turn.bot").length;
    if (!framed || !there) return;  // nothing is drawn yet
    const [whose, number] = (stored(STORED_SEEN) ?? "").split(" ");
    const seen = open || whose !== conversation() ? there : Math.min(Number(number) || 0, there);
    store(STORED_SEEN, `${conversation()} ${seen}`);
    tell("unread", { count: there - seen, begun: document.querySelector("#aisle-thread .turn.user") !== null });
  }
  function closeButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fresh shut";
    button.textContent = "×";
    button.setAttribute("aria-label", "Close the chat");
    button.addEventListener("click", (click) => { click.stopPropagation(); tell("close"); });
    document.querySelector("#aisle header")?.append(button);
  }
  function watch() {
    const thread = document.getElementById("aisle-thread");
    if (!thread || !document.querySelector("#aisle header")) { setTimeout(watch, 50); return; }
    closeButton();
    new MutationObserver(count).observe(thread, { childList: true, subtree: true });
    addEventListener("keydown", (key) => { if (key.key === "Escape" && !key.defaultPrevented) tell("close"); });
    addEventListener("storage", ({ key, newValue }) => {  // another tab was answered, or began anew
      if (!busy && (key === STORED_CONVERSATION || (key === STORED_MESSAGE && newValue === null))) resume();
    });
  }

  if (framed) {
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !(origin === location.origin || EMBED_ORIGINS.includes(origin))) return;
      host = origin;
      if (Object.hasOwn(heard, data?.aisle)) heard[data.aisle](data);
    });
    window.parent.postMessage({ aisle: "ready", asksConsent: ASKS_CONSENT }, "*");  // says nothing of anybody
    setTimeout(begin, HOST_ANSWERS_MS);
    begun.then(watch);
  } else begin();
  return { begun, visit: () => told, seen: () => open };
})();
