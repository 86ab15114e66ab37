// How many, and what they cost together: the sum stands on the button. Each kind costs what it has cost lately, a kind
// without a history the list price.

const field = () => document.getElementById("count");

function clamp(value) {
  const { min, max } = field();
  return Math.min(Number(max), Math.max(Number(min), Math.trunc(value) || 1));
}

function each({ price, prices, priceFields }) {
  const chosen = (priceFields ?? "").split(" ").map((name) =>
    document.querySelector(`#composer [name="${CSS.escape(name)}"]:checked`)?.value);
  return Number(JSON.parse(prices ?? "{}")[chosen.join("|")] ?? price);
}

function show() {
  const price = document.querySelector("#composer [data-price]");
  if (!price?.dataset.price || !field()) return;
  const sum = each(price.dataset) * clamp(Number(field().value));
  price.textContent = `≈ $${sum.toFixed(3)}`;
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
