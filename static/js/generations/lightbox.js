// A picture over the page it was clicked on, under its own address: Back leads out, a reload shows its page. The cards
// of the feed are the pictures; beyond them the page of each picture names its neighbours. The other modules hear
// `lightbox:show` (which picture, among which) and `lightbox:page` (what its page says about it). A lightbox that stands
// alone, as on a collection by link, shows the pictures of its page and asks for no other.

const box = document.getElementById("lightbox");
const alone = box?.hasAttribute("data-alone");
// Looked up each time: a search takes a new feed in, and a poll the page of a picture that was just generated.
const feed = () => document.getElementById("feed");
// Pictures that are not in the feed, as their neighbours' pages name them; PATIENCE unfinished ones in a row are skipped.
const newerPictures = [];
const olderPictures = [];
const PATIENCE = 10;
const READ_AHEAD = 6;
// A page is asked for when somebody stays on its picture, not for each one they rush past.
const STAY = 120;
// This page was loaded, or loaded anew, where a picture was over the gallery.
const loadedOver = history.state?.lightbox && location.pathname;
let ownPicture;
let current;
let leaving = false;
let request;
let timer;

const send = (name, detail) => box.dispatchEvent(new CustomEvent(`lightbox:${name}`, { detail }));
const plain = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button);
const keyOf = (url) => new URL(url, location.href).pathname;
const cardOf = (picture) => document.getElementById(`g-${picture.key.split("/").at(-2)}`);

function pictureOf(url, image) {
  const large = image.srcset.split(", ").at(-1).split(" ")[0];
  const address = new URL(url, location.href);
  return {
    key: address.pathname, url: address.pathname + address.search, alt: image.alt, large,
    thumb: image.currentSrc || image.src, small: image.srcset.split(" ")[0],
    original: alone ? large : `${address.pathname}image`,
    width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")),
  };
}

// On the page of one picture.
function own() {
  const image = feed() ? null : document.querySelector("#detail .frame-picture img[srcset]");
  ownPicture ??= image && pictureOf(location.href, image);
  return ownPicture;
}

const finished = () => [...feed()?.querySelectorAll("article.card.is-done > a.card-open") ?? []];

function pictures() {
  const shown = own() ? [own()] : finished().map((link) => pictureOf(link.href, link.querySelector("img.card-picture")));
  const keys = new Set(shown.map(({ key }) => key));
  return [...newerPictures.filter(({ key }) => !keys.has(key)), ...shown, ...olderPictures.filter(({ key }) => !keys.has(key))];
}

// "16 of 40": the place among all cards, once the page begins with the newest and says how many there are.
function place() {
  const cards = [...feed()?.querySelectorAll("article.card") ?? []];
  const n = cards.findIndex((card) => card.id === cardOf(current)?.id) + 1;
  const total = Number(document.getElementById("found")?.firstChild?.textContent.match(/^\s*(\d+)\s/)?.[1]);
  if (!n || !total || n > total || feed().querySelector("[rel=prev]")) return "";
  return box.dataset.countText.replace("{n}", n).replace("{total}", total);
}

function rename({ key, url }) {
  try {
    if (location.pathname !== key) history.replaceState(history.state, "", url);
  } catch {
    // browsers refuse a hundred renamings in half a minute; the next one is taken again
  }
}

function show(picture, list = pictures()) {
  current = picture;
  const index = list.findIndex(({ key }) => key === picture.key);
  rename(picture);
  box.setAttribute("aria-label", picture.alt);
  const count = place();
  box.querySelector("[data-count]").textContent = count;
  box.querySelector("[data-said]").textContent = [count, picture.alt].filter(Boolean).join(": ");
  send("show", { picture, list, index });
  for (const other of [list[index + 1], list[index - 1]]) if (other) new Image().src = other.large;
  clearTimeout(timer);
  if (!alone) timer = setTimeout(readPage, STAY, picture);
  if (index >= list.length - READ_AHEAD) loadMore();
}

// What the feed would load at its end is loaded now: it is out of sight behind the picture.
function loadMore() {
  const more = feed()?.querySelector("[hx-trigger~=revealed]");
  if (more) window.htmx.trigger(more, "revealed");
}

class Refused extends Error {
  constructor(status) {
    super(status);
    this.status = status;
  }
}

async function fragmentOf(url, signal) {
  // Not stored: the same address is a whole page to everybody else.
  const headers = { "HX-Request": "true", "HX-Target": "lightbox" };
  const answer = await fetch(url, { headers, signal, cache: "no-store" });
  if (answer.redirected) location.assign(url); // the session has ended
  if (!answer.ok) throw new Refused(answer.status);
  if (answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function readPage(picture) {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  try {
    const page = await fragmentOf(picture.url, signal);
    if (!page || picture !== current) return;
    send("page", { picture, page });
    const list = pictures();
    if (picture.key === list.at(-1)?.key && !feed()?.querySelector("[hx-trigger~=revealed]")) await extend(page, "next", signal);
    if (picture.key === list[0]?.key) await extend(page, "prev", signal);
  } catch (error) {
    if (error.name !== "AbortError" && picture === current) send("failed", { status: error.status });
  }
}

async function extend(page, rel, signal) {
  let link = page.querySelector(`a[rel=${rel}]`);
  for (let tries = 0; link && tries < PATIENCE; tries += 1) {
    const url = link.getAttribute("href");
    if (pictures().some(({ key }) => key === keyOf(url))) return;
    const next = await fragmentOf(url, signal).catch((error) => {
      if (error instanceof Refused) return null; // a neighbour that went is no neighbour
      throw error;
    });
    const image = next?.querySelector(".frame-picture img[srcset]");
    if (image) {
      if (rel === "next") olderPictures.push(pictureOf(url, image));
      else newerPictures.unshift(pictureOf(url, image));
      renew();
      return;
    }
    link = next?.querySelector(`a[rel=${rel}]`);
  }
}

// The list has changed under the picture that is shown.
function renew() {
  if (!box.open || !current) return;
  const list = pictures();
  send("list", { picture: current, list, index: list.findIndex(({ key }) => key === current.key) });
}

function step(by) {
  const list = pictures();
  const next = list[list.findIndex(({ key }) => key === current.key) + by];
  if (next) show(next, list);
}

function open(picture, entry) {
  if (entry) history.pushState({ lightbox: true }, "", picture.url);
  document.documentElement.classList.add("has-lightbox");
  box.showModal();
  box.focus(); // the keys are the picture's; Tab goes to the first button
  show(picture);
}

function leave() {
  leaving = Boolean(history.state?.lightbox);
  box.close();
  if (leaving) history.back();
}

function returnFocus() {
  const link = current && (cardOf(current)?.querySelector("a.card-open") ?? document.querySelector(".frame-picture"));
  if (!link || box.open) return;
  link.focus({ preventScroll: true });
  link.closest("article, figure").scrollIntoView({ block: "nearest" });
}

function closed() {
  clearTimeout(timer);
  // The browser closes a dialog by itself when Escape is pressed twice: then its address has still to go.
  if (!leaving && history.state?.lightbox) {
    leaving = true;
    history.back();
  }
  request?.abort();
  document.documentElement.classList.remove("has-lightbox");
  if (document.fullscreenElement) document.exitFullscreen();
  send("hide");
  // The page of one picture, on which another one was looked at last.
  if (own() && own().key !== current.key) location.replace(current.url);
  returnFocus();
}

function moved(event) {
  const shown = history.state?.lightbox;
  const handled = box.open || leaving || shown;
  // Before htmx hears of it, which would load the page anew where it has written the address into the history itself.
  if (handled) event.stopImmediatePropagation();
  if (shown && !box.open) {
    const picture = pictures().find(({ key }) => key === location.pathname);
    if (picture) open(picture);
    else location.reload();
  } else if (!shown && box.open) {
    box.close();
  } else if (!handled && loadedOver && location.pathname !== loadedOver) {
    location.reload(); // this document is the page of a picture, and the address is the gallery's again
  }
  leaving = false;
  setTimeout(returnFocus); // after the browser has put the page where it was
}

function clicked(event) {
  const link = event.target.closest?.("article.card.is-done > a.card-open, .frame-picture");
  if (!link || event.defaultPrevented || !plain(event)) return;
  const url = link.matches(".card-open") ? link.href : location.href;
  const picture = pictures().find(({ key }) => key === keyOf(url));
  if (!picture) return;
  event.preventDefault();
  open(picture, link.matches(".card-open"));
}

if (box) {
  document.addEventListener("click", clicked);
  addEventListener("popstate", moved, true);
  document.addEventListener("htmx:load", renew);
  box.addEventListener("close", closed);
  box.addEventListener("cancel", (event) => {
    if (event.target !== box) return;
    event.preventDefault();
    leave();
  });
  box.addEventListener("lightbox:step", ({ detail }) => step(detail));
  box.addEventListener("lightbox:go", ({ detail }) => show(detail));
  box.addEventListener("lightbox:leave", leave);
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go], [data-do=leave]");
    if (button?.dataset.go) step(Number(button.dataset.go));
    else if (button) leave();
  });
}
