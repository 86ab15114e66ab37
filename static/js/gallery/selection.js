// Choosing many: the boxes on the cards are the state. x toggles the card that has the focus, Ctrl or ⌘ and a click add
// one, Shift and a click a range, Escape lets all go; while something is chosen, a click on a picture chooses too.

const form = document.getElementById("selection");
const most = 500;
let anchor;
let mode = false;
let comparing = false; // one card was chosen to be compared, and the next one completes the pair
let origin; // the card whose menu led here: the focus goes back to it

const boxes = () => [...document.querySelectorAll(".card-check input")];
const chosen = () => boxes().filter((box) => box.checked);
const boxOf = (node) => node?.closest?.(".card")?.querySelector(".card-check input");

function show() {
  const count = chosen().length;
  const choosing = mode || count > 0;
  document.body.classList.toggle("is-selecting", choosing);
  form.classList.toggle("is-open", choosing);
  form.classList.toggle("is-over", count > most);
  form.querySelector("[data-selected]").textContent =
    count > most ? form.dataset.overText.replace("{count}", count).replace("{maximum}", most) : count;
  for (const button of form.querySelectorAll("[name=action]")) button.disabled = count === 0 || count > most;
  for (const button of form.querySelectorAll("[data-needs]")) button.hidden = count !== Number(button.dataset.needs);
  document.querySelector("[data-select-mode]")?.setAttribute("aria-pressed", String(choosing));
}

function say() {
  document.getElementById("announcements").textContent =
    form.dataset.saidText.replace("{count}", chosen().length);
}

function set(box, checked) {
  box.checked = checked;
  anchor = box.value;
}

function range(box, checked) {
  const all = boxes();
  const from = all.findIndex((one) => one.value === anchor);
  const to = all.indexOf(box);
  for (const one of all.slice(Math.min(from < 0 ? to : from, to), Math.max(from, to) + 1)) one.checked = checked;
  anchor = box.value;
}

function clear() {
  for (const box of chosen()) box.checked = false;
  mode = false;
  comparing = false;
  anchor = undefined;
  for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
}

function changed() {
  show();
  say();
  if (!comparing || chosen().length < 2) return;
  comparing = false;
  form.requestSubmit(form.querySelector("[name=action][value=compare]"));
}

// The bar goes with the last choice, and the focus that was in it returns to the card that was chosen last.
function letGo() {
  const inBar = form.contains(document.activeElement) || document.activeElement === document.body;
  const to = origin ?? (inBar && anchor && `g-${anchor}`);
  origin = undefined;
  clear();
  show();
  if (to) document.getElementById(to)?.querySelector(".card-open")?.focus({ preventScroll: true });
}

// From the menu of a card, or by its key: the part of the bar that was asked for opens, for all that are chosen if the
// card is one of them, otherwise for it alone.
function one({ detail: { id, panel } }) {
  const box = boxes().find((candidate) => candidate.value === id);
  if (!box) return;
  if (!box.checked || panel === "compare") clear();
  set(box, true);
  comparing = panel === "compare";
  mode = comparing;
  origin = `g-${id}`;
  changed();
  const part = form.querySelector(`[data-panel="${panel}"]`);
  if (part) {
    part.open = true;
    part.querySelector(".menu-panel :is(.input, .menu-item)").focus();
  }
  if (comparing) document.dispatchEvent(new CustomEvent("site:message", { detail: { text: form.dataset.compareText } }));
}

// Switched in the list of keys, by generations/keyboard.js.
const areKeysOn = () => document.documentElement.dataset.singleKeys !== "off";

function listen() {
  // Before anything else hears of the click: a picture that is chosen is not opened.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.card-open");
    const box = boxOf(link);
    const asked = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!box || event.button || !(asked || document.body.classList.contains("is-selecting"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) range(box, true);
    else set(box, !box.checked);
    changed();
  }, true);

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".card-check input");
    if (box) {
      if (event.shiftKey) range(box, box.checked);
      else set(box, box.checked);
    } else if (event.target.closest?.("[data-select-page]")) for (const one of boxes()) one.checked = true;
    else if (event.target.closest?.("[data-select-none]")) letGo();
    else if (event.target.closest?.("[data-select-mode]")) {
      if (document.body.classList.contains("is-selecting")) clear();
      else mode = true;
    } else return;
    changed();
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && document.body.classList.contains("is-selecting")) {
      letGo();
    } else if (event.key.toLowerCase() === "x" && areKeysOn() && !event.target.matches("input:not([type=checkbox]), textarea, select")) {
      const box = boxOf(document.activeElement);
      if (!box) return;
      if (event.shiftKey) range(box, true);
      else set(box, !box.checked);
    } else return;
    event.preventDefault();
    changed();
  });

  // What was asked for is done: the cards have come again, and nothing is chosen any more.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.form !== form || !event.detail.successful) return;
    for (const name of ["collection", "tag", "share_name"]) if (form.elements[name]) form.elements[name].value = "";
    letGo();
  });

  document.addEventListener("selection:one", one);

  // A card that came again while it was chosen, and a page that came back from the history.
  document.addEventListener("htmx:oobAfterSwap", show);
  document.addEventListener("htmx:afterSettle", show);
  addEventListener("pageshow", show);
  show();
}

if (form) listen();
