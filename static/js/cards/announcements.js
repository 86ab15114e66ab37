// Pictures that arrive are announced once per batch, and the title counts my pictures that are still in progress.

const QUIET = 2500;
const PENDING = ".card:is(.is-waiting, .is-drawing, .is-downloading, .is-saving)";
const title = document.title;
let ready = 0;
let lost = 0;
let own = { ready: 0, lost: 0 };
let timer;

const pending = () => Number(document.getElementById("queue-badge")?.dataset.mine ?? 0);

function showTitle() {
  document.title = pending() ? `(${pending()}) ${title}` : title;
}

const say = (parts) =>
  parts.filter(([text, count]) => text && count).map(([text, count]) => text.replace("{count}", count)).join(" ");

function announce() {
  const { readyText, lostText, leftText } = document.getElementById("live")?.dataset ?? {};
  const left = document.querySelectorAll(PENDING).length;
  document.getElementById("announcements").textContent = say([[readyText, ready], [lostText, lost], [leftText, left]]);
  // Of one's own pictures activity/ready_alerts.js makes more, if it was asked to.
  const detail = { title, text: say([[readyText, own.ready], [lostText, own.lost]]) };
  if (detail.text) document.dispatchEvent(new CustomEvent("pictures:finished", { detail }));
  ready = 0;
  lost = 0;
  own = { ready: 0, lost: 0 };
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const fresh = event.detail.fragment?.querySelector?.(".card");
  if (!fresh || !event.detail.target.matches?.(PENDING) || fresh.matches(PENDING)) return;
  const isOwn = Number("mine" in event.detail.target.dataset);
  if (fresh.matches(".is-done")) {
    ready += 1;
    own.ready += isOwn;
  } else if (fresh.matches(".is-failed, .is-unknown")) {
    lost += 1;
    own.lost += isOwn;
  } else return;
  clearTimeout(timer);
  timer = setTimeout(announce, QUIET);
});
// Elsewhere the number of pending pictures is not kept up to date.
if (document.querySelector("#live, #queue")) {
  document.addEventListener("htmx:load", showTitle);
  document.addEventListener("htmx:oobAfterSwap", showTitle);
  showTitle();
}
