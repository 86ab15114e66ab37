// At rest the composer shows the chosen size as a shape and a ratio.

function show() {
  const chosen = document.querySelector("#composer [data-ratio]:checked");
  const shape = document.querySelector("[data-chosen-shape]");
  if (!chosen || !shape) return;
  shape.className = chosen.parentElement.querySelector(".shape").className;
  document.querySelector("[data-chosen-ratio]").textContent = chosen.dataset.ratio;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-ratio]")) show();
});
document.addEventListener("site:restored", show);
document.addEventListener("htmx:oobAfterSwap", show);
show();
