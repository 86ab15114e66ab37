// What went wrong with a request in the background, as a sentence. The prompt stays in its form.

const SENTENCES = {
  400: "That could not be read. Nothing was changed.",
  403: "You may not do that, or the page stood open too long. Reload it and try again.",
  404: "That is not there any more.",
  413: "That is too large. Nothing was stored.",
  429: "Too many at once. Wait a minute, then try again; nothing was spent.",
  503: "The site is out for a moment. Nothing was lost; try again in a minute.",
};
const BROKEN = "Something broke on our side. Nothing was lost; try again.";

const say = (text) => document.dispatchEvent(new CustomEvent("site:message", { detail: { text, stays: true } }));
const isPoll = (event) => event.detail.elt.getAttribute?.("hx-trigger")?.startsWith("every");

// One missed poll is nothing; several in a row are worth a sentence.
const PATIENCE = 5;
let missed = 0;

function miss() {
  missed += 1;
  if (missed === PATIENCE) say("The site has not answered for a while. Pictures go on being made; this page tries on.");
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
  say((SENTENCES[status] ?? BROKEN) + (id && status >= 500 ? ` Request ${id.slice(0, 12)}.` : ""));
});

// A refused order comes back as its form. With the same status a proxy sends a page of its own, which is not for swapping.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (![402, 409, 429].includes(event.detail.xhr.status) || event.detail.serverResponse.includes('id="composer"')) return;
  event.detail.shouldSwap = false;
  event.detail.isError = true;
});

document.addEventListener("htmx:sendError", (event) => {
  if (isPoll(event)) miss();
  else say("No connection to the site. Nothing was sent; what you wrote is still here.");
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
