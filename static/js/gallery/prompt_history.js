// ↑ at the start of the prompt opens the user's own prompts; ↑ and ↓ go through them, Enter takes one: the first that is
// found, once the list has followed what was typed.

const panel = () => document.getElementById("composer-history");
const search = () => panel().querySelector("[type=search]");
const stops = () => [search(), ...panel().querySelectorAll(".prompt-row")];

let listed = ""; // what the list was searched for
let awaited; // what Enter was pressed for, before the list had followed

const takeFirst = () => panel().querySelector(".prompt-row")?.click();

document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (target.id !== "prompts") return;
  listed = detail.requestConfig?.parameters.q ?? "";
  if (awaited === listed) takeFirst();
  if (search().value === listed) awaited = undefined;
});

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
    if (target.value === listed) takeFirst();
    else awaited = target.value;
  } else return;
  event.preventDefault();
});
