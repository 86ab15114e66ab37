// Menus are <details>: they open without scripts. With scripts they also close by a click elsewhere and by Esc, and one
// that begins with a field takes what is typed next. Opened by a key the focus stays: the next Tab leads there.

const open = () => [...document.querySelectorAll("details.menu[open]")];

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("click", (event) => {
  const menu = event.detail && event.target.closest?.("summary")?.parentElement;
  if (!menu || !menu.matches("details.menu")) return;
  const first = menu.querySelector(".menu-panel :is(input:not([type=hidden]), textarea, select, button, a)");
  if (first?.matches("input.input")) menu.addEventListener("toggle", () => menu.open && first.focus(), { once: true });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = open().at(-1);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
  event.stopPropagation();
}, true);
