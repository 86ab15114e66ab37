// Sharing over the page one is on: links with data-share and the event share:open open the share panel as a dialog.
// With or without the dialog, a link that was just created is copied, and its options are saved when they change.

const PAUSE = 300; // milliseconds, so that arrows through the choices send the last one only
let dialog;
let opener;
let address;
let changed;
let timer;

function create() {
  dialog = document.createElement("dialog");
  dialog.className = "share-dialog";
  dialog.setAttribute("aria-labelledby", "share-title");
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // its keys are not those of the page behind
  dialog.addEventListener("close", closed);
  document.body.append(dialog);
}

async function open(url, from) {
  if (!dialog) create();
  if (dialog.open) return;
  address = new URL(url, location);
  opener = from;
  changed = false;
  await window.htmx.ajax("GET", url, { source: dialog, target: dialog });
  if (!dialog.firstElementChild || dialog.open) return; // refused, and a message says why
  document.dispatchEvent(new CustomEvent("live-regions:take", { detail: { into: dialog } }));
  dialog.showModal();
  dialog.querySelector("#share-copy, .share-make")?.focus();
}

function closed() {
  const [, kind, id] = address.pathname.split("/");
  document.dispatchEvent(new Event("live-regions:return"));
  dialog.replaceChildren(); // the same ids may come again in a page
  if (changed && kind === "g") document.dispatchEvent(new CustomEvent("card:renew", { detail: { id } }));
  opener?.focus({ preventScroll: true });
}

const canWaitForText = Boolean(globalThis.ClipboardItem && navigator.clipboard?.write);

function copy(text) {
  // The permission of a press is soon over, so the clipboard is asked at once and given the address when there is one.
  if (canWaitForText) {
    const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  }
  return text.then((value) => new Promise((said, failed) => {
    document.dispatchEvent(new CustomEvent("site:copy", { detail: { text: value, said, failed } }));
  }));
}

// A live region that comes with its text says nothing, so the page's own one says it.
function announce() {
  const done = document.querySelector("#share .share-done span");
  if (done) document.getElementById("announcements").textContent = done.textContent;
}

async function copyWhenCreated(form) {
  const created = new Promise((resolve, reject) => {
    const answered = ({ detail: { requestConfig } }) => {
      if (requestConfig?.elt !== form) return;
      document.removeEventListener("htmx:afterRequest", answered);
      const field = document.querySelector("#share:has([data-created]) #share-link-url");
      if (field) resolve(field.value);
      else reject(new Error("refused"));
    };
    document.addEventListener("htmx:afterRequest", answered);
  });
  try {
    await copy(created);
    const said = document.querySelector("#share [data-created]");
    said.querySelector("span").textContent = said.dataset.copiedText;
    announce();
  } catch {
    // The button that copies has the focus.
  }
}

function saveSoon(form) {
  clearTimeout(timer);
  const { expires, until, password } = form.elements;
  const isProtected = form.elements.protected.checked;
  until.required = expires.value === "until";
  password.required = isProtected && !("kept" in password.dataset);
  password.disabled = !isProtected;
  const empty = [until, password].find((field) => field.required && !field.value);
  if (empty) empty.focus();
  else timer = setTimeout(() => form.isConnected && form.requestSubmit(), PAUSE);
}

document.addEventListener("click", (event) => {
  const native = event.target.closest?.("[data-share-native]");
  if (native) navigator.share({ url: native.dataset.shareNative }).catch(() => {}); // closed without sending
  if (event.target.closest?.("[data-close-share]")) dialog.close();
  const link = event.target.closest?.("a[data-share]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  event.preventDefault();
  open(link.getAttribute("href"), link);
});
document.addEventListener("share:open", ({ detail: { url, from } }) => open(url, from));
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-share-form=create]")) copyWhenCreated(event.target);
}, true);
document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-share-form=change]");
  if (form) saveSoon(form);
});
document.addEventListener("htmx:load", ({ target }) => {
  if (!target.matches("#share")) return;
  const button = target.querySelector("[data-share-native]");
  if (button && navigator.share && matchMedia("(hover: none)").matches) button.hidden = false;
  if (dialog?.open && dialog.contains(target)) changed = true; // it comes again after a post, or for a new link
  announce();
  if (target.querySelector("[data-created]")) target.querySelector("#share-copy").focus();
});
