// ↑ at the start of the prompt opens the user's own prompts; ↑ and ↓ go through them, Enter takes one.

const panel = () => document.getElementById("composer-history");
const search = () => panel().querySelector("[type=search]");
const stops = () => [search(), ...panel().querySelectorAll(".prompt-row")];

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !panel()) return;
  const { target, key } = event;
  if (key === "ArrowUp" && target.matches("[data-prompt]") && !target.selectionStart && !target.selectionEnd) {
    panel().open = true;
    search().focus();
  } else if (panel().contains(target) && (key === "ArrowDown" || key === "ArrowUp")) {
    const all = stops();
    all[all.indexOf(target) + (key === "ArrowDown" ? 1 : -1)]?.focus();
  } else if (key === "Enter" && target === search()) {
    panel().querySelector(".prompt-row")?.click();
  } else return;
  event.preventDefault();
});
