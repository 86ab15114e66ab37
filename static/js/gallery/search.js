// The search box: Escape closes what it opened, and choices that say nothing stay out of the address.

const search = () => document.querySelector("form.search");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !search()?.contains(document.activeElement)) return;
  document.activeElement.blur();
  event.preventDefault();
});

document.addEventListener("formdata", (event) => {
  if (event.target !== search()) return;
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
