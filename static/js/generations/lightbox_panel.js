// What the page of a picture says about it, beside the picture; and the actions of the bar, which are those of the panel:
// a link takes over its address, a button presses the other one.

const box = document.getElementById("lightbox");
const panel = box?.querySelector("[data-panel]");
const content = box?.querySelector("[data-content]");
const more = box?.querySelector("[data-rest]");
const info = box?.querySelector(".lightbox-info");
const area = box?.querySelector("[data-area]");
const slots = [...box?.querySelectorAll("[data-slot]") ?? []];
const toasts = document.getElementById("toasts");
let card;
// On the page of one picture its own panel is taken out meanwhile: the same ids would stand twice in the document.
let own;

function takeOwnOut() {
  const panelOfPage = document.querySelector("#detail > #panel");
  if (own || !panelOfPage) return;
  own = { node: panelOfPage, parent: panelOfPage.parentNode, next: panelOfPage.nextSibling };
  panelOfPage.remove();
}

function putOwnBack() {
  if (own?.parent.isConnected) own.parent.insertBefore(own.node, own.next);
  own = undefined;
}

function empty() {
  content.replaceChildren();
  more.replaceChildren();
  for (const slot of slots) slot.hidden = true;
}

function mirror() {
  for (const slot of slots) {
    const control = panel.querySelector(`[data-action=${slot.dataset.slot}]`);
    slot.hidden = !control;
    if (control?.href) slot.href = control.getAttribute("href");
    const pressed = control?.getAttribute("aria-pressed");
    if (!pressed) continue;
    slot.setAttribute("aria-pressed", pressed);
    // The card behind shows the same.
    card?.querySelector("[formaction$='/favourite']")?.setAttribute("aria-pressed", pressed);
  }
}

// The dots stand in the bar while the panel is closed as well; its ids stand once in a page.
function prepare() {
  const menu = panel.querySelector(".panel-more");
  if (menu) more.replaceChildren(menu);
  const keys = menu?.querySelector("[data-open=keys]");
  if (keys) keys.hidden = !document.getElementById("keys");
  for (const list of panel.querySelectorAll("datalist")) {
    if (document.querySelectorAll(`#${list.id}`).length > 1) list.remove();
  }
  // Sent in the background, so that the picture stays where it is.
  for (const form of panel.querySelectorAll("#comments form")) form.setAttribute("hx-post", form.getAttribute("action"));
  for (const link of panel.querySelectorAll("#comments p > a")) link.setAttribute("hx-get", link.getAttribute("href"));
  mirror();
}

function fill({ detail: { page, picture } }) {
  const found = page.getElementById("panel");
  if (!found) return;
  card = document.getElementById(`g-${picture.key.split("/")[2]}`);
  content.replaceChildren(document.adoptNode(found));
  panel.scrollTop = 0;
  prepare();
  window.htmx.process(content);
  window.htmx.process(more);
  document.dispatchEvent(new Event("lightbox:panel"));
}

// What was changed in the panel or by sharing is seen on the card behind as well.
function renewCard(id) {
  const link = document.getElementById(`g-${id}`)?.querySelector("a.card-open"); // looked up: the card may have come again
  if (!link) return;
  const url = new URL(link.href);
  url.searchParams.set("ids", id);
  url.searchParams.set("alone", "");
  window.htmx.ajax("GET", box.dataset.pollUrl + url.search, { source: box, swap: "none" });
}

// What is hidden or inert loses the focus, and the keys with it.
function keepFocus(...parts) {
  if (parts.some((part) => part.contains(document.activeElement))) box.focus();
}

function toggle(open = panel.hidden) {
  if (!open && panel.contains(document.activeElement)) info.focus();
  panel.hidden = !open;
  info.setAttribute("aria-expanded", String(open));
  box.classList.toggle("has-info", open);
  box.dispatchEvent(new Event("lightbox:layout"));
}

if (box) {
  box.addEventListener("lightbox:page", fill);
  // What would stand there is about the picture before.
  box.addEventListener("lightbox:failed", ({ detail: { status } }) => {
    const text = status ? `data-${status}-text` : "data-offline-text";
    const said = toasts.getAttribute(text) ?? toasts.getAttribute("data-broken-text");
    document.dispatchEvent(new CustomEvent("site:message", { detail: { text: said } }));
    box.classList.remove("is-reading");
    empty();
  });
  box.addEventListener("lightbox:info", ({ detail }) => toggle(detail));
  // Of another picture these would do the wrong thing.
  box.addEventListener("lightbox:show", () => {
    card = null;
    takeOwnOut();
    if (!area.contains(toasts)) document.dispatchEvent(new CustomEvent("live-regions:take", { detail: { into: area } }));
    box.classList.add("is-reading");
    keepFocus(content, more);
    content.inert = true;
    more.inert = true;
    more.querySelector("details")?.removeAttribute("open");
  });
  box.addEventListener("lightbox:page", () => {
    box.classList.remove("is-reading");
    content.inert = false;
    more.inert = false;
  });
  box.addEventListener("lightbox:hide", () => {
    document.dispatchEvent(new Event("live-regions:return"));
    empty();
    putOwnBack();
  });
  // Before htmx reads what has come; and a comment that was taken does not stay in its field.
  box.addEventListener("htmx:beforeProcessNode", ({ target }) => {
    if (target.id === "panel") prepare();
  });
  box.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, shouldSwap } }) => {
    const form = requestConfig?.elt;
    if (!shouldSwap || !form?.matches("#comments form")) return;
    form.reset();
    form.querySelector("textarea")?.dispatchEvent(new Event("input", { bubbles: true })); // nor in its draft
  });
  document.addEventListener("htmx:afterRequest", () => setTimeout(mirror)); // a star that was pressed
  content.addEventListener("htmx:beforeRequest", ({ detail: { requestConfig, xhr } }) => {
    if (requestConfig.verb === "post") xhr.addEventListener("loadend", () => xhr.status < 400 && card && renewCard(card.id.slice(2)));
  });
  document.addEventListener("card:renew", ({ detail: { id } }) => renewCard(id));
  box.addEventListener("click", (event) => {
    const slot = event.target.closest("button[data-slot]");
    if (box.classList.contains("is-reading") && event.target.closest("[data-slot]")) event.preventDefault();
    else if (slot) panel.querySelector(`[data-action=${slot.dataset.slot}]`)?.click();
    else if (event.target.closest("[data-do=info]")) toggle();
  });
}
