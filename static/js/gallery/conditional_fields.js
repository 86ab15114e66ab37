// A parameter that does not apply is hidden (the server ignores it anyway); a slider and its number say the same.

function valueOf(form, name) {
  return new FormData(form).get(name);
}

function refresh() {
  const form = document.getElementById("composer");
  if (!form) return;
  for (const field of form.querySelectorAll("[data-visible-if]")) {
    const conditions = Object.entries(JSON.parse(field.dataset.visibleIf));
    field.hidden = !conditions.every(([name, allowed]) => allowed.map(String).includes(valueOf(form, name)));
  }
  for (const slider of form.querySelectorAll("[data-slider]")) {
    slider.value = document.getElementById(slider.dataset.slider).value;
  }
}

document.addEventListener("input", (event) => {
  const number = document.getElementById(event.target.dataset?.slider);
  if (number) number.value = event.target.value;
  if (event.target.closest("#composer")) refresh();
});
document.addEventListener("site:restored", refresh);
document.addEventListener("htmx:oobAfterSwap", refresh);
refresh();
