// Seconds on what is being drawn. The server's clock counts: its Date header tells how far ours is off.

let skew = 0;

function tick() {
  for (const place of document.querySelectorAll("[data-started]")) {
    const seconds = Math.max(0, Math.round((Date.now() + skew - Date.parse(place.dataset.started)) / 1000));
    const usual = Number(place.dataset.usual);
    const clock = place.querySelector("[data-clock]");
    if (clock) clock.textContent = ` · ${seconds} s`;
    const bar = place.querySelector("progress");
    if (!bar || !usual) continue;
    if (seconds <= usual) bar.value = seconds;
    else bar.removeAttribute("value"); // later than usual: nobody knows, so it stops measuring
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const date = Date.parse(event.detail.xhr.getResponseHeader("Date") ?? "");
  // Half a second, since the header is cut to whole ones.
  if (!Number.isNaN(date)) skew = date + 500 - Date.now();
});
document.addEventListener("htmx:load", tick);
setInterval(tick, 1000);
tick();
