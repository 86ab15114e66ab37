// The menu of a card: one element for all (cards/_menu.html), filled when it opens. With a mouse it stands beside its
// card and flips where it would be cut off; with fingers and on narrow screens it is a sheet from below. It says what
// was chosen as the event card:act; what that means is in cards/actions.js.

const menu = document.getElementById("card-menu");
const touch = matchMedia("(hover: none), (width < 720px)");
const HELD = 500; // milliseconds until a press is a long one
const MOVED = 10; // pixels after which it is a scroll
const EDGE = 8;
let card;
let opener;
let chosen;
let timer;
let start;
let swallowNextClick = false;

const canCopyImages = Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);
const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const rows = () => [...menu.querySelectorAll("[role=menuitem]")].filter(shown);
const menuCard = (node) => node?.closest?.("#feed .card:has([data-more])");

function offered() {
  const done = card.matches(".is-done");
  return {
    download: done,
    favourite: done,
    remix: Boolean(card.querySelector("[data-remix]")),
    share: done,
    prompt: Boolean(card.dataset.prompt || card.querySelector(".card-prompt, .card-subject:not(:has(bdi))")),
    image: done && canCopyImages,
    request: "request" in card.dataset,
    compare: done,
    visibility: "edit" in card.dataset,
    trash: "edit" in card.dataset,
  };
}

function fill() {
  const can = offered();
  for (const row of menu.querySelectorAll("[data-act]")) row.hidden = can[row.dataset.act] === false;
  menu.querySelector("[role=separator]")?.toggleAttribute("hidden", !can.trash);
  const value = menu.querySelector(".card-menu-value");
  if (value) value.textContent = menu.dataset[`${card.dataset.seen}Text`] ?? "";
  menu.querySelector(".card-menu-prompt").textContent = card.querySelector(".card-prompt, .card-subject").textContent.trim();
  const picture = card.querySelector(".card-picture");
  const small = menu.querySelector(".card-menu-picture");
  small.hidden = !picture;
  if (picture) small.src = picture.currentSrc || picture.src;
  const star = card.querySelector("[aria-pressed]")?.getAttribute("aria-pressed") ?? "false";
  menu.querySelector("[data-act=favourite]").setAttribute("aria-pressed", star);
}

function place() {
  menu.style.left = "";
  menu.style.top = "";
  if (menu.classList.contains("is-sheet")) return;
  const button = card.querySelector("[data-more]").getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const rightToLeft = getComputedStyle(menu).direction === "rtl";
  const left = rightToLeft ? button.left : button.right - width;
  const below = button.bottom + 6;
  const above = button.top - 6 - height;
  const top = below + height <= innerHeight - EDGE || above < EDGE ? below : above;
  menu.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  menu.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
}

function open(of, from) {
  if (menu.open) return;
  card = of;
  opener = from;
  chosen = undefined;
  menu.classList.toggle("is-sheet", touch.matches);
  fill();
  card.classList.add("is-hot");
  card.querySelector("[data-more]").setAttribute("aria-expanded", "true");
  menu.showModal();
  place();
  if (menu.classList.contains("is-sheet")) menu.focus();
  else rows()[0].focus({ preventScroll: true });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const to = by === -Infinity ? 0 : by === Infinity ? all.length - 1 : (at + by + all.length) % all.length;
  all[to].focus();
}

function keydown(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  const { key } = event;
  const name = key.length === 1 ? key.toLowerCase() : key;
  const byKey = (row) => row.getAttribute("aria-keyshortcuts")?.split(" ").includes(name);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key in steps) step(steps[key]);
  else if (key === "Escape" || (key === "Tab" && !menu.classList.contains("is-sheet"))) menu.close();
  else if (rows().some(byKey)) rows().find(byKey).click();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function closed() {
  card.classList.remove("is-hot");
  card.querySelector("[data-more]")?.setAttribute("aria-expanded", "false");
  opener?.focus({ preventScroll: true });
  if (chosen) document.dispatchEvent(new CustomEvent("card:act", { detail: { card, act: chosen } }));
}

function pressed(event) {
  clearTimeout(timer);
  swallowNextClick = false;
  const of = event.pointerType === "touch" && event.isPrimary && menuCard(event.target);
  if (!of || document.body.classList.contains("is-selecting")) return;
  start = event;
  timer = setTimeout(() => {
    swallowNextClick = true;
    open(of, of.querySelector(".card-open"));
  }, HELD);
}

function listen() {
  for (const more of document.querySelectorAll("#feed [data-more]")) name(more);
  document.addEventListener("htmx:load", (event) => {
    for (const more of event.target.querySelectorAll?.("[data-more]") ?? []) name(more);
  });

  document.addEventListener("click", (event) => {
    const more = event.target.closest?.("#feed [data-more]");
    if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(more.closest(".card"), more);
  });

  menu.addEventListener("click", (event) => {
    const row = event.target.closest("[data-act]");
    if (!row && event.target !== menu) return; // the dialog itself is hit where its backdrop is, or its padding
    const box = menu.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!row && inside) return;
    chosen = row?.dataset.act;
    menu.close();
  });
  menu.addEventListener("keydown", keydown);
  menu.addEventListener("close", closed);
  for (const name of ["scroll", "resize"]) {
    addEventListener(name, () => menu.open && !menu.classList.contains("is-sheet") && menu.close(), { passive: true });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
    const of = menuCard(event.target);
    if (!of) return;
    event.preventDefault();
    open(of, of.querySelector(".card-open"));
  });

  // A mouse keeps the browser's own menu. A key and a finger that rests open ours.
  document.addEventListener("contextmenu", (event) => {
    const mouse = event.pointerType ? event.pointerType === "mouse" : event.button === 2;
    const of = menuCard(event.target);
    if (mouse || (!of && !menu.open)) return;
    event.preventDefault();
    clearTimeout(timer);
    swallowNextClick = event.pointerType === "touch";
    if (of && !document.body.classList.contains("is-selecting")) open(of, of.querySelector(".card-open"));
  });

  // It is said to be a button, and a button is pressed by the space bar as well.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches?.("[data-more]")) return;
    event.preventDefault();
    event.target.click();
  });
  document.addEventListener("pointerdown", pressed);
  document.addEventListener("pointermove", (event) => {
    if (start && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > MOVED) clearTimeout(timer);
  });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => clearTimeout(timer));
  // The finger that opened the sheet opens nothing when it leaves.
  document.addEventListener("click", (event) => {
    if (!swallowNextClick) return;
    swallowNextClick = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

// Without scripts it is a link to the page of the picture, and says so.
function name(more) {
  more.setAttribute("role", "button");
  more.setAttribute("aria-haspopup", "menu");
  more.setAttribute("aria-expanded", "false");
}

if (menu?.showModal) listen();
