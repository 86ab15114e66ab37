// The bar becomes slim once the composer has left the screen: with a search button, and the prompt, which opens the
// composer where the page is. Without this script the plain bar stays.

const bar = document.querySelector(".topbar");
const docked = document.getElementById("docked-template");
const above = document.querySelector(".composer-slot") ?? document.getElementById("filters");

function follow() {
  const text = bar.querySelector("[data-docked-text]");
  if (!text || !bar.classList.contains("is-slim")) return;
  const prompt = document.querySelector("[data-prompt]");
  if (prompt) text.textContent = prompt.value.trim() || text.dataset.emptyText;
  const price = document.querySelector("#composer [data-price]")?.textContent.trim();
  const place = bar.querySelector("[data-docked-price]");
  if (price && place) place.textContent = `· ${price}`;
}

if (bar && docked && above) {
  bar.querySelector(".nav").after(docked.content.cloneNode(true));
  new IntersectionObserver((entries) => {
    const entry = entries.at(-1); // a busy browser reports several at once, the oldest first
    const away = !entry.isIntersecting && entry.boundingClientRect.top < innerHeight / 2;
    bar.classList.toggle("is-slim", away);
    document.body.classList.toggle("is-scrolled", away);
    follow();
  }, { rootMargin: "-48px 0px 0px" }).observe(above);

  for (const name of ["input", "site:restored", "site:changed", "htmx:oobAfterSwap"]) document.addEventListener(name, follow);

  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-docked-prompt]")) {
      document.querySelector("[data-prompt]")?.focus({ preventScroll: true });
    } else if (event.target.closest("[data-docked-search]")) {
      scrollTo({ top: 0 });
      document.getElementById("filters")?.classList.add("is-searching");
      document.getElementById("search")?.focus();
    }
  });
}
