// While the page scrolls, the day of the pictures at its top stands beside the timeline. Arrows move between months.

const QUIET = 900;
const timeline = () => document.getElementById("timeline");
let timer;
let asked = false;

function show() {
  asked = false;
  const label = timeline()?.querySelector("[data-timeline-day]");
  const days = [...document.querySelectorAll("#feed .day time")];
  if (!label || !days.length) return;
  const day = days.filter((one) => one.getBoundingClientRect().top < 120).at(-1);
  label.hidden = !day || scrollY < 200;
  if (label.hidden) return;
  label.textContent = day.textContent.trim();
  const part = scrollY / Math.max(1, document.documentElement.scrollHeight - innerHeight);
  label.style.top = `${part * 92}%`;
  clearTimeout(timer);
  timer = setTimeout(() => { label.hidden = true; }, QUIET);
}

const months = () => [...timeline().querySelectorAll("a")];

// One stop for the Tab key; without scripts each month is one.
function rove(to) {
  for (const month of months()) month.tabIndex = month === to ? 0 : -1;
}

if (timeline()) {
  document.addEventListener("scroll", () => {
    if (!asked) requestAnimationFrame(show);
    asked = true;
  }, { passive: true });

  document.addEventListener("keydown", (event) => {
    const here = event.target.closest?.("#timeline a");
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6, Home: -Infinity, End: Infinity }[event.key];
    if (!here || !step) return;
    const all = months();
    const to = all[Math.min(all.length - 1, Math.max(0, all.indexOf(here) + step))];
    event.preventDefault();
    rove(to);
    to.focus();
  });
  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target.id === "timeline") rove(months()[0]);
  });
  rove(months()[0]);
}
