"""A friendly animal that faces the viewer, and holds up what it has to say."""

from dataclasses import dataclass

from generations.emulator.drawing.canvas import Canvas, Shape
from generations.emulator.drawing.palettes import BLACK, WHITE, Colour, mix

Area = tuple[float, float, float, float]
SIDES = (-1, 1)
# Outer and inner ellipse of an ear, on the right: centre and radii, in radii of the head.
EARS = {
    "round": ((0.76, -0.72, 0.33, 0.33), (0.76, -0.7, 0.18, 0.18)),
    "long": ((0.42, -1.32, 0.24, 0.72), (0.42, -1.28, 0.12, 0.52)),
    "floppy": ((0.98, -0.08, 0.27, 0.62), (0.98, -0.08, 0, 0)),
}
# The height of ears that are triangles.
POINTED = {"pointed": 1.38, "tuft": 1.2}


@dataclass(frozen=True)
class Species:
    """`ears` is a name in EARS or POINTED. `muzzle`: the lighter part of the face; `patch`: round the eyes."""

    fur: Colour
    muzzle: Colour
    limbs: Colour
    ears: str
    inner: Colour
    patch: Colour | None = None
    nose: Colour = (44, 34, 40)


SPECIES = {
    "panda": Species((247, 243, 234), (253, 250, 243), (42, 38, 46), "round", (70, 62, 70), (42, 38, 46)),
    "bear": Species((150, 98, 62), (222, 184, 140), (128, 80, 50), "round", (206, 150, 110)),
    "cat": Species((232, 152, 78), (255, 238, 214), (222, 138, 66), "pointed", (246, 190, 170), nose=(214, 110, 110)),
    "fox": Species((226, 110, 52), (255, 242, 226), (70, 44, 44), "pointed", (60, 40, 44)),
    "rabbit": Species((226, 216, 210), (255, 250, 246), (212, 200, 194), "long", (240, 178, 180), nose=(220, 120, 130)),
    "dog": Species((196, 146, 92), (250, 232, 206), (176, 126, 76), "floppy", (140, 92, 56)),
    "owl": Species(
        (132, 100, 84), (236, 212, 176), (108, 80, 68), "tuft", (108, 80, 68), (245, 232, 206), (232, 160, 60)
    ),
}
OTHER_NAMES = {"kitten": "cat", "bunny": "rabbit", "hare": "rabbit", "puppy": "dog", "pandas": "panda", "cats": "cat"}


class Animal:
    """Drawn round the middle of its head, in units of the head's radius."""

    def __init__(self, canvas: Canvas) -> None:
        words, stream = {OTHER_NAMES.get(word, word) for word in canvas.words}, canvas.stream("pose")
        named = [name for name in SPECIES if name in words] or [canvas.stream("animal").choice(list(SPECIES))]
        self.canvas, self.species = canvas, SPECIES[named[0]]
        self.size = min(canvas.unit * 0.225, canvas.height * 0.2) * stream.uniform(0.94, 1.06)
        ears = self.size * (2.12 if self.species.ears == "long" else 1.5)
        high = max(canvas.height * stream.uniform(0.31, 0.35), ears)
        self.x = canvas.width * stream.uniform(0.46, 0.54)
        # On a tall picture the feet decide, on others the head may fill it and the feet go over the edge.
        self.y = max(high, canvas.height * 0.88 - self.size * 3.5)

    def draw(self) -> None:
        """Draw everything but the paws, which come over the sign."""
        canvas, palette, size = self.canvas, self.canvas.palette, self.size
        canvas.backdrop([mix(colour, palette.disc, 0.18) for colour in palette.sky])
        canvas.glow(self.x, self.y, canvas.unit * 1.1, palette.disc, 0.6)
        canvas.disc(self.x, self.y + size * 0.1, size * 1.75, mix(palette.disc, palette.horizon, 0.3), alpha=0.75)
        for index in range(3):
            base, colour = canvas.height * (0.74 + 0.1 * index), palette.layer(0.15 + 0.3 * index)
            line = canvas.ridge(canvas.stream(f"meadow {index}"), base, canvas.unit * 0.07)
            canvas.ground(line, colour, mix(colour, palette.horizon, 0.15))
        self._body()
        if self.species.ears != "floppy":
            self._ears()
        self._face()

    def sign_area(self) -> Area:
        """Return where it holds its sign: left, top, right, bottom in pixels."""
        half, top = min(self.canvas.width * 0.42, self.size * 1.75), self.y + self.size * 1.12
        return self.x - half, top, self.x + half, min(self.canvas.height * 0.93, top + self.size * 1.35)

    def draw_paws(self, area: Area | None) -> None:
        """Draw them on the upper corners of the sign, or on the belly when there is none."""
        size, limbs = self.size, self.species.limbs
        left, top, right, _ = area or (self.x - size * 0.5, self.y + size * 1.45, self.x + size * 0.5, 0)
        for side, x in ((-1, left + size * 0.16), (1, right - size * 0.16)):
            paw = self.canvas.shape(x, top, size).ellipse(0, 0.04, 0.2, 0.17)
            paw.paint(mix(limbs, WHITE, 0.1), mix(limbs, BLACK, 0.15))
            toes = self.canvas.shape(x, top, size).line(0.018, -0.07, 0.08, 0.01 * side - 0.07, 0.18)
            toes.line(0.018, 0.07, 0.08, 0.01 * side + 0.07, 0.18).paint(mix(limbs, BLACK, 0.45), alpha=0.7)

    def _shape(self) -> Shape:
        return self.canvas.shape(self.x, self.y, self.size)

    def _body(self) -> None:
        species, near = self.species, self.canvas.palette.near
        self.canvas.glow(self.x, self.y + self.size * 3.3, self.size * 2.4, mix(near, BLACK, 0.3), 0.45, flat=0.35)
        self._shape().ellipse(0, 2.1, 1.12, 1.42).paint(species.fur, mix(species.fur, near, 0.35))
        self._shape().ellipse(0, 2.3, 0.74, 1.02).paint(species.muzzle, mix(species.muzzle, near, 0.3), alpha=0.8)
        limbs = self._shape()
        for side in SIDES:
            limbs.ellipse(side * 0.98, 1.5, 0.34, 0.62).ellipse(side * 0.75, 3.35, 0.42, 0.34)
        if species.patch == species.limbs:
            limbs.ellipse(0, 1.08, 1.02, 0.34)
        limbs.paint(mix(species.limbs, WHITE, 0.06), mix(species.limbs, BLACK, 0.2))

    def _ears(self) -> None:
        species, outer, inner = self.species, self._shape(), self._shape()
        for side in SIDES:
            if tall := POINTED.get(species.ears):
                outer.polygon(side * 0.95, -0.2, side * 0.86, -tall, side * 0.2, -0.85)
                inner.polygon(side * 0.84, -0.5, side * 0.79, 0.26 - tall, side * 0.42, -0.84)
            else:
                for shape, (x, y, across, down) in zip((outer, inner), EARS[species.ears], strict=True):
                    shape.ellipse(side * x, y, across, down)
        fur = species.limbs if species.patch == species.limbs or species.ears == "floppy" else species.fur
        outer.paint(fur, mix(fur, self.canvas.palette.near, 0.25))
        inner.paint(species.inner, alpha=0.9)

    def _face(self) -> None:
        species, near = self.species, self.canvas.palette.near
        muzzle, patch, dark, light, blush, nose = (self._shape() for _ in range(6))
        self._shape().ellipse(0, 0, 1.08, 0.96).paint(mix(species.fur, WHITE, 0.1), mix(species.fur, near, 0.16))
        if species.ears == "floppy":
            self._ears()
        muzzle.ellipse(0, 0.42, 0.5, 0.38)
        for side in SIDES:
            if species.ears == "pointed":
                muzzle.ellipse(side * 0.52, 0.4, 0.38, 0.3)
            patch.ellipse(side * 0.45, 0.01, 0.28, 0.33)
            dark.ellipse(side * 0.42, -0.02, 0.125, 0.145)
            light.ellipse(side * 0.42 - 0.035, -0.07, 0.045).ellipse(side * 0.42 + 0.045, 0.03, 0.02)
            blush.ellipse(side * 0.7, 0.36, 0.17, 0.11)
            if species.ears != "tuft":
                # Half a mouth: from under the nose down and out.
                dark.line(0.032, *((side * 0.2 * s / 6, 0.54 - 0.11 * ((s - 3.4) / 3.4) ** 2) for s in range(7)))
        muzzle.paint(species.muzzle, alpha=0.95)
        if species.patch:
            patch.paint(species.patch)
        blush.paint((236, 120, 110), alpha=0.42, blur=self.size * 0.05)
        dark.paint(mix((24, 18, 26), near, 0.2))
        light.paint(WHITE)
        if species.ears == "tuft":
            nose.polygon(-0.13, 0.16, 0.13, 0.16, 0, 0.46).paint(species.nose)
        else:
            nose.ellipse(0, 0.28, 0.135, 0.095).paint(species.nose)
