// The slideshow of a collection by link: each picture stays for some seconds, and the first one follows the last. The
// bar of the lightbox has its button and the caption of the picture.

const box = document.getElementById("lightbox");
const button = box?.querySelector("[data-do=play]");
const caption = box?.querySelector("[data-caption]");
const download = box?.querySelector("[data-slot=download]");
const SECONDS = 5;
let shown;
let timer;

const isPlaying = () => button.getAttribute("aria-pressed") === "true";

function next() {
  const { list, index } = shown;
  box.dispatchEvent(new CustomEvent("lightbox:go", { detail: list[(index + 1) % list.length] }));
}

function play(on) {
  button.setAttribute("aria-pressed", String(on));
  clearTimeout(timer);
  if (on) timer = setTimeout(next, SECONDS * 1000);
}

function show({ detail }) {
  shown = detail;
  caption.textContent = document.getElementById(`g-${detail.picture.key.split("/").at(-2)}`).dataset.caption;
  if (download) download.href = detail.picture.key + "image";
  play(isPlaying());
}

if (box) {
  box.addEventListener("lightbox:show", show);
  box.addEventListener("lightbox:hide", () => play(false));
  button.addEventListener("click", () => play(!isPlaying()));
  document.querySelector("[data-slideshow]")?.addEventListener("click", () => {
    document.querySelector("article.card.is-done > a.card-open").click();
    play(true);
  });
}
