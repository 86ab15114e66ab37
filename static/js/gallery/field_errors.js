// An error goes when its field is edited, those of the whole form when anything is, and all of them once it was taken.

function clear(field) {
  for (const error of field.querySelectorAll(".field-error")) error.textContent = "";
  for (const control of field.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function edited({ target }) {
  const form = target.closest?.("#composer");
  const field = form && target.closest(".field");
  if (!field) return;
  clear(field);
  form.querySelector("#composer-errors").replaceChildren();
}

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    if (event.isTrusted) edited(event); // a restored draft edits nothing
  });
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-step], [data-seed-dice]");
  if (button) edited({ target: button });
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form.id !== "composer" || event.detail.xhr.status !== 200) return;
  clear(form);
  form.querySelector("#composer-errors").replaceChildren();
});
