// A card that ends in another shape, as a square for what failed, takes its cell along: the row is laid out by cells.

const shape = (element) => [...element.classList].find((name) => /^r\d+$/.test(name));

function follow() {
  for (const card of document.querySelectorAll("#feed .cell > .card")) {
    const cell = card.parentElement;
    const [has, wants] = [shape(cell), shape(card)];
    if (has && wants && has !== wants) cell.classList.replace(has, wants);
  }
}

document.addEventListener("htmx:oobAfterSwap", follow);
document.addEventListener("htmx:afterSettle", follow);
