// The pictures before and after the one that is shown, as small ones in a row; a click goes there. The row is one stop for
// Tab, at the picture that is shown; the arrows lead on from it.

const box = document.getElementById("lightbox");
const strip = box?.querySelector("[data-strip]");
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
// How many there are on each side: more than a wide screen shows.
const REACH = 24;
let pictures = [];

function thumbOf(picture) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  button.type = "button";
  button.className = "lightbox-thumb";
  button.dataset.picture = picture.key;
  button.setAttribute("aria-label", picture.alt);
  button.style.setProperty("--r", Math.min(1.5, Math.max(0.56, picture.width / picture.height)));
  image.src = picture.small;
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  button.append(image);
  return button;
}

function fill({ picture, list, index }) {
  pictures = list.slice(Math.max(0, index - REACH), index + REACH + 1);
  const known = new Map([...strip.children].map((button) => [button.dataset.picture, button]));
  const wanted = pictures.map((one) => known.get(one.key) ?? thumbOf(one));
  const same = wanted.length === strip.children.length && wanted.every((button, n) => button === strip.children[n]);
  const focused = strip.contains(document.activeElement);
  if (!same) strip.replaceChildren(...wanted);
  for (const button of wanted) {
    const here = button.dataset.picture === picture.key;
    button.tabIndex = here ? 0 : -1;
    if (here) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    if (here && focused) button.focus({ preventScroll: true });
  }
  return same;
}

function centre(smooth) {
  const button = strip.querySelector("[aria-current]");
  if (!button) return;
  const left = button.offsetLeft - strip.offsetLeft + button.offsetWidth / 2 - strip.clientWidth / 2;
  strip.scrollTo({ left, behavior: smooth && !reducedMotion.matches ? "smooth" : "instant" });
}

if (box) {
  for (const name of ["lightbox:show", "lightbox:list"]) {
    box.addEventListener(name, ({ detail }) => centre(fill(detail)));
  }
  box.addEventListener("lightbox:hide", () => strip.replaceChildren());
  new ResizeObserver(() => centre(false)).observe(strip);
  strip.addEventListener("click", (event) => {
    const key = event.target.closest(".lightbox-thumb")?.dataset.picture;
    const picture = pictures.find((one) => one.key === key);
    if (picture) box.dispatchEvent(new CustomEvent("lightbox:go", { detail: picture }));
  });
}
