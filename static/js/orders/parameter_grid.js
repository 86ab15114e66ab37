// A tick more or less in the preview of a batch: its sum and its button follow.

const plan = () => document.getElementById("plan");

// Prices have ten places; whole numbers of the last one add up exactly.
const units = (text) => Math.round(Number(text) * 1e10);

function show() {
  const ticked = [...plan().querySelectorAll("[name=x-take]:checked")];
  const sum = ticked.reduce((total, box) => total + units(box.dataset.price), 0) / 1e10;
  const { above, counts, buttons, askText } = plan().dataset;
  const places = { minimumFractionDigits: 3, maximumFractionDigits: 3 };
  const price = `≈ $${sum.toLocaleString(document.documentElement.lang, places)}`;
  plan().querySelector("[data-plan-many]").textContent = JSON.parse(counts)[ticked.length];
  for (const place of plan().querySelectorAll("[data-plan-price]")) place.textContent = price;
  plan().querySelector("[data-plan-total]").value = sum.toFixed(10);
  plan().querySelector("[data-plan-order]").disabled = ticked.length === 0;
  const asks = above !== "" && sum > Number(above);
  plan().querySelector("[data-plan-verb]").textContent = asks ? askText : JSON.parse(buttons)[ticked.length];
  plan().querySelector("[data-plan-asks]")?.toggleAttribute("hidden", !asks);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[name=x-take]")) return;
  event.target.closest("tr").classList.toggle("is-excluded", !event.target.checked);
  show();
});

plan()?.focus({ preventScroll: true });
plan()?.scrollIntoView({ block: "start" });
