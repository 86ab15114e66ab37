// What carries the values of a form fills the composer without a reload: an earlier prompt, a preset, a picture that was
// dropped. Its link does the same with one, and is followed where the values are those of another model.

const composer = () => document.getElementById("composer");

function set(field, value) {
  if (field instanceof RadioNodeList) {
    for (const one of field) {
      if (one.type === "checkbox") one.checked = value.toLowerCase() === "true";
      else if (one.type === "radio") one.checked = one.value === value;
    }
  } else if (field.dataset.seed) field.value = value === "-1" ? "" : value;
  else field.value = value;
}

function fill(values) {
  const form = composer();
  const keepsPrompt = !((form.querySelector("[data-prompt]")?.name ?? "") in values);
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (field) set(field, String(value));
  }
  form.dispatchEvent(new CustomEvent("site:restored", { bubbles: true, detail: { keepsPrompt } }));
  for (const field of form.querySelectorAll("[data-prompt], #count, [data-ratio]:checked")) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.dispatchEvent(new CustomEvent("site:changed"));
}

document.addEventListener("site:fill", (event) => fill(event.detail));

document.addEventListener("click", (event) => {
  const link = event.target.closest("#composer [data-values]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const { model } = composer().elements["x-model"]?.dataset ?? {};
  if (model && model !== link.dataset.model) return;
  event.preventDefault();
  const values = JSON.parse(link.dataset.values);
  const seed = composer().querySelector("[data-seed]");
  // An earlier prompt is generated with a new seed, as its link would do.
  if (seed && link.matches(".prompt-row")) values[seed.name] ??= "-1";
  fill(values);
  const panel = link.closest("details");
  if (panel) panel.open = false;
  const prompt = composer().querySelector("[data-prompt]");
  prompt.focus();
  prompt.setSelectionRange(prompt.value.length, prompt.value.length);
});
