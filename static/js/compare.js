// One picture over the other: the range says where the second one begins. Without scripts they stand side by side.

const stage = document.querySelector("[data-compare]");
const range = stage.querySelector("[data-compare-range]");

function divide() {
  stage.style.setProperty("--at", `${range.value}%`);
  range.setAttribute("aria-valuetext", `${range.value} % of A, ${100 - range.value} % of B`);
}

function show() {
  const mode = document.querySelector("[data-compare-mode]:checked").value;
  stage.classList.toggle("is-slider", mode === "slider");
}

range.addEventListener("input", divide);
for (const choice of document.querySelectorAll("[data-compare-mode]")) choice.addEventListener("change", show);
divide();
show();
