// What went wrong with a request in the background, as a sentence of the page (base.html). The prompt stays in its form.

const sentence = (name) => document.getElementById("toasts").getAttribute(`data-${name}-text`);

const say = (text) => document.dispatchEvent(new CustomEvent("site:message", { detail: { text, stays: true } }));
const isPoll = (event) => event.detail.elt.getAttribute?.("hx-trigger")?.startsWith("every");

// One missed poll is nothing; several in a row are worth a sentence.
const PATIENCE = 5;
let missed = 0;

function miss() {
  missed += 1;
  if (missed === PATIENCE) say(sentence("missed"));
}

document.addEventListener("htmx:responseError", (event) => {
  if (isPoll(event)) {
    miss();
    return;
  }
  const { status } = event.detail.xhr;
  // A limit of ours says in its answer when it goes on; a proxy's answer is a page.
  if (status === 429 && event.detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/plain")) {
    say(event.detail.xhr.responseText);
    return;
  }
  const id = event.detail.xhr.getResponseHeader("X-Request-ID");
  const which = sentence("request").replace("{id}", id?.slice(0, 12));
  say((sentence(status) ?? sentence("broken")) + (id && status >= 500 ? ` ${which}` : ""));
});

// A refused order comes back as its form. With the same status a proxy sends a page of its own, which is not for swapping.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (![402, 409, 429].includes(event.detail.xhr.status) || event.detail.serverResponse.includes('id="composer"')) return;
  event.detail.shouldSwap = false;
  event.detail.isError = true;
});

document.addEventListener("htmx:sendError", (event) => {
  if (isPoll(event)) miss();
  else say(sentence("offline"));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) missed = 0;
});

// A poller that was replaced while it asked: its answer would be looked up in a tree that is no longer the page.
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  const unlessGone = (event) => {
    if (event.target === elt && !elt.isConnected) event.preventDefault();
  };
  elt.addEventListener("htmx:beforeOnLoad", unlessGone, { once: true });
});

// A session that has ended answers with the sign-in page: go there rather than swap it in.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const url = new URL(event.detail.xhr.responseURL || location.href);
  if (!url.pathname.startsWith("/login/")) return;
  event.preventDefault();
  location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
});
