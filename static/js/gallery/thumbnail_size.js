// The size of thumbnails changes while the slider moves; it is kept when the slider is let go.

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-thumbnail-size]");
  if (form) document.documentElement.dataset.thumbnails = event.target.value;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-thumbnail-size]");
  if (form) fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
});
