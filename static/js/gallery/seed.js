// The dice draws a seed into its field; the lock keeps it. An unlocked seed is emptied once it has been used.

const lock = () => document.querySelector("[data-seed-lock]");
const seed = () => document.querySelector("[data-seed]");
const locked = () => lock()?.getAttribute("aria-pressed") === "true";
const setLock = (value) => lock()?.setAttribute("aria-pressed", String(value));

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-seed-dice]")) {
    const [random] = crypto.getRandomValues(new Uint32Array(1));
    seed().value = 1 + (random % Math.min(Number(seed().dataset.seed), 2 ** 31 - 1));
    document.dispatchEvent(new CustomEvent("site:changed"));
  } else if (event.target.closest("[data-seed-lock]")) setLock(!locked());
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id !== "composer" || event.detail.xhr.status !== 200 || locked() || !seed()) return;
  seed().value = "";
  document.dispatchEvent(new CustomEvent("site:changed"));
});

// A seed that came with the page (remix, draft) was chosen: keep it until someone opens the lock.
const keepGiven = () => setLock(Boolean(seed()?.value));
document.addEventListener("site:restored", keepGiven);
keepGiven();
