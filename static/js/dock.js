// The composer shrinks to a line once the page is scrolled. Its place keeps its height, so nothing below moves.
// Turning to it (pointer, keys, typing) opens it where it is; scrolling on closes it again.

const dock = document.querySelector("[data-dock]");

function opens(event) {
  if (dock.classList.contains("is-stuck") && (event.type !== "focusin" || !dock.contains(event.relatedTarget))) {
    dock.classList.add("is-open");
  }
}

function closes(event) {
  if (!dock.contains(event.target)) dock.classList.remove("is-open");
}

if (dock) {
  const above = document.createElement("div");
  dock.before(above);
  new IntersectionObserver(([entry]) => {
    const stuck = !entry.isIntersecting && entry.boundingClientRect.top < 0;
    dock.style.height = stuck ? `${dock.offsetHeight}px` : "";
    dock.classList.toggle("is-stuck", stuck);
    dock.classList.remove("is-open");
  }, { rootMargin: "40px 0px 0px" }).observe(above);
  for (const name of ["pointerdown", "input", "focusin"]) dock.addEventListener(name, opens);
  for (const name of ["wheel", "touchmove", "pointerdown", "focusin"]) {
    document.addEventListener(name, closes, { passive: true });
  }
}
