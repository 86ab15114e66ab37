// The cards of a prompt are in the feed at once, before the server has answered: with its shape, its count and its words.
// The answer's own cards take their place. What was not taken leaves one card that says why; the prompt stays.

const PENDING = "[data-pending]";
const REFUSED = "[data-refused]";
const template = (id) => document.getElementById(id);
const remove = (selector) => document.querySelectorAll(selector).forEach((place) => place.remove());
const isComposer = (event) => event.detail.requestConfig?.elt.id === "composer";

// The label of a day stands in its first cell, and comes back to it when these cells go.
let label;
let labelledCell;

function card(id, ratio, words) {
  const article = template(id).content.firstElementChild.cloneNode(true);
  article.classList.add(ratio);
  article.querySelector("[data-words]").textContent = words;
  const cell = document.createElement("div");
  cell.className = `cell ${ratio}`;
  cell.append(article);
  for (const name of ["pending", "refused"]) if (name in article.dataset) cell.dataset[name] = "";
  return cell;
}

function insert(places) {
  const day = document.querySelector("#feed [name='x-day']").value;
  const heading = day === template("pending-card").dataset.day ? document.getElementById(`day-${day}`) : null;
  const first = document.querySelector("#feed :is(.feed-page, .empty)");
  if (heading?.closest(".cell")) {
    [label, labelledCell] = [heading, heading.closest(".cell")];
    labelledCell.before(...places);
    places[0].prepend(label);
  } else first.before(...places);
}

function takeAway(selector) {
  if (label?.closest(selector)) labelledCell.prepend(label);
  remove(selector);
}

function pending(form) {
  const words = form.querySelector("[data-prompt]").value.trim();
  const count = form.querySelector("#count");
  const asks = form.querySelector("[data-send]").classList.contains("is-asking");
  takeAway(REFUSED);
  if (!words || !count.validity.valid || asks || !document.getElementById("feed")) return;
  const ratio = [...(form.querySelector("[data-ratio]:checked ~ .segment-face .shape")?.classList ?? [])].at(-1) ?? "r100";
  insert(Array.from({ length: Number(count.value) || 1 }, () => card("pending-card", ratio, words)));
}

function reason(status) {
  const said = [...document.querySelectorAll("#composer .field-error")].map((error) => error.textContent.trim());
  const texts = document.getElementById("toasts");
  const general = texts.getAttribute(`data-${status || "offline"}-text`) ?? texts.getAttribute("data-broken-text");
  return said.find(Boolean) ?? general;
}

function refused(status) {
  const first = document.querySelector(`#feed ${PENDING}`);
  if (!first) return;
  const words = first.querySelector("[data-words]").textContent;
  takeAway(PENDING);
  // What the team has already is shown in the composer.
  if (document.querySelector("#composer .duplicates")) return;
  const place = card("refused-card", "r100", words);
  place.querySelector("[data-reason]").textContent = reason(status);
  insert([place]);
}

// "Queued · position 2" is heard as "Queued, position 2"; that it is ready says cards/announcements.js.
function announce() {
  const headline = document.querySelector("#feed .card[id] .card-headline")?.firstChild?.textContent ?? "";
  document.getElementById("announcements").textContent = headline.trim().replace(" · ", ", ");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "composer") pending(event.detail.elt);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isComposer(event) && event.detail.xhr.status === 200) takeAway(PENDING);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!isComposer(event)) return;
  if (event.detail.xhr.status === 200) announce();
  else refused(event.detail.xhr.status);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-refused-close]");
  if (button) takeAway(REFUSED);
});
