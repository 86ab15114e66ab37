// What is typed survives a reload and an ended session: for its user and in its tab alone. It goes when it was sent,
// when its user signs out, and when somebody else signs in.

const PREFIX = "draft:";
// In localStorage, which all tabs share: whose pages this browser shows, and when that ended last.
const USER = "user";
const ENDED = "signed-out";
const UNTYPED = new Set(["hidden", "password", "submit", "button", "file"]);
const { user } = document.body.dataset;
const opened = Date.now();
let left = false;

function attempt(step) {
  try {
    return step();
  } catch {
    return null; // storage can be switched off, full, or hold something older
  }
}

const endedAt = () => Number(attempt(() => localStorage.getItem(ENDED)) ?? 0);
const keyOf = (name) => `${PREFIX}${user}:${name}`;
const nameOf = (form) => form.dataset.draft;
const read = (key) => attempt(() => JSON.parse(sessionStorage.getItem(key)));
const store = (key, draft) => attempt(() => sessionStorage.setItem(key, JSON.stringify(draft)));
const remove = (key) => attempt(() => sessionStorage.removeItem(key));
const isSignIn = (pathname) => pathname.startsWith("/login/");
const keysOf = (storage) => attempt(() => Object.keys(storage).filter((key) => key.startsWith(PREFIX))) ?? [];

function end() {
  attempt(() => localStorage.removeItem(USER));
  attempt(() => localStorage.setItem(ENDED, String(Date.now())));
}

// Pages of somebody who is signed out, or is somebody else by now, stay open in no tab.
function leave() {
  left = true; // a field that loses the focus on the way out would write its text again
  attempt(() => sessionStorage.clear());
  if (user) location.replace("/login/");
}

function noteUser() {
  if (document.querySelector("[data-signed-out]")) {
    end();
    attempt(() => sessionStorage.clear());
    history.replaceState(history.state, "", location.pathname); // a reload later is not a second sign-out
  }
  if (!user) return;
  const before = attempt(() => localStorage.getItem(USER));
  if (before && before !== user) end();
  attempt(() => localStorage.setItem(USER, user));
}

// A form was taken when its answer leads on to a page that is not the sign-in; what was refused is filled in there by the
// server. After an error page people go back, and the text is still here. People may leave the page that followed before
// this module ran on it: they come from there then, and neither from the form nor from an answer at the form's action.
function isTaken({ sent, action }) {
  const { referrer } = document;
  if (!user || !sent || !referrer || performance.getEntriesByType("navigation")[0]?.type !== "navigate") return false;
  if (referrer === sent) return true;
  const { origin, pathname } = new URL(referrer);
  return origin === location.origin && !isSignIn(pathname) && pathname !== action;
}

function tidy() {
  for (const key of keysOf(localStorage)) attempt(() => localStorage.removeItem(key)); // where drafts were kept once
  for (const key of keysOf(sessionStorage)) {
    const draft = read(key);
    const stale = !draft || !(draft.at > endedAt()) || (user && !key.startsWith(keyOf("")));
    if (stale || isTaken(draft)) remove(key);
    else if (draft.sent) store(key, { ...draft, sent: undefined });
  }
}

const typed = (form) => [...form.elements].filter((field) => field.name && !UNTYPED.has(field.type) && !field.disabled);
const isBox = (field) => field.type === "radio" || field.type === "checkbox";

function write(form) {
  if (!user || left) return;
  const fields = {};
  for (const field of typed(form)) {
    fields[field.name] ??= [];
    if (!isBox(field) || field.checked) fields[field.name].push(field.value);
  }
  store(keyOf(nameOf(form)), { at: Date.now(), fields });
}

function isChanged(field) {
  if (isBox(field)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const first = [...field.options].find((one) => one.defaultSelected) ?? field.options[0];
  return field.value !== first?.value;
}

function restore(form, { fields }, except = new Set()) {
  // What the address asks for stands above the draft.
  const given = new URLSearchParams(location.search).has("collection") && form.id === "composer" ? "collection" : "";
  for (const field of typed(form)) {
    const values = fields[field.name];
    if (!values || field.name === given || except.has(field.name)) continue;
    if (isBox(field)) field.checked = values.includes(field.value);
    else if (field.options && ![...field.options].some((one) => one.value === values[0])) continue; // deleted since
    else field.value = values[0];
  }
  form.dispatchEvent(new CustomEvent("site:restored", { bubbles: true }));
  for (const field of form.querySelectorAll("[data-prompt], #count")) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function begin(form) {
  const draft = read(keyOf(nameOf(form)));
  const back = form.querySelector("[data-draft-back]");
  if ("filled" in form.dataset) write(form); // newer than the draft
  else if (draft && !("recalled" in form.dataset)) {
    // People may have typed before this module ran, and that is newer.
    restore(form, draft, new Set(typed(form).filter(isChanged).map((field) => field.name)));
  }
  if (!back || !draft) return;
  back.hidden = !draft.fields.prompt?.[0];
  back.addEventListener("click", () => {
    restore(form, draft);
    back.hidden = true;
  });
}

const isEnded = (xhr) => isSignIn(new URL(xhr.responseURL || location.href).pathname);

noteUser();
tidy();
const forms = document.querySelectorAll("form[data-draft]");
if (user) forms.forEach(begin);
// The panel of a picture comes again with each picture, and its comment begins where it was left.
document.addEventListener("lightbox:panel", () => {
  if (user) document.querySelectorAll("#lightbox form[data-draft]").forEach(begin);
});

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.form;
    if (event.isTrusted && form?.matches("[data-draft]")) write(form);
  });
}
document.addEventListener("site:changed", () => {
  const form = document.getElementById("composer");
  if (form) write(form);
});

// htmx sends the composer and says how it went; another form's answer is the page that comes next. This module
// comes last: other listeners change the form once it was taken, and that is no new draft.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (elt.id === "composer" && xhr.status === 200 && !isEnded(xhr)) remove(keyOf(nameOf(elt)));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-draft]")) return;
  const sent = location.href.split("#")[0];
  const action = form.getAttribute("action");
  write(form);
  const key = keyOf(nameOf(form));
  store(key, { ...read(key), sent, action });
  // What was taken over from another form goes with it.
  const from = form.dataset.draftFrom && keyOf(form.dataset.draftFrom);
  const draft = from && read(from);
  const ordered = event.submitter?.value === "order";
  const same = draft?.fields.prompt?.[0] === read(key).fields.prompt?.[0];
  if (draft && ordered && same) store(from, { ...draft, sent, action });
});

addEventListener("storage", (event) => {
  if (event.key === ENDED) leave();
});
// A page that the browser put aside hears nothing.
addEventListener("pageshow", (event) => {
  if (event.persisted && endedAt() > opened) leave();
});
