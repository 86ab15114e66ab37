// The key / leads to the search of the page. Off while someone types, and with the other single keys.

const typing = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

// Switched in the list of keys, by generations/keyboard.js.
const areKeysOn = () => document.documentElement.dataset.singleKeys !== "off";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !areKeysOn()) return;
  if (event.target.closest?.(typing) || document.querySelector("dialog[open]")) return;
  const fields = [...document.querySelectorAll("#search, input[type=search]")];
  const field = fields.find((one) => one.checkVisibility?.() ?? one.offsetParent !== null);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
