// The picture alone on the screen: of its own page, or the lightbox.

const area = document.querySelector("#lightbox [data-area]");
const button = area?.querySelector("[data-do=fullscreen]");

function toggle(element) {
  if (document.fullscreenElement) document.exitFullscreen();
  else element?.requestFullscreen?.();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-fullscreen]")) toggle(document.getElementById("frame"));
  else if (event.target.closest("[data-do=fullscreen]")) toggle(area);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "f" && document.fullscreenElement && !event.defaultPrevented) document.exitFullscreen();
});

document.addEventListener("fullscreenchange", () => {
  button?.setAttribute("aria-pressed", String(document.fullscreenElement === area));
});
