// Pictures that arrive are announced once per batch, and the title counts what is still being made for me.

const QUIET = 2500;
const PENDING = ".card:is(.is-waiting, .is-drawing, .is-downloading, .is-saving)";
const title = document.title;
let ready = 0;
let lost = 0;
let timer;

const pending = () => Number(document.getElementById("queue-badge")?.dataset.mine ?? 0);
const counted = (number) => (number === 1 ? "1 picture" : `${number} pictures`);

function showTitle() {
  document.title = pending() ? `(${pending()}) ${title}` : title;
}

function announce() {
  const left = document.querySelectorAll(PENDING).length;
  const parts = [
    ready && `${counted(ready)} ready`,
    lost && `${counted(lost)} could not be made`,
    left && `${counted(left)} still being made`,
  ].filter(Boolean);
  document.getElementById("announcements").textContent = `${parts.join(", ")}.`;
  ready = 0;
  lost = 0;
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const fresh = event.detail.fragment?.querySelector?.(".card");
  if (!fresh || !event.detail.target.matches?.(PENDING) || fresh.matches(PENDING)) return;
  if (fresh.matches(".is-done")) ready += 1;
  else if (fresh.matches(".is-failed, .is-unknown")) lost += 1;
  else return;
  clearTimeout(timer);
  timer = setTimeout(announce, QUIET);
});
// Elsewhere the number of pending pictures is not kept up to date.
if (document.querySelector("#live, #queue")) {
  document.addEventListener("htmx:load", showTitle);
  document.addEventListener("htmx:oobAfterSwap", showTitle);
  showTitle();
}
