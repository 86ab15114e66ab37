// A picture that is on the screen is reported to the server once, for "Recently viewed": asking for a page writes nothing.

let sent = false;

function report() {
  const address = document.querySelector("[data-record-view]")?.dataset.recordView;
  const token = document.querySelector("#act [name=csrfmiddlewaretoken]");
  if (sent || !address || !token || document.visibilityState !== "visible") return;
  const form = new FormData();
  form.set(token.name, token.value);
  sent = navigator.sendBeacon(address, form);
}

document.addEventListener("visibilitychange", report);
document.addEventListener("htmx:afterSettle", report); // the picture came while its page was open
report();
