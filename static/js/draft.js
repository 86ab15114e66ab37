// What is in the composer survives a reload, per team. Only writing something else replaces it.

const form = () => document.getElementById("composer");
const key = () => `draft:${form()?.dataset.draft}`;
const SKIPPED = new Set(["csrfmiddlewaretoken", "client_key"]);
// What the address asks for stands above the draft.
const given = new Set(new URLSearchParams(location.search).has("collection") ? ["collection"] : []);

function read() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? null;
  } catch {
    return null; // storage can be switched off, or hold something older
  }
}

function write() {
  const entries = [...new FormData(form())].filter(([name]) => !SKIPPED.has(name));
  try {
    localStorage.setItem(key(), JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // no storage, no draft
  }
}

function restore(draft) {
  for (const [name, value] of Object.entries(draft)) {
    if (given.has(name)) continue;
    for (const field of form().querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else if (field.options && ![...field.options].some((one) => one.value === value)) continue; // deleted since
      else if (field.type !== "hidden") field.value = value;
    }
  }
  form().dispatchEvent(new CustomEvent("site:restored", { bubbles: true }));
  for (const name of ["[data-prompt]", "#count"]) {
    form().querySelector(name)?.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

if (form()) {
  const draft = read();
  const back = form().querySelector("[data-draft-back]");
  if ("recalled" in form().dataset) {
    if (back) back.hidden = !draft?.prompt;
  } else if ("filled" in form().dataset) {
    write(); // it was the composer's before it was the sweep's, and is newer
  } else if (draft) restore(draft);
  back?.addEventListener("click", () => {
    restore(draft);
    back.hidden = true;
  });
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (event.isTrusted && event.target.closest("#composer")) write();
    });
  }
  document.addEventListener("site:changed", write);
}
