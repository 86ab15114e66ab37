// The composer shrinks to a line once the page is scrolled. Its place keeps its height, so nothing below moves.
// Turning to it (pointer, keys, typing) opens it where it is; scrolling on closes it again.

const composer = document.querySelector("[data-sticky]");

function opens(event) {
  if (composer.classList.contains("is-stuck") && (event.type !== "focusin" || !composer.contains(event.relatedTarget))) {
    composer.classList.add("is-open");
  }
}

function closes(event) {
  if (!composer.contains(event.target)) composer.classList.remove("is-open");
}

if (composer) {
  const above = document.createElement("div");
  composer.before(above);
  new IntersectionObserver(([entry]) => {
    const stuck = !entry.isIntersecting && entry.boundingClientRect.top < 0;
    composer.style.height = stuck ? `${composer.offsetHeight}px` : "";
    composer.classList.toggle("is-stuck", stuck);
    composer.classList.remove("is-open");
  }, { rootMargin: "40px 0px 0px" }).observe(above);
  for (const name of ["pointerdown", "input", "focusin"]) composer.addEventListener(name, opens);
  for (const name of ["wheel", "touchmove", "pointerdown", "focusin"]) {
    document.addEventListener(name, closes, { passive: true });
  }
}
