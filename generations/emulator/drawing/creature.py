"""A friendly animal that faces the viewer, and holds up what it has to say."""

from dataclasses import dataclass

from generations.emulator.drawing.canvas import Canvas
from generations.emulator.drawing.land import fill_below, ridge
from generations.emulator.drawing.palettes import WHITE, Colour, mix


@dataclass(frozen=True)
class Animal:
    """`ears`: round, pointed, long or tuft. `muzzle` is the lighter part of the face, `patch` lies round the eyes."""

    fur: Colour
    muzzle: Colour
    limbs: Colour
    ears: str
    inner: Colour
    patch: Colour | None = None
    nose: Colour = (44, 34, 40)


ANIMALS = {
    "panda": Animal((247, 243, 234), (253, 250, 243), (42, 38, 46), "round", (70, 62, 70), (42, 38, 46)),
    "bear": Animal((150, 98, 62), (222, 184, 140), (128, 80, 50), "round", (206, 150, 110)),
    "cat": Animal((232, 152, 78), (255, 238, 214), (222, 138, 66), "pointed", (246, 190, 170), nose=(214, 110, 110)),
    "fox": Animal((226, 110, 52), (255, 242, 226), (70, 44, 44), "pointed", (60, 40, 44)),
    "rabbit": Animal((226, 216, 210), (255, 250, 246), (212, 200, 194), "long", (240, 178, 180), nose=(220, 120, 130)),
    "dog": Animal((196, 146, 92), (250, 232, 206), (176, 126, 76), "floppy", (140, 92, 56)),
    "owl": Animal(
        (132, 100, 84), (236, 212, 176), (108, 80, 68), "tuft", (108, 80, 68), (245, 232, 206), (232, 160, 60)
    ),
}
OTHER_NAMES = {"kitten": "cat", "bunny": "rabbit", "hare": "rabbit", "puppy": "dog", "pandas": "panda", "cats": "cat"}


def animal(canvas: Canvas) -> None:
    """Everything but the paws, which come over the sign."""
    palette, kind = canvas.palette, chosen(canvas)
    x, head, size = pose(canvas)
    canvas.backdrop([mix(tint, palette.disc, 0.18) for tint in palette.sky])
    canvas.glow(x, head, canvas.unit * 1.1, palette.disc, 0.6)
    canvas.disc(x, head + size * 0.1, size * 1.75, mix(palette.disc, palette.horizon, 0.3), alpha=0.75)
    for index in range(3):
        line = ridge(canvas.dice(f"meadow {index}"), canvas, canvas.height * (0.74 + 0.1 * index), canvas.unit * 0.07)
        tint = palette.layer(0.15 + 0.3 * index)
        fill_below(canvas, line, tint, mix(tint, palette.horizon, 0.15))
    _body(canvas, kind, x, head, size)
    _ears(canvas, kind, x, head, size)
    _face(canvas, kind, x, head, size)


def paws(canvas: Canvas, box: tuple[float, float, float, float] | None) -> None:
    """On the upper corners of the sign, or on the belly when there is none."""
    kind = chosen(canvas)
    x, head, size = pose(canvas)
    left, top, right, _ = box or (x - size * 0.5, head + size * 1.45, x + size * 0.5, 0)
    for side, place in ((-1, left + size * 0.16), (1, right - size * 0.16)):
        layer = canvas.layer(place - size * 0.4, top - size * 0.3, place + size * 0.4, top + size * 0.4, scale=4)
        layer.ellipse(place, top + size * 0.04, size * 0.2, size * 0.17)
        canvas.paint(layer, mix(kind.limbs, WHITE, 0.1), mix(kind.limbs, (0, 0, 0), 0.15))
        toes = canvas.layer(place - size * 0.4, top - size * 0.3, place + size * 0.4, top + size * 0.4, scale=4)
        for toe in (-0.07, 0.07):
            toes.line(
                [(place + size * toe, top + size * 0.08), (place + size * (toe + 0.01 * side), top + size * 0.18)],
                size * 0.018,
            )
        canvas.paint(toes, mix(kind.limbs, (0, 0, 0), 0.45), alpha=0.7)


def chosen(canvas: Canvas) -> Animal:
    words = {OTHER_NAMES.get(word, word) for word in canvas.words}
    named = [name for name in ANIMALS if name in words]
    return ANIMALS[named[0] if named else canvas.dice("animal").choice(list(ANIMALS))]


def pose(canvas: Canvas) -> tuple[float, float, float]:
    """The head's centre and radius."""
    dice = canvas.dice("pose")
    size = min(canvas.unit * 0.225, canvas.height * 0.2) * dice.uniform(0.94, 1.06)
    ears = size * (2.12 if chosen(canvas).ears == "long" else 1.5)
    high = max(canvas.height * dice.uniform(0.31, 0.35), ears)
    # On a tall picture the feet decide, on others the head may fill it and the feet go over the edge.
    return canvas.width * dice.uniform(0.46, 0.54), max(high, canvas.height * 0.88 - size * 3.5), size


def card(canvas: Canvas) -> tuple[float, float, float, float]:
    """Where the animal holds its sign."""
    x, head, size = pose(canvas)
    half = min(canvas.width * 0.42, size * 1.75)
    top = head + size * 1.12
    return x - half, top, x + half, min(canvas.height * 0.93, top + size * 1.35)


def _body(canvas: Canvas, kind: Animal, x: float, head: float, size: float) -> None:
    middle = head + size * 2.1
    canvas.glow(x, middle + size * 1.2, size * 2.4, mix(canvas.palette.near, (0, 0, 0), 0.3), 0.45, flat=0.35)
    arms, body, belly = (canvas.layer(x - size * 2.2, head, x + size * 2.2, canvas.height) for _ in range(3))
    body.ellipse(x, middle, size * 1.12, size * 1.42)
    canvas.paint(body, kind.fur, mix(kind.fur, canvas.palette.near, 0.35))
    belly.ellipse(x, middle + size * 0.2, size * 0.74, size * 1.02)
    canvas.paint(belly, kind.muzzle, mix(kind.muzzle, canvas.palette.near, 0.3), alpha=0.8)
    for side in (-1, 1):
        arms.ellipse(x + side * size * 0.98, head + size * 1.5, size * 0.34, size * 0.62)
        arms.ellipse(x + side * size * 0.75, head + size * 3.35, size * 0.42, size * 0.34)
    if kind.patch == kind.limbs:
        arms.ellipse(x, head + size * 1.08, size * 1.02, size * 0.34)
    canvas.paint(arms, mix(kind.limbs, WHITE, 0.06), mix(kind.limbs, (0, 0, 0), 0.2))


def _ears(canvas: Canvas, kind: Animal, x: float, head: float, size: float) -> None:
    outer, inner = (canvas.layer(x - size * 1.6, head - size * 2.6, x + size * 1.6, head + size) for _ in range(2))
    for side in (-1, 1):
        if kind.ears == "round":
            outer.ellipse(x + side * size * 0.76, head - size * 0.72, size * 0.33, size * 0.33)
            inner.ellipse(x + side * size * 0.76, head - size * 0.7, size * 0.18, size * 0.18)
        elif kind.ears == "long":
            outer.ellipse(x + side * size * 0.42, head - size * 1.32, size * 0.24, size * 0.72)
            inner.ellipse(x + side * size * 0.42, head - size * 1.28, size * 0.12, size * 0.52)
        elif kind.ears == "floppy":
            outer.ellipse(x + side * size * 0.98, head - size * 0.08, size * 0.27, size * 0.62)
        else:
            tall = 1.38 if kind.ears == "pointed" else 1.2
            outer.polygon(
                [
                    (x + side * size * 0.95, head - size * 0.2),
                    (x + side * size * 0.86, head - size * tall),
                    (x + side * size * 0.2, head - size * 0.85),
                ]
            )
            inner.polygon(
                [
                    (x + side * size * 0.84, head - size * 0.5),
                    (x + side * size * 0.79, head - size * (tall - 0.26)),
                    (x + side * size * 0.42, head - size * 0.84),
                ]
            )
    fur = kind.limbs if kind.patch == kind.limbs or kind.ears == "floppy" else kind.fur
    canvas.paint(outer, fur, mix(fur, canvas.palette.near, 0.25))
    if kind.ears != "floppy":
        canvas.paint(inner, kind.inner, alpha=0.9)


def _face(canvas: Canvas, kind: Animal, x: float, head: float, size: float) -> None:
    box = (x - size * 1.5, head - size * 1.4, x + size * 1.5, head + size * 1.3)
    skull, muzzle, patch, dark, light, blush = (canvas.layer(*box) for _ in range(6))
    skull.ellipse(x, head, size * 1.08, size * 0.96)
    canvas.paint(skull, mix(kind.fur, WHITE, 0.1), mix(kind.fur, canvas.palette.near, 0.16))
    if kind.ears == "floppy":
        _ears(canvas, kind, x, head, size)
    muzzle.ellipse(x, head + size * 0.42, size * 0.5, size * 0.38)
    if kind.ears == "pointed":
        for side in (-1, 1):
            muzzle.ellipse(x + side * size * 0.52, head + size * 0.4, size * 0.38, size * 0.3)
    canvas.paint(muzzle, kind.muzzle, alpha=0.95)
    for side in (-1, 1):
        eye = (x + side * size * 0.42, head - size * 0.02)
        if kind.patch:
            patch.ellipse(eye[0] + side * size * 0.03, eye[1] + size * 0.03, size * 0.28, size * 0.33)
        dark.ellipse(*eye, size * 0.125, size * 0.145)
        light.ellipse(eye[0] - size * 0.035, eye[1] - size * 0.05, size * 0.045, size * 0.045)
        light.ellipse(eye[0] + size * 0.045, eye[1] + size * 0.05, size * 0.02, size * 0.02)
        blush.ellipse(x + side * size * 0.7, head + size * 0.36, size * 0.17, size * 0.11)
        if kind.ears != "tuft":
            dark.line(_smile(x, head + size * 0.43, side, size), size * 0.032)
    if kind.patch:
        canvas.paint(patch, kind.patch)
    canvas.paint(blush, (236, 120, 110), alpha=0.42, blur=size * 0.05)
    canvas.paint(dark, mix((24, 18, 26), canvas.palette.near, 0.2))
    canvas.paint(light, WHITE)
    nose = canvas.layer(*box)
    if kind.ears == "tuft":
        nose.polygon(
            [(x - size * 0.13, head + size * 0.16), (x + size * 0.13, head + size * 0.16), (x, head + size * 0.46)]
        )
    else:
        nose.ellipse(x, head + size * 0.28, size * 0.135, size * 0.095)
    canvas.paint(nose, kind.nose)


def _smile(x: float, y: float, side: int, size: float) -> list[tuple[float, float]]:
    """Half a mouth: from under the nose down and out."""
    return [(x + side * size * 0.2 * step / 6, y + size * 0.11 * (1 - ((step - 3.4) / 3.4) ** 2)) for step in range(7)]
