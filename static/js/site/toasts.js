// Messages go after a while, but never while someone reads them with the pointer or the focus on them.

const SHOWN_FOR = 9000;
const box = document.getElementById("toasts");

function leave(toast) {
  toast.classList.add("is-leaving");
  setTimeout(() => toast.remove(), 300);
}

function start(toast) {
  if ("stays" in toast.dataset) return;
  let timer;
  const stop = () => clearTimeout(timer);
  const wait = () => {
    stop();
    timer = setTimeout(() => leave(toast), SHOWN_FOR);
  };
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, wait);
  wait();
}

function show(text, stays = false) {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.querySelector(".toast-text").textContent = text;
  if (stays) toast.dataset.stays = "";
  // The same sentence twice is one message.
  for (const old of box.children) if (old.querySelector(".toast-text").textContent === text) old.remove();
  box.append(toast);
}

new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) start(node);
  }
}).observe(box, { childList: true });

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close-toast]");
  if (button) leave(button.closest("[data-toast]"));
});

document.addEventListener("site:message", (event) => show(event.detail.text, event.detail.stays));

// Behind a modal dialog messages and announcements would be inert: a dialog takes them along while it is open.
const regions = [box, document.getElementById("announcements")];
const places = [];
document.addEventListener("live-regions:take", ({ detail: { into } }) => {
  places.push(regions.map((region) => [region, region.parentNode, region.nextSibling]).reverse());
  into.append(...regions);
});
document.addEventListener("live-regions:return", () => {
  for (const [region, parent, next] of places.pop() ?? []) parent.insertBefore(region, next);
});

// A live region speaks what is put into it later, not what it was born with.
setTimeout(() => box.append(...box.children), 200);
