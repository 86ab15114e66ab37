// The picture of the lightbox: the thumbnail at once, the large file when it is decoded, the original from the first zoom
// on. Wheel, keys, double click and two fingers zoom, a drag moves what is zoomed; at rest a swipe goes to the next
// picture, down closes, up opens the details. Nothing is laid out while it moves: it is one transform a frame.

const box = document.getElementById("lightbox");
const find = (name) => box?.querySelector(`[data-${name}]`);
const [stage, image, map, mapFrame] = ["stage", "picture", "map", "frame"].map(find);
// One text whose letters change: an element that comes or goes has the styles of the whole page looked at again.
const percent = find("percent")?.appendChild(new Text());
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const points = new Map();
const STEP = 1.5;
const PAN = 120;
const GLIDE = 140; // milliseconds that a flick goes on
const REST = 200; // milliseconds after the last turn of the wheel
const SWIPE = { far: 90, fast: 0.4, tap: 10, again: 320 };
let picture;
let zoom = 1;
let shift = { x: 0, y: 0 };
// The size at rest, the stage, and how far from the middle of the stage the picture rests.
let base = { w: 1, h: 1 };
let area = { left: 0, top: 0, w: 1, h: 1, x: 0, y: 0 };
let lastPointers;
let drag;
let tap = { t: 0, x: 0, y: 0 };
let frame;
let restTimer;
let originalRequestedFor;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const zoomed = () => zoom > 1.01;
const actual = () => picture.width / base.w;
const most = () => Math.max(4, 2 * actual());

function measure() {
  const rect = stage.getBoundingClientRect();
  const { paddingTop, paddingRight, paddingBottom, paddingLeft } = getComputedStyle(stage);
  const [top, right, bottom, left] = [paddingTop, paddingRight, paddingBottom, paddingLeft].map(parseFloat);
  area = { left: rect.left, top: rect.top, w: rect.width, h: rect.height, x: (left - right) / 2, y: (top - bottom) / 2 };
  base = { w: image.offsetWidth || 1, h: image.offsetHeight || 1 };
}

// Where the picture may be along one axis: what is larger than the stage covers it, what fits stays where it rests.
function bounded(value, size, room, home) {
  const spare = Math.abs(size - room) / 2;
  return size > room ? clamp(value, -spare - home, spare - home) : clamp(home, -spare, spare) - home;
}

function keepInside() {
  shift.x = bounded(shift.x, base.w * zoom, area.w, area.x);
  shift.y = bounded(shift.y, base.h * zoom, area.h, area.y);
}

function paintMap() {
  const [w, h] = [base.w * zoom, base.h * zoom];
  const [part, tall] = [Math.min(1, area.w / w), Math.min(1, area.h / h)];
  const left = clamp(0.5 - part / 2 - (shift.x + area.x) / w, 0, 1 - part);
  const top = clamp(0.5 - tall / 2 - (shift.y + area.y) / h, 0, 1 - tall);
  mapFrame.style.width = `${part * 100}%`;
  mapFrame.style.height = `${tall * 100}%`;
  mapFrame.style.transform = `translate(${(100 * left) / part}%, ${(100 * top) / tall}%)`;
}

// A picture that moves keeps the sharpness it has, which saves drawing it anew for each frame; a still one is drawn sharp.
function startMoving() {
  clearTimeout(restTimer);
  image.style.willChange = "transform";
}

function stopMoving() {
  clearTimeout(restTimer);
  if (!points.size) image.style.willChange = "";
}

function paint(smooth = false) {
  cancelAnimationFrame(frame);
  if (!points.size) keepInside();
  box.classList.toggle("is-zoomed", zoomed());
  image.style.transition = smooth && !reducedMotion.matches ? "transform 240ms cubic-bezier(0.2, 0.8, 0.2, 1)" : "none";
  image.style.transform = `translate3d(${shift.x}px, ${shift.y}px, 0) scale(${zoom})`;
  percent.data = box.dataset.zoomText.replace("{percent}", Math.round((100 * zoom) / actual()));
  if (zoomed()) {
    paintMap();
    sharpen();
  }
}

function paintSoon() {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => paint());
}

function load(src, wanted) {
  const file = new Image();
  file.src = src;
  file.decode().then(() => {
    if (wanted()) image.src = src;
  }, () => {});
}

function sharpen() {
  if (originalRequestedFor === picture) return;
  originalRequestedFor = picture;
  load(picture.original, () => originalRequestedFor === picture);
}

// Around a point of the window, which stays where it is.
function zoomTo(wanted, at, smooth) {
  const next = clamp(wanted, points.size ? 0.7 : 1, most());
  const point = { x: at ? at.x - area.left - area.w / 2 - area.x : 0, y: at ? at.y - area.top - area.h / 2 - area.y : 0 };
  const ratio = next / zoom;
  shift = { x: point.x - (point.x - shift.x) * ratio, y: point.y - (point.y - shift.y) * ratio };
  zoom = next;
  if (smooth) paint(true);
  else paintSoon();
}

const reset = () => zoomTo(1, null, true);
const toggle = (at) => (zoomed() ? reset() : zoomTo(Math.max(actual(), 1.5), at, true));
const isTold = () => box.classList.contains("has-info");
const send = (name, detail) => box.dispatchEvent(new CustomEvent(`lightbox:${name}`, { detail }));

function offerNeighbours({ index, list }) {
  for (const [name, missing] of [["-1", index <= 0], ["1", index >= list.length - 1]]) {
    const button = box.querySelector(`[data-go='${name}']`);
    if (missing && button === document.activeElement) box.focus(); // a disabled button loses it, and the keys with it
    button.disabled = missing;
  }
}

function show(event) {
  picture = event.detail.picture;
  zoom = 1;
  shift = { x: 0, y: 0 };
  points.clear();
  image.style.setProperty("--r", picture.width / picture.height);
  map.style.setProperty("--r", picture.width / picture.height);
  image.alt = picture.alt;
  image.src = picture.thumb;
  map.querySelector("img").src = picture.small;
  const mine = picture;
  load(picture.large, () => picture === mine && originalRequestedFor !== mine);
  offerNeighbours(event.detail);
  measure();
  paint();
}

function taken() {
  const all = [...points.values()];
  const x = all.reduce((sum, one) => sum + one.clientX, 0) / all.length;
  const y = all.reduce((sum, one) => sum + one.clientY, 0) / all.length;
  const apart = all.length > 1 ? Math.hypot(all[0].clientX - all[1].clientX, all[0].clientY - all[1].clientY) : 0;
  return { x, y, apart, t: performance.now() };
}

function press(event) {
  if (event.target.closest("button") || event.button) return;
  stage.setPointerCapture(event.pointerId);
  points.set(event.pointerId, event);
  lastPointers = taken();
  if (points.size === 1) drag = { x: 0, y: 0, t: lastPointers.t, vx: 0, vy: 0, fingers: 1, touch: event.pointerType !== "mouse" };
  drag.fingers = Math.max(drag.fingers, points.size);
  startMoving();
}

function move(event) {
  if (!points.has(event.pointerId)) return;
  points.set(event.pointerId, event);
  const now = taken();
  const [dx, dy] = [now.x - lastPointers.x, now.y - lastPointers.y];
  const time = Math.max(1, now.t - lastPointers.t);
  Object.assign(drag, { x: drag.x + dx, y: drag.y + dy, vx: dx / time, vy: dy / time });
  if (now.apart && lastPointers.apart) zoomTo((zoom * now.apart) / lastPointers.apart, now);
  if (zoomed() || drag.touch) shift = { x: shift.x + dx, y: shift.y + dy };
  lastPointers = now;
  paintSoon();
}

function isDoubleTap(event) {
  const now = { t: event.timeStamp, x: event.clientX, y: event.clientY };
  const twice = now.t - tap.t < SWIPE.again && Math.hypot(now.x - tap.x, now.y - tap.y) < 3 * SWIPE.tap;
  tap = twice ? { t: 0, x: 0, y: 0 } : now;
  return twice;
}

function swipe() {
  const [across, down] = [Math.abs(drag.x), Math.abs(drag.y)];
  const fast = across / Math.max(1, performance.now() - drag.t) > SWIPE.fast;
  if (across > down && (across > area.w / 3 || (fast && across > SWIPE.tap))) send("step", -Math.sign(drag.x));
  else if (down > across && drag.y > SWIPE.far && isTold()) send("info", false);
  else if (down > across && drag.y > SWIPE.far) send("leave");
  else if (down > across && drag.y < -SWIPE.far / 2) send("info", true);
}

function drop(event) {
  if (!points.delete(event.pointerId)) return;
  if (points.size) {
    lastPointers = taken();
    return;
  }
  stopMoving();
  const still = Math.hypot(drag.x, drag.y) < SWIPE.tap;
  if (zoom < 1) zoom = 1;
  if (drag.touch && still && drag.fingers === 1 && isDoubleTap(event)) {
    toggle({ x: event.clientX, y: event.clientY });
    return;
  }
  if (drag.touch && still && isTold()) send("info", false);
  const before = picture;
  if (!zoomed() && drag.touch && drag.fingers === 1 && event.type === "pointerup") swipe();
  if (before !== picture) return;
  if (zoomed() && !still) shift = { x: shift.x + drag.vx * GLIDE, y: shift.y + drag.vy * GLIDE };
  paint(true);
}

function pan(event) {
  const by = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  const away = event.target.closest?.("[data-panel], input, textarea, select");
  if (!by || !zoomed() || away || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  shift = { x: shift.x + by[0] * PAN, y: shift.y + by[1] * PAN };
  paint(true);
}

function wheel(event) {
  event.preventDefault();
  startMoving();
  restTimer = setTimeout(stopMoving, REST);
  const lines = event.deltaMode === 1 ? 16 : 1;
  zoomTo(zoom * Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0022)), { x: event.clientX, y: event.clientY });
}

function renew() {
  if (!box.open || !picture) return;
  measure();
  paint();
}

if (box) {
  box.addEventListener("lightbox:show", show);
  box.addEventListener("lightbox:list", ({ detail }) => offerNeighbours(detail));
  box.addEventListener("lightbox:layout", renew);
  box.addEventListener("lightbox:hide", () => image.removeAttribute("src"));
  box.addEventListener("keydown", pan);
  box.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (wanted === "toggle") toggle();
    else if (wanted) zoomTo(wanted === "in" ? zoom * STEP : zoom / STEP, null, true);
  });
  stage.addEventListener("wheel", wheel, { passive: false });
  stage.addEventListener("dblclick", (event) => {
    if (!event.target.closest("button") && !drag?.touch) toggle({ x: event.clientX, y: event.clientY });
  });
  stage.addEventListener("pointerdown", press);
  stage.addEventListener("pointermove", move);
  stage.addEventListener("pointerup", drop);
  stage.addEventListener("pointercancel", drop);
  new ResizeObserver(renew).observe(stage);
}
