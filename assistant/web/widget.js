// Aisle's chat widget: a bubble and a framed panel on any page, with one script tag. See docs/widget.md.
// It asks no other host than the one it came from, and sets no inline style or script, so a strict policy lets it be.
(() => {
  "use strict";
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  if (window.Aisle || !script) return;

  const HOME = new URL(script.src).origin;
  const PHONE = matchMedia("(max-width: 520px), (max-height: 480px)");
  const PATIENCE_MS = 20000;       // for the chat to load
  const TOKEN_MARGIN_MS = 60000;   // a new token is asked for so long before the old one is over
  const SHADE = "0 6px 24px rgb(0 0 0 / 22%), 0 1px 4px rgb(0 0 0 / 18%)";
  const CSS = `
    :host { all: initial; font: 15px/1.45 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color-scheme: light dark; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button { font: inherit; cursor: pointer; }
    :focus-visible { outline: 3px solid var(--sheet); box-shadow: 0 0 0 5px var(--accent); }
    .all { --sheet: #fff; --ink: #1d2b2a; --soft: #5b6968; --line: #e2ddd4; }
    .bubble, .greeting, .panel { position: fixed; z-index: 2147483000; }
    .bubble { inset: auto 20px max(20px, env(safe-area-inset-bottom)) auto; width: 60px; height: 60px; padding: 0; border: 0; border-radius: 50%;
      display: grid; place-items: center; background: var(--accent); color: var(--accent-ink); box-shadow: ${SHADE}; transition: transform .15s; }
    .bubble:hover { transform: scale(1.05); }
    .bubble svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; inset: -3px -3px auto auto; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; border: 2px solid var(--sheet);
      background: #b3261e; color: #fff; font: 700 12px/18px ui-sans-serif, system-ui, sans-serif; text-align: center; }
    .greeting { inset: auto 20px max(92px, calc(env(safe-area-inset-bottom) + 72px)) auto; display: flex; max-width: min(280px, calc(100vw - 40px));
      background: var(--sheet); color: var(--ink); border-radius: 16px; box-shadow: ${SHADE}; overflow: hidden; }
    .greeting button { border: 0; background: none; color: inherit; text-align: start; padding: 12px 4px 12px 16px; }
    .greeting .shut { padding: 8px 14px; color: var(--soft); align-self: flex-start; font-size: 18px; }
    .panel { inset: auto 20px max(92px, calc(env(safe-area-inset-bottom) + 72px)) auto; width: 400px; max-width: calc(100vw - 40px); height: 680px;
      max-height: calc(100dvh - 112px); display: flex; flex-direction: column; background: var(--sheet); color: var(--ink); border-radius: 18px;
      overflow: hidden; box-shadow: ${SHADE}; transition: opacity .15s, transform .15s, visibility .15s; }
    .panel.closed { visibility: hidden; opacity: 0; transform: translateY(10px); pointer-events: none; }
    .left .bubble, .left .greeting, .left .panel { right: auto; left: 20px; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; display: block; }
    .wait { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 14px; background: var(--sheet); text-align: center; padding: 24px; }
    .wait .shut { position: absolute; inset: 10px 10px auto auto; }
    .wait button { border: 1px solid var(--line); border-radius: 999px; background: none; color: inherit; padding: 5px 14px; }
    .consent { display: flex; gap: 8px; align-items: center; padding: 7px 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; cursor: pointer; }
    .consent input { width: 16px; height: 16px; margin: 0; flex: none; accent-color: var(--accent); }
    @media (max-width: 520px), (max-height: 480px) {
      .panel, .left .panel { inset: 0; width: 100%; max-width: none; height: 100dvh; max-height: none; border-radius: 0; }
      .panel:not(.closed) ~ .bubble { visibility: hidden; }
    }
    @media (prefers-color-scheme: dark) { .all { --sheet: #1d2625; --ink: #eaf0ee; --soft: #a2b0ad; --line: #33403e; } }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
    @media print { .all { display: none; } }`;

  // The page's own storage keeps what the bubble has to know before the chat is there; it may be forbidden.
  function keep(area, name, value) {
    try { value === null ? area().removeItem(name) : area().setItem(name, value); } catch { /* then until the page goes */ }
  }
  function kept(area, name) {
    try { return area().getItem(name); } catch { return null; }
  }
  const local = () => localStorage;
  const tab = () => sessionStorage;

  // Black or white on the shop's colour, whichever reads better; its contrast with white, after WCAG 2.
  function colours(given) {
    const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(given ?? "")?.[1] ?? "0f5f59";
    const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
    const [red, green, blue] = [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    const onWhite = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
    return { accent: `#${full}`, ink: onWhite >= 21 / onWhite ? "#ffffff" : "#000000", onWhite };
  }
  function make(tag, name, parent, words) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (words) element.textContent = words;
    if (tag === "button") element.type = "button";
    parent.append(element);
    return element;
  }
  function icon(parent, path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    parent.append(svg);
    return line;
  }

  const { color, position, greeting, shop = "the shop", product = "", consent } = script.dataset;
  let token = script.dataset.token || null;
  script.removeAttribute("data-token");  // nothing that records the page need see it
  const { accent, ink, onWhite } = colours(color);
  const TALK = "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-5 4v-4H6a2 2 0 0 1-2-2z";
  const DOWN = "M6 9l6 6 6-6";

  let productOpen = product;
  let agreed = consent === "true" ? true : consent === "false" ? false : null;
  const hostDecides = agreed !== null;
  if (!hostDecides && kept(local, "aisle.consent")) agreed = kept(local, "aisle.consent") === "true";
  let frame = null;
  let ready = false;
  let isOpen = false;
  let focusNext = false;
  let waiting = [];
  let tokenTimer = null;
  const listeners = new Map();

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  const all = make("div", position === "left" ? "all left" : "all", root);
  all.style.setProperty("--accent", accent);
  all.style.setProperty("--accent-ink", ink);

  const panel = make("div", "panel closed", all);
  panel.id = "panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", `Chat with ${shop}`);
  panel.inert = true;
  const wait = make("div", "wait", panel);
  const waitWords = make("span", "", wait, "Opening the chat…");
  waitWords.setAttribute("role", "status");
  const again = make("button", "", wait, "Try again");
  again.hidden = true;
  const shut = make("button", "shut", wait, "×");
  shut.setAttribute("aria-label", "Close the chat");
  const consentLine = make("label", "consent", panel);
  consentLine.hidden = true;
  const consentBox = make("input", "", consentLine);
  consentBox.type = "checkbox";
  consentBox.checked = agreed === true;
  make("span", "", consentLine, "Remember what I ask about, for suggestions");

  const bubble = make("button", "bubble", all);
  bubble.setAttribute("aria-controls", "panel");
  const drawn = icon(bubble, TALK);
  const badge = make("span", "badge", bubble);
  badge.setAttribute("aria-hidden", "true");
  badge.hidden = true;
  label(0);

  function label(unread) {
    const news = unread ? `, ${unread} new message${unread === 1 ? "" : "s"}` : "";
    bubble.setAttribute("aria-label", isOpen ? "Close the chat" : `Chat with ${shop}${news}`);
    bubble.setAttribute("aria-expanded", String(isOpen));
    drawn.setAttribute("d", isOpen ? DOWN : TALK);
    badge.hidden = !unread || isOpen;
    badge.textContent = unread > 9 ? "9+" : String(unread);
  }
  function emit(event, data) {
    for (const fn of listeners.get(event) ?? []) fn(data);
  }
  function tell(type, data) {
    if (ready) frame.contentWindow.postMessage({ aisle: type, ...data }, HOME);
  }
  function tellVisit() {
    const dye = onWhite >= 4.5 && color ? { accent, accentInk: ink } : {};
    tell("visit", { token, product: productOpen, consent: agreed, ...dye });
  }
  function load() {
    if (frame) return;
    ready = false;
    frame = document.createElement("iframe");
    frame.title = `Chat with ${shop}`;
    frame.allow = "clipboard-write";
    frame.src = `${HOME}/chat/`;
    panel.insertBefore(frame, consentLine);
    const mine = frame;
    setTimeout(() => {
      if (ready || mine !== frame) return;
      waitWords.textContent = "The assistant does not answer.";
      again.hidden = false;
    }, PATIENCE_MS);
  }
  function open({ focus = true } = {}) {
    if (isOpen) return;
    isOpen = true;
    focusNext = focus;
    load();
    panel.classList.remove("closed");
    panel.inert = false;
    endGreeting();
    label(0);
    keep(tab, "aisle.open", "1");
    tell("shown", { value: true, focus });
    if (focus) (ready ? frame : shut).focus();
    emit("open");
  }
  function close() {
    if (!isOpen) return;
    const inside = root.activeElement !== null;
    isOpen = false;
    panel.classList.add("closed");
    panel.inert = true;
    label(0);
    keep(tab, "aisle.open", null);
    tell("shown", { value: false });
    if (inside) bubble.focus();
    emit("close");
  }
  function watchToken() {
    clearTimeout(tokenTimer);
    if (!token) return;
    let over = 0;
    try { over = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).exp * 1000; } catch { return; }
    tokenTimer = setTimeout(() => emit("token"), Math.max(0, over - Date.now() - TOKEN_MARGIN_MS));
  }
  function setConsent(yes, byHost) {
    agreed = yes;
    consentBox.checked = yes;
    if (!byHost) keep(local, "aisle.consent", String(yes));
    tellVisit();
  }
  let greetingBox = null;
  function endGreeting() {
    greetingBox?.remove();
    greetingBox = null;
    keep(tab, "aisle.greeted", "1");
  }
  function greet() {
    if (!greeting || isOpen || PHONE.matches || kept(tab, "aisle.greeted") || kept(local, "aisle.begun")) return;
    greetingBox = make("div", "greeting", all);
    make("button", "", greetingBox, greeting).addEventListener("click", () => open());
    const no = make("button", "shut", greetingBox, "×");
    no.setAttribute("aria-label", "Close the greeting");
    no.addEventListener("click", () => { endGreeting(); bubble.focus(); });
  }

  const heard = {
    ready({ asksConsent }) {
      ready = true;
      wait.hidden = true;
      consentLine.hidden = !asksConsent || hostDecides;
      tellVisit();
      tell("shown", { value: isOpen, focus: isOpen && focusNext });
      if (isOpen && focusNext) frame.focus();
      for (const message of waiting) tell("send", message);
      waiting = [];
      emit("ready");
    },
    unread({ count, begun }) {
      keep(local, "aisle.begun", begun ? "1" : null);
      label(Number(count) || 0);
      emit("unread", Number(count) || 0);
    },
    close() {
      close();
      bubble.focus();
    },
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== HOME) return;
    if (Object.hasOwn(heard, data?.aisle)) heard[data.aisle](data);
  });
  bubble.addEventListener("click", () => (isOpen ? close() : open()));
  shut.addEventListener("click", () => { close(); bubble.focus(); });
  again.addEventListener("click", () => {
    frame.remove();
    frame = null;
    again.hidden = true;
    waitWords.textContent = "Opening the chat…";
    load();
  });
  all.addEventListener("keydown", (key) => {
    if (key.key === "Escape" && isOpen) { close(); bubble.focus(); }
  });
  consentBox.addEventListener("change", () => setConsent(consentBox.checked, false));

  window.Aisle = Object.freeze({
    open: () => open(),
    close,
    send(text, title) {  // says it for the shopper; `title` is shown in place of a payload
      open();
      const message = { text: String(text), title: title === undefined ? undefined : String(title) };
      ready ? tell("send", message) : waiting.push(message);
    },
    on(event, fn) {  // open, close, ready, unread (how many), token (a new one is wanted); the answer ends it
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(fn);
      return () => listeners.get(event).delete(fn);
    },
    identify(fresh) {  // a new token, or null when the shopper has signed out
      token = fresh || null;
      watchToken();
      tellVisit();
    },
    product(id) {  // another product is open, on pages that change without loading; "" for none
      productOpen = String(id ?? "");
      tellVisit();
    },
    consent: (yes) => setConsent(Boolean(yes), true),
  });

  document.body.append(host);
  watchToken();
  greet();
  if (kept(tab, "aisle.open") && !PHONE.matches) open({ focus: false });
  else if (kept(local, "aisle.begun")) (window.requestIdleCallback ?? setTimeout)(load);  // for the badge
})();
