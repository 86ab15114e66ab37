// A sound and a desktop notification when one's own pictures are ready: both off until they are switched on, and kept in
// this browser, because the permission is the browser's too.

const HIGH = 880; // Hz
const LOW = 660;
const LENGTH = 0.18; // seconds of each tone
const LOUD = 0.12;

function isOn(kind) {
  try {
    return localStorage.getItem(`ready-${kind}`) === "on";
  } catch {
    return false; // without storage nothing can have been switched on
  }
}

function keep(kind, on) {
  try {
    if (on) localStorage.setItem(`ready-${kind}`, "on");
    else localStorage.removeItem(`ready-${kind}`);
  } catch {
    // it holds for nobody then, as the box will show
  }
}

function play() {
  const audio = new AudioContext();
  [LOW, HIGH].forEach((pitch, place) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const begin = audio.currentTime + place * LENGTH;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(LOUD, begin);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + LENGTH);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + LENGTH);
    if (place) tone.addEventListener("ended", () => audio.close());
  });
}

function notify({ title, text }) {
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  try {
    const shown = new Notification(title, { body: text, tag: "pictures-ready" });
    shown.addEventListener("click", () => {
      window.focus();
      shown.close();
    });
  } catch {
    // phones show notifications of installed apps only
  }
}

async function change(box) {
  const kind = box.dataset.readyAlert;
  if (kind === "desktop" && box.checked) {
    const answer = await globalThis.Notification?.requestPermission();
    if (answer !== "granted") {
      box.checked = false;
      document.dispatchEvent(new CustomEvent("site:message", { detail: { text: box.dataset.refusedText, stays: true } }));
    }
  }
  keep(kind, box.checked);
  if (kind === "sound" && box.checked) play(); // so that one hears what it will be
}

for (const box of document.querySelectorAll("[data-ready-alert]")) {
  box.checked = isOn(box.dataset.readyAlert);
  box.addEventListener("change", () => change(box));
}

document.addEventListener("pictures:finished", ({ detail }) => {
  if (isOn("sound")) play();
  if (isOn("desktop")) notify(detail);
});
