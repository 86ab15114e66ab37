// Copy buttons. Over plain http the clipboard API is missing: a selected field and the old command do it there.

const SHOWN_FOR = 1600;

function copyOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  // Beside an open dialog nothing can be selected.
  ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("copy");
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
  try {
    await copy(button.dataset.copy);
    confirmOn(button);
  } catch {
    const { failedText } = document.getElementById("announcements").dataset;
    document.dispatchEvent(new CustomEvent("site:message", { detail: { text: failedText } }));
  }
});

// What is chosen in a menu has no button that could say so.
document.addEventListener("site:copy", ({ detail: { text, said, failed } }) => copy(text).then(said, failed));
