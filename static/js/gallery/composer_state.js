// At rest the composer is one line. It opens over the page for whoever turns to the prompt, and closes by Esc, by a press
// or a focus elsewhere, and once its pictures are on their way: it would cover them. The prompt keeps the focus then, and
// opens it again with the next letter.

const phone = matchMedia("(width < 720px)");
const composer = () => document.getElementById("composer");
const prompt = () => composer()?.querySelector("[data-prompt]");
const isOpen = () => composer()?.classList.contains("is-open");

function close() {
  if (!isOpen()) return;
  for (const panel of composer().querySelectorAll("details[open]")) panel.open = false;
  composer().classList.remove("is-open");
}

function open() {
  composer().classList.add("is-open");
}

function turnTo() {
  open();
  prompt().focus({ preventScroll: phone.matches });
}

document.addEventListener("focusin", (event) => {
  const form = composer();
  if (!form) return;
  if (event.target.matches("[data-prompt]")) open();
  else if (!form.contains(event.target)) close();
});

document.addEventListener("pointerdown", (event) => {
  if (!composer()?.contains(event.target)) close();
  else if (event.target.matches("#composer [data-prompt]")) open();
});

document.addEventListener("input", (event) => {
  if (event.isTrusted && event.target.matches("#composer [data-prompt]")) open();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !isOpen()) return;
  event.preventDefault();
  document.activeElement.blur();
  close();
});

// At rest a phone shows no price, and an empty prompt is nothing to send: the button opens the composer instead.
document.addEventListener("click", (event) => {
  const form = composer();
  if (form && event.target.closest("[data-composer-open]")) turnTo();
  else if (event.target.closest("[data-panel-done]")) event.target.closest("details").open = false;
  else if (event.target.closest("#composer [data-send]") && !isOpen() && (phone.matches || !prompt().value.trim())) {
    event.preventDefault();
    turnTo();
  } else if (event.target.closest(".nav-create") && form) {
    event.preventDefault();
    scrollTo({ top: 0 });
    turnTo();
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id !== "composer" || event.detail.xhr.status !== 200) return;
  if (phone.matches) document.activeElement.blur();
  close();
});

// The keyboard of a phone lies over what is fixed to the bottom. On <html>: htmx copies a style of what it replaces, which
// the policy refuses.
visualViewport?.addEventListener("resize", () => {
  const covered = Math.max(0, innerHeight - visualViewport.height - visualViewport.offsetTop);
  document.documentElement.style.setProperty("--keyboard", `${Math.round(covered)}px`);
});

if (composer() && location.hash === "#composer") turnTo();
else if (prompt() && document.activeElement === prompt()) open();
