// While the page scrolls, the day of the pictures at its top stands beside the timeline. Arrows move between months. A
// drag along the timeline, or of that day on a phone, goes through the days: pictures that are loaded come into sight at
// once; those of another month are loaded when it ends.

const QUIET = 900;
const SLOP = 4; // pixels that a press may move and still be a click
const timeline = () => document.getElementById("timeline");
let timer;
let asked = false;
let dragStart;

const label = () => timeline()?.querySelector("[data-timeline-day]");

function show() {
  asked = false;
  const shown = label();
  const days = [...document.querySelectorAll("#feed .day time")];
  if (!shown || !days.length || dragStart?.moved) return;
  const day = days.filter((one) => one.getBoundingClientRect().top < 120).at(-1);
  shown.hidden = !day || scrollY < 200;
  if (shown.hidden) return;
  shown.textContent = day.textContent.trim();
  for (const month of months()) {
    if (day.dateTime.startsWith(month.dataset.month)) month.setAttribute("aria-current", "true");
    else month.removeAttribute("aria-current");
  }
  const part = scrollY / Math.max(1, document.documentElement.scrollHeight - innerHeight);
  shown.style.top = `${part * 92}%`;
  hideSoon();
}

function hideSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => { if (label() && !dragStart) label().hidden = true; }, QUIET);
}

const months = () => [...timeline().querySelectorAll("a")];

// One stop for the Tab key; without scripts each month is one.
function rove(to) {
  for (const month of months()) month.tabIndex = month === to ? 0 : -1;
}

// The day that lies under the pointer, between a month's label (its last day) and the next one's, as "2026-11-17".
function dayAt(month, next, y) {
  const [year, number] = month.dataset.month.split("-").map(Number);
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const top = month.getBoundingClientRect().top;
  const height = next ? next.getBoundingClientRect().top - top : month.offsetHeight;
  const part = Math.min(0.999, Math.max(0, (y - top) / Math.max(1, height)));
  return `${month.dataset.month}-${String(days - Math.floor(part * days)).padStart(2, "0")}`;
}

// The first pictures of that day, or of the nearest one before it that is loaded, in the same month.
function loaded(month, day = `${month.dataset.month}-31`) {
  const times = [...document.querySelectorAll(`#feed .day time[datetime^="${month.dataset.month}"]`)];
  return times.find((time) => time.dateTime <= day) ?? times.at(-1);
}

function press(event) {
  if (event.button || !event.target.closest?.("#timeline")) return;
  dragStart = { y: event.clientY, moved: false };
}

function drag(event) {
  if (!dragStart || (!dragStart.moved && Math.abs(event.clientY - dragStart.y) < SLOP)) return;
  if (!dragStart.moved) timeline().setPointerCapture(event.pointerId);
  dragStart.moved = true;
  timeline().classList.add("is-dragged");
  const all = months();
  const month = all.findLast((one) => one.getBoundingClientRect().top <= event.clientY) ?? all[0];
  const box = timeline().getBoundingClientRect();
  label().hidden = false;
  label().style.top = `${Math.min(box.height - 28, Math.max(0, event.clientY - box.top - 14))}px`;
  const day = loaded(month, dayAt(month, all[all.indexOf(month) + 1], event.clientY));
  if (dragStart.month === month && dragStart.day === day) return;
  Object.assign(dragStart, { month, day });
  label().textContent = day?.textContent.trim() ?? month.getAttribute("aria-label");
  day?.closest(".cell").scrollIntoView({ block: "start" });
}

function release(event) {
  const { month } = dragStart ?? {};
  dragStart = undefined;
  timeline()?.classList.remove("is-dragged");
  hideSoon();
  if (month && event.type === "pointerup" && !loaded(month)) location.assign(month.href);
}

if (timeline()) {
  document.addEventListener("pointerdown", press);
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", release);
  document.addEventListener("pointercancel", release);
  document.addEventListener("dragstart", (event) => {
    if (dragStart) event.preventDefault();
  });
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
