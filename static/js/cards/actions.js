// What can be done with a card: chosen in its menu (card:act), or by a single key while the focus is on it.

const KEYS = { c: "collection", s: "share", t: "tags", l: "favourite", d: "download", Delete: "trash", Backspace: "trash" };
const menu = document.getElementById("card-menu");

const say = (text) => document.dispatchEvent(new CustomEvent("site:message", { detail: { text } }));
const idOf = (card) => card.id.slice(2);
const selectAlone = (panel) => (card) =>
  document.dispatchEvent(new CustomEvent("selection:one", { detail: { id: idOf(card), panel } }));
const press = (selector) => (card) => card.querySelector(selector)?.click();

function promptOf(card) {
  return card.dataset.prompt ?? card.querySelector(".card-prompt, .card-subject").textContent.trim();
}

function copyText(text, said) {
  const detail = { text, said: () => say(said), failed: () => say(menu.dataset.failedText) };
  document.dispatchEvent(new CustomEvent("site:copy", { detail }));
}

// Every clipboard takes PNG; the promise keeps the permission of the key or click that asked for it.
async function png(address) {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

async function copyImage(card) {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png(`/g/${idOf(card)}/image`) })]);
    say(menu.dataset.imageText);
  } catch {
    say(menu.dataset.failedText);
  }
}

function trash(card) {
  const values = Object.fromEntries(new FormData(document.getElementById("act")));
  window.htmx.ajax("POST", `/g/${idOf(card)}/delete`, { source: card, target: card, swap: menu.dataset.swap, values });
}

const ACTS = {
  open: press(".card-open"),
  download: press("[download]"),
  remix: press("[data-remix]"),
  favourite: press("[aria-pressed]"),
  share: (card) => document.dispatchEvent(new CustomEvent("share:open", {
    detail: { url: `/g/${idOf(card)}/share`, from: card.querySelector(".card-open") },
  })),
  prompt: (card) => copyText(promptOf(card), menu.dataset.promptText),
  image: copyImage,
  request: (card) => copyText(card.dataset.request, menu.dataset.requestText),
  collection: selectAlone("collection"),
  tags: selectAlone("tags"),
  visibility: selectAlone("visibility"),
  compare: selectAlone("compare"),
  trash,
};

// A key does what the menu offers for this card, and nothing else.
function mayDo(card, act) {
  const row = menu.querySelector(`[data-act="${act}"]`);
  if (!row) return false;
  if (act === "trash") return "edit" in card.dataset;
  return card.matches(".is-done") || act === "collection" || act === "tags";
}

// Switched in the list of keys, by generations/keyboard.js.
const areKeysOn = () => document.documentElement.dataset.singleKeys !== "off";

function listen() {
  document.addEventListener("card:act", (event) => ACTS[event.detail.act](event.detail.card));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const card = event.target.closest?.("#feed .card:has([data-more])");
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!card || !act || (event.key.length === 1 && !areKeysOn()) || !mayDo(card, act)) return;
    event.preventDefault();
    ACTS[act](card);
  });
}

if (menu) listen();
