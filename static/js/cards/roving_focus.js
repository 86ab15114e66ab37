// The feed is one stop of the Tab key: the card last looked at, with its own buttons. Arrows lead to the card that
// lies there, Home and End to the first and the last. Cards that are loaded or swapped later take part.

// Cards of a prompt that was not sent have no link to be reached by.
const CONTROLS = "#feed .card:not([data-refused]) :is(a, button, input, summary)";
const SWAPPED_WITHIN = 300; // milliseconds
let current = location.hash.startsWith("#g-") ? location.hash.slice(1) : "";
let lost;

const links = () => [...document.querySelectorAll("#feed a.card-open")];
const cardOf = (node) => node?.closest?.("#feed .card");

function reach(card, reachable) {
  for (const control of card.querySelectorAll("a, button, input, summary")) control.tabIndex = reachable ? 0 : -1;
}

function makeCurrent(card) {
  if (current !== card.id) {
    const before = document.getElementById(current);
    if (before) reach(before, false);
  }
  current = card.id;
  reach(card, true);
}

// Whatever came new is out of the way; the current card keeps its place, or the first card has it.
function settle() {
  for (const control of document.querySelectorAll(CONTROLS)) {
    if (!control.hasAttribute("tabindex")) control.tabIndex = -1;
  }
  const card = cardOf(document.getElementById(current)) ?? cardOf(links()[0]);
  if (card) makeCurrent(card);
}

function beside(from, key) {
  const all = links();
  const forward = getComputedStyle(from).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key === "ArrowLeft" || key === "ArrowRight") return all[all.indexOf(from) + (key === forward ? 1 : -1)];
  const here = from.getBoundingClientRect();
  const middle = (box) => box.left + box.width / 2;
  const away = (box) => Math.abs(middle(box) - middle(here));
  const down = key === "ArrowDown";
  const others = all.map((link) => [link, link.getBoundingClientRect()])
    .filter(([, box]) => (down ? box.top > here.bottom - 4 : box.bottom < here.top + 4));
  // The nearest row is the one whose edge is nearest; cards of one row differ by less than a pixel or two.
  const edge = down ? Math.min(...others.map(([, box]) => box.top)) : Math.max(...others.map(([, box]) => box.bottom));
  const row = others.filter(([, box]) => Math.abs((down ? box.top : box.bottom) - edge) < here.height / 2);
  return row.sort(([, one], [, two]) => away(one) - away(two))[0]?.[0];
}

function listen() {
  document.addEventListener("focusin", (event) => {
    const card = cardOf(event.target);
    if (card) makeCurrent(card);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const entered = event.target.id === "feed"; // by the link that skips everything before the pictures
    const from = entered ? event.target : cardOf(event.target)?.querySelector("a.card-open");
    if (!from) return;
    const to = entered ? document.getElementById(current)?.querySelector("a.card-open") : beside(from, event.key);
    event.preventDefault();
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  });

  // A card that comes again while it has the focus keeps it.
  let timer;
  const remember = () => {
    lost = cardOf(document.activeElement)?.id ?? lost;
    clearTimeout(timer);
    timer = setTimeout(() => { lost = undefined; }, SWAPPED_WITHIN);
  };
  const restore = () => {
    settle();
    if (lost && document.activeElement === document.body) {
      document.getElementById(lost)?.querySelector("a.card-open")?.focus({ preventScroll: true });
    }
  };
  for (const name of ["htmx:oobBeforeSwap", "htmx:beforeSwap"]) document.addEventListener(name, remember);
  for (const name of ["htmx:oobAfterSwap", "htmx:afterSettle", "htmx:load"]) document.addEventListener(name, restore);
  settle();
  // Back from the page of a picture: its address names the card.
  const named = document.getElementById(current);
  if (location.hash.slice(1) === current) named?.querySelector("a.card-open")?.focus({ preventScroll: true });
}

listen();
