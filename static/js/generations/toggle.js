// A button that is on or off and changes nothing else on the page: it shows the new state once the server took it.

document.addEventListener("htmx:afterRequest", (event) => {
  const button = event.target;
  if (!button.matches?.("[data-toggle]") || !event.detail.successful) return;
  sessionStorage.setItem("changed", "1"); // a gallery that comes back from the history shows the old state
  button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
});
