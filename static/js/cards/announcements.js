// Pictures that arrive are announced once per batch, and the title counts my pictures that are still in progress.

const QUIET = 2500;
const PENDING = ".card:is(.is-waiting, .is-drawing, .is-downloading, .is-saving)";
const title = document.title;
let ready = 0;
let lost = 0;
let timer;

const pending = () => Number(document.getElementById("queue-badge")?.dataset.mine ?? 0);

function showTitle() {
  document.title = pending() ? `(${pending()}) ${title}` : title;
}

function announce() {
  const { readyText, lostText, leftText } = document.getElementById("live")?.dataset ?? {};
  const left = document.querySelectorAll(PENDING).length;
  const parts = [[readyText, ready], [lostText, lost], [leftText, left]].filter(([text, count]) => text && count);
  document.getElementById("announcements").textContent =
    parts.map(([text, count]) => text.replace("{count}", count)).join(" ");
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
