// The key / leads to the search of the page. Off while someone types, and with the other single keys.

const typing = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

function enabled() {
  try {
    return localStorage.getItem("single-keys") !== "off";
  } catch {
    return true;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !enabled()) return;
  if (event.target.closest?.(typing) || document.querySelector("dialog[open]")) return;
  const fields = [...document.querySelectorAll("#search, input[type=search]")];
  const field = fields.find((one) => one.checkVisibility?.() ?? one.offsetParent !== null);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
