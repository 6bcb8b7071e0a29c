// The shop's pages: choosing a version, handing words to the chat. Everything else works without it.
(() => {
  const aisle = window.Aisle;  // widget.js stands before this script
  const say = (text, title) => (aisle ? aisle.send(text, title) : location.assign("/chat/"));

  for (const button of document.querySelectorAll("button.say")) {
    button.addEventListener("click", () => say(button.dataset.say, button.dataset.title));
  }
  document.querySelector("form.ask")?.addEventListener("submit", (submit) => {
    const box = submit.target.elements.q;
    submit.preventDefault();
    if (!box.value.trim()) { box.focus(); return; }
    say(box.value);
    box.value = "";
  });
  document.getElementById("sort")?.addEventListener("change", ({ target }) => target.form.submit());
  document.documentElement.classList.add("scripted");

  const menu = document.querySelector("details.who");
  if (menu) {
    addEventListener("click", ({ target }) => { if (!menu.contains(target)) menu.open = false; });
    menu.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // The token of a signed-in shopper is short-lived: the widget asks for another before it is over.
  aisle?.on("token", async () => {
    const answer = await fetch("/shopper-token", { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok) aisle.identify((await answer.json()).token);
  });

  const form = document.querySelector("form.choose");
  if (!form) return;
  const versions = JSON.parse(form.dataset.versions);
  const price = document.getElementById("price");
  const stock = document.getElementById("stock");
  const buy = form.querySelector(".buy");
  const untouched = { price: price.textContent, stock: stock.textContent, buy: buy.textContent };

  function fits(version, chosen) {
    return Object.entries(chosen).every(([option, value]) => version.options[option] === value);
  }
  function chosen() {
    return Object.fromEntries(new FormData(form));
  }
  function show() {
    const wish = chosen();
    const fitting = versions.filter((version) => fits(version, wish));
    for (const input of form.querySelectorAll("input[type=radio]")) {  // what nothing that can be bought has, is struck out
      const with_it = versions.filter((version) => fits(version, { ...wish, [input.name]: input.value }));
      input.parentElement.classList.toggle("gone", !with_it.some((version) => version.in_stock));
    }
    const one = fitting.length === 1 ? fitting[0] : null;
    const buyable = fitting.some((version) => version.in_stock);
    price.textContent = one ? one.price : untouched.price;
    stock.textContent = !fitting.length ? "Not made in this combination"
      : !buyable ? "Sold out" : one?.left ? `Only ${one.left} left` : "In stock";
    stock.className = buyable ? "stock in" : "stock out";
    buy.disabled = !buyable;
    buy.textContent = buyable ? "Add to cart" : untouched.buy === "Sold out" || fitting.length ? "Sold out" : "Not available";
  }
  form.addEventListener("change", show);
  form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const wish = chosen();
    const fitting = versions.filter((version) => version.in_stock && fits(version, wish));
    if (!fitting.length) return;
    const name = form.dataset.name;
    if (fitting.length === 1) say(fitting[0].payload, `Add to cart: ${[name, ...Object.values(fitting[0].options)].join(", ")}`);
    else say(`/add_to_cart${JSON.stringify({ item: name, ...said(wish) })}`, `Add to cart: ${[name, ...Object.values(wish)].join(", ")}`);
  });
  // The options as the assistant's commands name them; it asks for what is still open.
  function said(wish) {
    const own = Object.entries(wish).filter(([option]) => ["color", "size", "material"].includes(option));
    const others = Object.entries(wish).filter(([option]) => !["color", "size", "material"].includes(option));
    return { ...Object.fromEntries(own), ...(others.length ? { feature: others.map(([option, value]) => `${option} ${value}`) } : {}) };
  }
  if (versions.length > 1) show();
})();
