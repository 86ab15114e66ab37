// A tick more or less in the table of a sweep: its sum and its button follow.

const plan = () => document.getElementById("plan");

// Prices have ten places; whole numbers of the last one add up exactly.
const units = (text) => Math.round(Number(text) * 1e10);

function show() {
  const ticked = [...plan().querySelectorAll("[name=x-take]:checked")];
  const sum = ticked.reduce((total, box) => total + units(box.dataset.price), 0) / 1e10;
  const many = `${ticked.length} picture${ticked.length === 1 ? "" : "s"}`;
  for (const place of plan().querySelectorAll("[data-plan-many]")) place.textContent = many;
  for (const place of plan().querySelectorAll("[data-plan-price]")) place.textContent = `≈ $${sum.toFixed(3)}`;
  plan().querySelector("[data-plan-total]").value = sum.toFixed(10);
  plan().querySelector("[data-plan-order]").disabled = ticked.length === 0;
  const { above } = plan().dataset;
  const asks = above !== "" && sum > Number(above);
  plan().querySelector("[data-plan-verb]").textContent = asks ? "Ask for" : "Order";
  plan().querySelector("[data-plan-asks]")?.toggleAttribute("hidden", !asks);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[name=x-take]")) return;
  event.target.closest("tr").classList.toggle("is-excluded", !event.target.checked);
  show();
});

plan()?.focus({ preventScroll: true });
plan()?.scrollIntoView({ block: "start" });
