// One of our pictures that is dropped on the composer fills it: a file by what it is, a card by its address.

const composer = () => document.getElementById("composer");
const say = (text) => document.dispatchEvent(new CustomEvent("site:message", { detail: { text, stays: false } }));
const address = /^\/g\/([0-9a-f-]{36})\//;

function idOf(transfer) {
  const text = transfer.getData("text/uri-list").split("\n")[0];
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.origin === location.origin ? address.exec(url.pathname)?.[1] : undefined;
}

function take(answer) {
  const { model } = composer().elements["x-model"]?.dataset ?? {};
  if (model && model !== answer.model) {
    location.assign(answer.url);
    return;
  }
  document.dispatchEvent(new CustomEvent("site:fill", { detail: answer.values }));
  composer().querySelector("[data-prompt]").focus();
}

async function ask(fields) {
  const form = composer();
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  try {
    const response = await fetch(form.dataset.dropUrl, { method: "POST", body, headers });
    if (response.status === 429) {
      say(await response.text());
      return;
    }
    const answer = await response.json();
    if (answer.values) take(answer);
    say(answer.sentence);
  } catch {
    say(form.dataset.dropFailedText);
  }
}

const brings = (transfer) => transfer.types.includes("Files") || transfer.types.includes("text/uri-list");

document.addEventListener("dragover", (event) => {
  const over = Boolean(event.target.closest?.("#composer")) && brings(event.dataTransfer);
  composer()?.classList.toggle("is-over", over);
  if (!over) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});
const leave = () => composer()?.classList.remove("is-over");
document.addEventListener("dragend", leave);
document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget ?? leave()); // out of the window
document.addEventListener("drop", (event) => {
  composer()?.classList.remove("is-over");
  if (!event.target.closest?.("#composer") || !brings(event.dataTransfer)) return;
  event.preventDefault();
  const generation = idOf(event.dataTransfer);
  const [file] = event.dataTransfer.files;
  if (generation) ask({ generation });
  else if (file) ask({ file });
  else say(composer().dataset.dropForeignText);
});
