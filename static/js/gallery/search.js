// The search field: results come while somebody types, and a suggestion adds a filter without leaving the field. Escape
// leaves it; choices that say nothing stay out of the address.

const search = () => document.querySelector("form.search");
const field = () => document.getElementById("search");
let suggested = false;
let leaving;
const LINGER = 250; // milliseconds

// Suggestions stand in the place of the menus while somebody searches, and a moment longer: a press on a picture would
// meet another one if the row changed under it, and Tab leads from the field to the first of them.
document.addEventListener("focusin", ({ target }) => {
  if (!target.closest?.("#search-form, .suggestions")) return;
  clearTimeout(leaving);
  document.getElementById("filters").classList.add("is-suggesting");
});
document.addEventListener("focusout", ({ target }) => {
  if (!target.closest?.("#search-form, .suggestions")) return;
  leaving = setTimeout(() => {
    if (document.activeElement?.closest("#search-form, .suggestions")) return;
    document.getElementById("filters")?.classList.remove("is-suggesting");
  }, LINGER);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !search()?.contains(document.activeElement)) return;
  const card = document.querySelector("#feed .card-open[tabindex='0']");
  if (card) card.focus();
  else document.activeElement.blur();
  document.getElementById("filters").classList.remove("is-searching");
  event.preventDefault();
});

// The field keeps the focus, and with it the buttons beside it their places, while one is pressed.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".suggestions button, .save-search button")) event.preventDefault();
});

// The button stands outside of the form, where htmx does not hear of it: its filter goes along as a hidden field, in the
// place of one that is set already.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".suggestions button");
  if (!button) return;
  event.preventDefault();
  const chosen = document.getElementById("chosen-filters");
  for (const before of chosen.querySelectorAll(`[name="${button.name}"]`)) before.remove();
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
  chosen.append(hidden);
  suggested = true;
  search().requestSubmit();
});

document.addEventListener("formdata", (event) => {
  if (event.target !== search()) return;
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "feed" && search()?.contains(document.activeElement)) {
    document.getElementById("announcements").textContent = document.getElementById("found")?.textContent.trim() ?? "";
  }
  if (suggested) field()?.focus();
  suggested = false;
});
