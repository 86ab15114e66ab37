// How many, and what they cost together: the sum stands on the button, how it is known under it. Each kind costs what it
// has cost lately, a kind without a history the list price.

const field = () => document.getElementById("count");

function clamp(value) {
  const { min, max } = field();
  return Math.min(Number(max), Math.max(Number(min), Math.trunc(value) || 1));
}

function kind(priceFields) {
  const chosen = (priceFields ?? "").split(" ").map((name) =>
    document.querySelector(`#composer [name="${CSS.escape(name)}"]:checked`)?.value);
  return chosen.join("|");
}

function show() {
  const price = document.querySelector("#composer [data-price]");
  const hint = document.querySelector("#composer [data-price-hints]");
  if (!price?.dataset.price || !field()) return;
  const chosen = kind(price.dataset.priceFields);
  const each = Number(JSON.parse(price.dataset.prices ?? "{}")[chosen] ?? price.dataset.price);
  price.textContent = `≈ $${(each * clamp(Number(field().value))).toFixed(3)}`;
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
  if (event.target.id === "count" || event.target.matches("#composer [type=radio]")) show();
});
document.addEventListener("htmx:oobAfterSwap", show);
show();
