// Opening a card first writes the address of its own page into the history: Back, even after a reload or in a
// browser that dropped the page, returns to the same row instead of the top.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.card-open");
  const page = link?.closest("[data-page]")?.dataset.page;
  if (page === undefined || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const address = new URL(page || location.href, location.href);
  address.hash = link.closest(".card").id;
  history.replaceState(history.state, "", address);
});

// A page brought back as it was left does not know what was changed on the picture's own page meanwhile.
addEventListener("pageshow", (event) => {
  if (!document.getElementById("feed")) return;
  const changed = sessionStorage.getItem("changed");
  sessionStorage.removeItem("changed");
  if (event.persisted && changed) location.reload();
});
