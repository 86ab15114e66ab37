// Single keys press what carries data-key. Off while someone types, with a modifier, under an open dialog, and for
// good in the list of keys itself (WCAG 2.1.4).

const STORED = "single-keys";
const typing = "input:not([type=checkbox]), textarea, select, [contenteditable]";

function enabled() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true; // without storage there is nothing that could say no
  }
}

// What the modules of other single keys read.
function publish() {
  document.documentElement.dataset.singleKeys = enabled() ? "on" : "off";
}

function open(dialog) {
  if (!dialog) return;
  dialog.querySelector("[data-keys-switch]").checked = enabled();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const over = [...document.querySelectorAll("dialog[open]")];
  const lightbox = over.find((dialog) => dialog.id === "lightbox");
  if (event.target.closest?.(typing) || over.length > (lightbox ? 1 : 0)) return;
  if (document.fullscreenElement && !lightbox) return;
  if (event.key.length === 1 && !enabled()) return;
  const key = event.key === "=" ? "+" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const controls = [...(lightbox ?? document).querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const control = controls.find((one) => !one.closest("[inert]") && (lightbox || !one.closest("dialog")));
  const detail = document.getElementById("detail");
  if (key === "i" && detail && !lightbox) detail.classList.toggle("is-bare");
  else if (control) control.click();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) open(document.getElementById(opener.dataset.open));
  else if (event.target.matches("dialog:not(.lightbox, .card-menu)")) event.target.close(); // the backdrop
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  try {
    localStorage.setItem(STORED, event.target.checked ? "on" : "off");
  } catch {
    // without storage there is no such choice
  }
  publish();
});
addEventListener("storage", publish);
publish();
