// One picture over the other: the range says where the second one begins. Without scripts they stand side by side.

const viewer = document.querySelector("[data-compare]");
const range = viewer?.querySelector("[data-compare-range]");

function divide() {
  viewer.style.setProperty("--at", `${range.value}%`);
  const text = range.dataset.valueText.replace("{a}", range.value).replace("{b}", 100 - range.value);
  range.setAttribute("aria-valuetext", text);
}

function show() {
  const mode = document.querySelector("[data-compare-mode]:checked").value;
  viewer.classList.toggle("is-slider", mode === "slider");
}

if (viewer) {
  range.addEventListener("input", divide);
  for (const choice of document.querySelectorAll("[data-compare-mode]")) choice.addEventListener("change", show);
  divide();
  show();
}
