// A file that is dropped, chosen or pasted is sent at once; one that is too large is not sent at all.
// Dropping itself needs no script: the field fills its zone, and browsers take what falls on a file field.

const form = document.querySelector("[data-dropzone]");
const field = form?.querySelector("input[type=file]");
const error = document.getElementById("file-error");

const send = () => {
  const tooLarge = field.files[0]?.size > Number(field.dataset.most);
  error.textContent = tooLarge ? error.dataset.tooLarge : "";
  field.toggleAttribute("aria-invalid", tooLarge);
  if (tooLarge) field.value = "";
  else if (field.files.length) form.requestSubmit();
};

if (form) {
  field.addEventListener("change", send);
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    field.files = event.clipboardData.files;
    send();
  });

  // Beside the zone a browser would open the file in place of the page.
  document.addEventListener("dragover", (event) => {
    form.toggleAttribute("data-over", event.target === field);
    if (event.target !== field && event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    }
  });
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, () => form.removeAttribute("data-over"));
}
