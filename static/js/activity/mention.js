// Behind an @ the people who see the picture are suggested; the page lists them also for whoever has no scripts.

const MOST = 6;
let field, box, start, chosen;

const rows = () => [...(box?.children ?? [])];

function close() {
  box?.remove();
  box = undefined;
  field?.removeAttribute("aria-controls");
  field?.removeAttribute("aria-activedescendant");
}

function choose(number) {
  chosen = (number + rows().length) % rows().length;
  rows().forEach((row, place) => row.setAttribute("aria-selected", place === chosen));
  field.setAttribute("aria-activedescendant", rows()[chosen].id);
  rows()[chosen].scrollIntoView({ block: "nearest" });
}

function take(row) {
  field.setRangeText(`@${row.dataset.take} `, start, field.selectionStart, "end");
  close();
  field.focus();
}

function row(person, number) {
  const made = document.createElement("div");
  made.className = "mention";
  made.id = `mention-${number}`;
  made.dataset.take = person.handle;
  made.setAttribute("role", "option");
  const name = document.createElement("b");
  name.dir = "auto";
  name.textContent = person.name;
  const handle = document.createElement("span");
  handle.className = "muted";
  handle.textContent = `@${person.handle}`;
  made.append(name, handle);
  return made;
}

function show(found) {
  box = document.createElement("div");
  box.className = "mentions";
  box.id = "mentions";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", document.querySelector(".comment-people")?.dataset.label ?? "");
  box.append(...found.slice(0, MOST).map(row));
  field.after(box);
  field.setAttribute("aria-controls", "mentions");
  choose(0);
}

// As the site compares names (generations/folding.py), without the rarer letters.
function fold(text) {
  const plain = text.normalize("NFKC").toLowerCase().replaceAll("ß", "ss").normalize("NFD");
  return plain.replace(/[\u0300-\u036f]/gu, "").normalize("NFC");
}

function suggest() {
  close();
  const before = field.value.slice(0, field.selectionStart);
  const word = before.match(/(?:^|[^\p{L}\p{M}\p{N}_@.+-])@([\p{L}\p{M}\p{N}_.+-]*)$/u);
  if (!word) return;
  start = before.length - word[1].length - 1;
  const typed = fold(word[1]);
  const fits = (one) => [one.handle, ...one.name.split(" ")].some((part) => fold(part).startsWith(typed));
  // Looked up each time: the lightbox goes from picture to picture.
  const people = [...document.querySelectorAll("[data-handle]")].map((one) => ({ ...one.dataset }));
  const found = people.filter(fits);
  if (found.length) show(found);
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-mention]")) return;
  field = event.target;
  suggest();
});

document.addEventListener("keydown", (event) => {
  if (!box || event.target !== field) return;
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter" || event.key === "Tab") take(rows()[chosen]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-mention]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// Before the field loses the focus, which would close the list under the pointer.
document.addEventListener("pointerdown", (event) => {
  const target = event.target.closest(".mention");
  if (!target) return;
  event.preventDefault();
  take(target);
});

document.addEventListener("focusout", (event) => {
  if (event.target === field) close();
});
