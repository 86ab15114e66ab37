// The prompt: grows with its text, counts near the limit, is sent once per click, shows where it was refused.

const GROWS_ITSELF = CSS.supports("field-sizing", "content");
const NEAR = 0.9;

function grow(prompt) {
  if (GROWS_ITSELF) return;
  prompt.style.height = "auto";
  prompt.style.height = `${prompt.scrollHeight}px`;
}

function count(prompt) {
  const max = Number(prompt.dataset.max);
  const counter = prompt.parentElement.querySelector("[data-counter]");
  if (!max || !counter) return;
  // The server counts code points, and so does spreading a string.
  const length = [...prompt.value].length;
  counter.hidden = length < max * NEAR;
  counter.classList.toggle("is-over", length > max);
  const written = (number) => number.toLocaleString(document.documentElement.lang);
  counter.textContent = counter.dataset.text.replace("{count}", written(length)).replace("{maximum}", written(max));
}

function refresh() {
  const prompt = document.querySelector("[data-prompt]");
  if (!prompt) return;
  grow(prompt);
  count(prompt);
}

for (const name of ["input", "focusin"]) {
  document.addEventListener(name, (event) => {
    if (event.target.matches("[data-prompt]")) refresh();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  const form = event.target.closest?.("#composer");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-send]"));
});

// A button with an address of its own leads to another page, as it does without scripts: htmx must not submit it.
document.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formaction") && event.target.id === "composer") event.stopPropagation();
}, true);

// The second click of a double click is not a second request.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("[data-send]")) event.preventDefault();
}, true);

document.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  const prompt = document.querySelector("[data-prompt]");
  if (!example || !prompt) return;
  prompt.value = example.dataset.example;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
});

// A form that was taken, or has another prompt now, is no remix any more.
const forgetSource = (form) => form.querySelector("[name=x-remix-of]")?.remove();
document.addEventListener("site:restored", (event) => {
  if (event.target.id === "composer" && !event.detail?.keepsPrompt) forgetSource(event.target);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form.id !== "composer" || event.detail.xhr.status !== 200) return;
  forgetSource(form);
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id !== "composer") return;
  refresh();
  const field = document.querySelector("#composer [aria-invalid]");
  if (field) field.focus();
  else if (document.querySelector("#composer-errors p")) {
    scrollTo({ top: 0 });
    document.getElementById("composer-errors").scrollIntoView({ block: "nearest" });
  }
});

const key = document.querySelector(".composer-keys kbd");
if (key && /Mac|iP/.test(navigator.platform)) key.textContent = "⌘";

refresh();
