"""Brushes: smooth shapes, gradients, glows and grain over one RGB picture, all from Pillow's own operations."""

import math
import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.emulator.drawing.palettes import BLACK, Colour, Palette, mix

Point = tuple[float, float]
Size = tuple[int, int]
Box = tuple[int, int, int, int]
GRAIN = 256
# A shape of fewer pixels is drawn four times as large before it is reduced, a larger one twice.
SMALL_SHAPE = 60_000


class Shape:
    """Figures that are painted at once; they are drawn larger and reduced, so that their edges are smooth.

    Coordinates count from `x`, `y` in units of `size` pixels, y downwards. `ink` 0 cuts a hole.
    """

    def __init__(self, canvas: "Canvas", x: float, y: float, size: float) -> None:
        self._canvas = canvas
        self._x, self._y, self._size = x, y, size
        self._figures: list[tuple[str, list[Point], dict[str, Any]]] = []

    def polygon(self, *points: float | Point, ink: int = 255) -> "Shape":
        """Points as pairs, or as bare numbers one after the other."""
        return self._add("polygon", points, fill=ink)

    def ellipse(self, x: float, y: float, across: float, down: float | None = None, ink: int = 255) -> "Shape":
        """`x`, `y` is the centre; `across` and `down` are radii."""
        down = across if down is None else down
        return self._add("ellipse", (x - across, y - down, x + across, y + down), fill=ink)

    def rectangle(self, left: float, top: float, right: float, bottom: float, radius: float = 0) -> "Shape":
        if right < left or bottom < top:
            return self
        return self._add("rounded_rectangle", (left, top, right, bottom), fill=255, radius=radius * self._size)

    def line(self, width: float, *points: float | Point) -> "Shape":
        return self._add("line", points, fill=255, width=width * self._size, joint="curve")

    def paint(self, *stops: Colour, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Fill the shape with one colour, or with a gradient from its top to its bottom."""
        self.cover(lambda size: gradient(stops, size), alpha=alpha, blur=blur)

    def cover(self, picture: Callable[[Size], Image.Image], *, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Put the picture that `picture` makes for a size where the shape is."""
        box = self._box(blur * 2.5 + 1) if self._figures else (0, 0, 0, 0)
        if box[0] < box[2] and box[1] < box[3]:
            mask = soften(self._mask(box), blur)
            self._canvas.image.paste(picture(mask.size), box[:2], scaled(mask, alpha))

    def _add(self, kind: str, points: Sequence[float | Point], **options: Any) -> "Shape":
        flat = [value for point in points for value in (point if isinstance(point, tuple) else (point,))]
        pairs = zip(flat[::2], flat[1::2], strict=True)
        self._figures.append((kind, [(self._x + x * self._size, self._y + y * self._size) for x, y in pairs], options))
        return self

    def _box(self, margin: float) -> Box:
        """The part of the canvas that the shape covers."""
        margin += max((options.get("width", 0) for *_, options in self._figures), default=0) / 2
        xs, ys = zip(*(point for _, points, _ in self._figures for point in points), strict=True)
        left, top = max(0, math.floor(min(xs) - margin)), max(0, math.floor(min(ys) - margin))
        right, bottom = math.ceil(max(xs) + margin), math.ceil(max(ys) + margin)
        return left, top, min(self._canvas.width, right), min(self._canvas.height, bottom)

    def _mask(self, box: Box) -> Image.Image:
        left, top, wide, high = box[0], box[1], box[2] - box[0], box[3] - box[1]
        scale = 4 if wide * high < SMALL_SHAPE else 2
        mask = Image.new("L", (wide * scale, high * scale))
        pen = ImageDraw.Draw(mask)
        for kind, points, options in self._figures:
            sizes: dict[str, float] = {name: options[name] * scale for name in ("radius", "width") if name in options}
            if "width" in sizes:
                sizes["width"] = max(1, round(sizes["width"]))
            getattr(pen, kind)([((x - left) * scale, (y - top) * scale) for x, y in points], **{**options, **sizes})
        return mask.reduce(scale)


class Canvas:
    """`unit` is the shorter side; `detail` from 0 to 1 is the number of things that a scene is drawn with.

    `words` are those of the prompt, for scenes that have a choice; `lettered` says that a sign will need room.
    """

    def __init__(
        self, size: Size, key: str, palette: Palette, *, detail: float, words: frozenset[str], lettered: bool
    ) -> None:
        self.image = Image.new("RGB", size, palette.sky[0])
        self.width, self.height = size
        self.unit = min(size)
        self.key = key
        self.palette = palette
        self.detail = detail
        self.words = words
        self.lettered = lettered

    def stream(self, purpose: str) -> random.Random:
        """Return a stream of its own for each purpose: more detail in one does not move what another draws."""
        return random.Random(f"{self.key}|{purpose}")

    def shape(self, x: float = 0, y: float = 0, size: float = 1) -> Shape:
        return Shape(self, x, y, size)

    def backdrop(self, stops: Sequence[Colour], top: int = 0, bottom: int = 0) -> None:
        """Fill the picture's whole width with a gradient."""
        bottom = bottom or self.height
        self.image.paste(gradient(stops, (self.width, max(1, bottom - top))), (0, top))

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 1.0) -> None:
        self.shape(x, y, radius).ellipse(0, 0, 1).paint(colour, alpha=alpha)

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0, *, flat: float = 1.0
    ) -> None:
        """Light that fades out with distance; `flat` below 1 squeezes it to a band."""
        down = radius * flat
        # Only the visible part of the light is made: a glow is often larger than the picture.
        left, top = max(0, math.floor(x - radius)), max(0, math.floor(y - down))
        size = min(self.width, math.ceil(x + radius)) - left, min(self.height, math.ceil(y + down)) - top
        if min(size) > 0:
            matrix = (128 / radius, 0, (left - x) * 128 / radius + 128, 0, 128 / down, (top - y) * 128 / down + 128)
            light = scaled(_falloff(), strength)
            mask = light.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
            self.image.paste(colour, (left, top), mask)

    def mist(self, colour: Colour, top: float, bottom: float, strength: float) -> None:
        """A veil over the whole width: nothing at `top`, `strength` at `bottom`."""
        upper, lower = max(0, round(top)), min(self.height, round(bottom))
        if lower > upper:
            mask = Image.linear_gradient("L").resize((1, lower - upper)).resize((self.width, lower - upper))
            self.image.paste(colour, (0, upper), scaled(mask, strength))

    def ground(self, line: Sequence[Point], *stops: Colour, bottom: float = 0) -> None:
        """Fill what lies below a line from the left edge to the right one."""
        bottom = bottom or self.height
        self.shape().polygon(*line, (self.width + 3, bottom), (-3, bottom)).paint(*stops)

    def ridge(
        self, stream: random.Random, base: float, rise: float, swings: float = 0, octaves: int = 4
    ) -> list[Point]:
        """A smooth line over the width, `rise` high and up to half of it below `base`; `swings` for each square."""
        swings = swings or stream.uniform(0.8, 1.7)
        heights = wave(stream, self.width, swings * self.width / self.unit, octaves)
        return [(index * 3.0, base - rise * (height + 0.5)) for index, height in enumerate(heights)]

    def finish(self, key: str, grain: float = 5.0, vignette: float = 0.24) -> None:
        """Film grain, which also hides the steps of gradients, and slightly darker corners."""
        mask = scaled(_corners().resize(self.image.size, Image.Resampling.BILINEAR), vignette)
        self.image.paste(mix(self.palette.near, BLACK, 0.6), (0, 0), mask)
        tile, stream = _grain(round(grain * 10)), random.Random(f"grain {key}")
        sheet = Image.new("L", self.image.size)
        across, down = stream.randrange(GRAIN), stream.randrange(GRAIN)
        for top in range(-down, self.height, GRAIN):
            for left in range(-across, self.width, GRAIN):
                sheet.paste(tile, (left, top))
        self.image = ImageChops.add(self.image, Image.merge("RGB", (sheet, sheet, sheet)), 1, -128)


def scaled(mask: Image.Image, strength: float) -> Image.Image:
    return mask if strength == 1 else mask.point([min(255, round(value * strength)) for value in range(256)])


def gradient(stops: Sequence[Colour], size: Size) -> Image.Image:
    """Evenly spaced stops from top to bottom."""
    if len(stops) == 1:
        return Image.new("RGB", size, stops[0])
    steps = 8 * len(stops)
    column = Image.new("RGB", (1, steps))
    for step in range(steps):
        place = step / (steps - 1) * (len(stops) - 1)
        index = min(int(place), len(stops) - 2)
        column.putpixel((0, step), mix(stops[index], stops[index + 1], place - index))
    return column.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def soften(mask: Image.Image, radius: float) -> Image.Image:
    """A blur at the price of a small picture: wide blurs are made from a reduced mask."""
    factor = max(1, int(radius // 3))
    if radius == 0:
        return mask
    if factor == 1:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    small = mask.resize((max(1, mask.width // factor), max(1, mask.height // factor)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / factor)).resize(mask.size, Image.Resampling.BICUBIC)


def wave(stream: random.Random, width: float, swings: float, octaves: int = 3) -> list[float]:
    """A smooth random line from -1 to 1, one value for every third pixel of the width and a bit beyond."""
    parts = [(swings * 2.1**octave, stream.uniform(0, math.tau), 0.48**octave) for octave in range(octaves)]
    total = sum(weight for _, _, weight in parts)
    return [
        sum(math.sin(x / width * turns * math.tau + shift) * weight for turns, shift, weight in parts) / total
        for x in range(0, int(width) + 6, 3)
    ]


def mirrored(*points: Point) -> list[Point]:
    """The points, and back up on the other side of x = 0: a symmetrical outline from its right half."""
    return [*points, *((-x, y) for x, y in reversed(points))]


@cache
def _falloff() -> Image.Image:
    """Bright in the middle, nothing at the rim, with a long soft tail."""
    return Image.radial_gradient("L").point([round(255 * max(0.0, 1 - value / 180) ** 2.2) for value in range(256)])


@cache
def _corners() -> Image.Image:
    return Image.radial_gradient("L").point([round(255 * max(0.0, (value - 110) / 145) ** 1.6) for value in range(256)])


@cache
def _grain(strength: int) -> Image.Image:
    """Pillow's own noise cannot be repeated; this tile is the same in every process."""
    noise = Image.frombytes("L", (GRAIN, GRAIN), random.Random(7).randbytes(GRAIN * GRAIN))
    soft = noise.filter(ImageFilter.GaussianBlur(0.55))
    return soft.point([round(128 + (value - 128) * strength / 10 / 64) for value in range(256)])
