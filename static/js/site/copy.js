// Copy buttons. Over plain http the clipboard API is missing: a selected field and the old command do it there.

const SHOWN_FOR = 1600;

function copyOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

async function copy(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyOldWay(text);
}

function confirmOn(button) {
  const words = button.querySelector("span") ?? (button.children.length ? null : button);
  const announcements = document.getElementById("announcements");
  const { copiedText } = announcements.dataset;
  announcements.textContent = copiedText;
  button.classList.add("is-copied");
  const before = words?.textContent;
  if (words) words.textContent = copiedText;
  setTimeout(() => {
    button.classList.remove("is-copied");
    if (words) words.textContent = before;
    announcements.textContent = "";
  }, SHOWN_FOR);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || button.classList.contains("is-copied")) return;
  await copy(button.dataset.copy);
  confirmOn(button);
});

// What is chosen in a menu has no button that could say so.
document.addEventListener("site:copy", ({ detail: { text, said, failed } }) => copy(text).then(said, failed));
