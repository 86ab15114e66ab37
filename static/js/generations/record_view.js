// A picture that is on the screen is reported to the server once, for "Recently viewed": asking for a page writes nothing.

const sent = new Set();

function report() {
  const over = document.querySelector("#lightbox[open] [data-record-view]");
  const address = (over ?? document.querySelector("[data-record-view]"))?.dataset.recordView;
  const token = document.querySelector("#act [name=csrfmiddlewaretoken]");
  if (sent.has(address) || !address || !token || document.visibilityState !== "visible") return;
  const form = new FormData();
  form.set(token.name, token.value);
  if (navigator.sendBeacon(address, form)) sent.add(address);
}

document.addEventListener("visibilitychange", report);
document.addEventListener("htmx:afterSettle", report); // the picture came while its page was open
document.addEventListener("lightbox:panel", report);
report();
