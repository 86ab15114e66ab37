// A picture that is on the screen is told to the server once, for "Recently viewed": asking for a page writes nothing.

let told = false;

function tell() {
  const address = document.querySelector("[data-seen]")?.dataset.seen;
  const token = document.querySelector("#act [name=csrfmiddlewaretoken]");
  if (told || !address || !token || document.visibilityState !== "visible") return;
  const form = new FormData();
  form.set(token.name, token.value);
  told = navigator.sendBeacon(address, form);
}

document.addEventListener("visibilitychange", tell);
document.addEventListener("htmx:afterSettle", tell); // the picture came while its page was open
tell();
