// The picture alone on the screen.

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-fullscreen]")) return;
  if (document.fullscreenElement) document.exitFullscreen();
  else document.getElementById("frame").requestFullscreen?.();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "f" && document.fullscreenElement && !event.defaultPrevented) document.exitFullscreen();
});
