// Passkeys: a form with a question of the site gets the device's answer before it is sent.

const able = isSecureContext && Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON);

const WAYS = {
  create: async (question) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) }),
  get: async (question) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) }),
};

function say(form, text) {
  const place = form.querySelector("[data-passkey-error]");
  place.querySelector("span").textContent = text;
  place.hidden = !text;
}

function reason(form, error) {
  if (error.name === "InvalidStateError") return form.dataset.existsText;
  if (error.name === "SecurityError") return form.dataset.insecureText;
  return form.dataset.failedText;
}

async function answer(form) {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  say(form, "");
  try {
    const credential = await WAYS[form.dataset.passkey](JSON.parse(form.dataset.question));
    form.elements.answer.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    say(form, reason(form, error));
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.hidden = !able;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(form);
  });
}
if (able) for (const note of document.querySelectorAll(".without-passkeys")) note.hidden = true;
