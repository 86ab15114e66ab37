// How many, and what they cost together: the sum stands on the button, how it is known under it. Each kind costs what it
// has cost lately, a kind without a history the list price. Above the team's limit the button asks instead, and for a
// prompt with wildcards it leads to the preview of the batch, which counts and prices them.

const field = () => document.getElementById("count");
// As generations/services/orders/wildcards.py reads them, for prompts without braces in braces.
const WILDCARD = /(?<!\\)\{[^{}]*(?:(?<!\\)\||-?\d\s*\.\.\s*-?\d)[^{}]*\}/;

function clamp(value) {
  const { min, max } = field();
  return Math.min(Number(max), Math.max(Number(min), Math.trunc(value) || 1));
}

function kind(priceFields) {
  const chosen = (priceFields ?? "").split(" ").map((name) =>
    document.querySelector(`#composer [name="${CSS.escape(name)}"]:checked`)?.value);
  return chosen.join("|");
}

// Prices have ten places; whole numbers of the last one compare exactly.
const units = (text) => Math.round(Number(text) * 1e10);

function inLocale(amount) {
  return amount.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
}

function ask(each, count) {
  const button = document.querySelector("#composer [data-send]");
  const { above } = button.dataset;
  const asks = above !== undefined && units(each) * count > units(above);
  const verb = button.querySelector("[data-send-verb]");
  const { askText, manyText, reviewText, usualText } = verb.dataset;
  const generate = count > 1 ? manyText.replace("{count}", count) : usualText;
  const reviews = WILDCARD.test(document.querySelector("#composer [data-prompt]")?.value ?? "");
  verb.textContent = reviews ? reviewText : asks ? askText : generate;
  for (const [name, value] of [["formaction", button.dataset.reviewUrl], ["name", "x-do"], ["value", "review"]]) {
    if (reviews) button.setAttribute(name, value);
    else button.removeAttribute(name);
  }
  button.querySelector(".composer-price").hidden = reviews;
  if (above === undefined) return;
  button.classList.toggle("is-asking", asks);
  // Without scripts the hint is shown whatever the count, which nothing follows.
  document.getElementById("asks-hint").classList.toggle("without-script", !asks);
}

function show() {
  const price = document.querySelector("#composer [data-price]");
  const hint = document.querySelector("#composer [data-price-hints]");
  if (!price?.dataset.price || !field()) return;
  const chosen = kind(price.dataset.priceFields);
  const each = Number(JSON.parse(price.dataset.prices ?? "{}")[chosen] ?? price.dataset.price);
  const count = clamp(Number(field().value));
  price.textContent = `$${inLocale(each * count)}`;
  ask(each, count);
  const words = hint && JSON.parse(hint.dataset.priceHints || "{}")[chosen];
  if (words) hint.textContent = words;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  field().value = clamp(Number(field().value) + Number(button.dataset.step));
  show();
  document.dispatchEvent(new CustomEvent("site:changed"));
});

document.addEventListener("input", (event) => {
  if (event.target.matches("#count, #composer [type=radio], #composer [data-prompt]")) show();
});
document.addEventListener("htmx:oobAfterSwap", show);
show();
