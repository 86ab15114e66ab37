// What a bar says stands beside the chart's heading while it is pointed at; with keys ← and → go through the days.

function places(box) {
  return [...box.querySelectorAll("[data-detail]")];
}

function say(box, place) {
  const said = box.closest("section").querySelector("[data-chart-readout]");
  for (const one of places(box)) one.classList.toggle("is-selected", one === place);
  said.textContent = place ? place.dataset.detail : said.dataset.usual;
}

function step(box, by) {
  const all = places(box);
  const before = all.findIndex((one) => one.classList.contains("is-selected"));
  const next = before < 0 ? (by < 0 ? all.length - 1 : 0) : Math.min(all.length - 1, Math.max(0, before + by));
  say(box, all[next]);
}

function open(box) {
  const address = box.querySelector(".is-selected")?.getAttribute("href");
  if (address) location.assign(address);
}

for (const box of document.querySelectorAll("[data-chart]")) {
  // The bars' own titles would lie over what is said here.
  for (const title of box.querySelectorAll("title")) title.remove();
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", box.dataset.chartLabel);
  box.closest("section").querySelector("[data-chart-readout]").setAttribute("aria-live", "polite");
  box.addEventListener("pointerover", (event) => say(box, event.target.closest("[data-detail]")));
  box.addEventListener("pointerleave", () => say(box, null));
  box.addEventListener("blur", () => say(box, null));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(box, -1);
    else if (event.key === "ArrowRight") step(box, 1);
    else if (event.key === "Enter") open(box);
    else return;
    event.preventDefault();
  });
}

// On a narrow screen the chosen tab may lie beyond the edge.
const chosen = document.querySelector(".tabs [aria-current]");
if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft - chosen.parentElement.clientWidth / 2;
