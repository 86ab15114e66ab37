// select2 draws a field of its own over a <select> and leaves it without a name while nothing is chosen.
function nameFields() {
  for (const drawn of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const select = drawn.closest(".select2")?.previousElementSibling;
    const name = select?.getAttribute("aria-label") ?? select?.labels?.[0]?.textContent.trim().replace(/:$/, "");
    if (name) drawn.setAttribute("aria-label", name);
  }
}

new MutationObserver(nameFields).observe(document.documentElement, { childList: true, subtree: true });
