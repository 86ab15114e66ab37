// ← and → replace the address, so one Back leaves the pictures; their thumbnails are fetched before anyone asks.

function returnOrFollow(link) {
  const entries = window.navigation?.entries?.() ?? [];
  const before = entries[(window.navigation?.currentEntry?.index ?? 0) - 1];
  const gallery = new URL(link.href).pathname;
  // Whoever went on to other pictures wants to land at the last one, not where the first was opened.
  const paged = document.referrer && new URL(document.referrer).pathname.startsWith("/g/");
  // The entry before is the gallery as it was left: go back to it rather than load it anew.
  if (!paged && before && new URL(before.url).pathname === gallery) history.back();
  else location.assign(link.href);
}

document.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const link = event.target.closest?.("a[data-replace], a[data-back]");
  if (!link) return;
  event.preventDefault();
  if ("replace" in link.dataset) location.replace(link.href);
  else returnOrFollow(link);
});

addEventListener("load", () => {
  for (const link of document.querySelectorAll("[data-prefetch]")) new Image().src = link.dataset.prefetch;
});
