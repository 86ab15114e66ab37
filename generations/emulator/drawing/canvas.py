"""Brushes: smooth shapes, gradients, glows and grain over one RGB picture, all from Pillow's own operations."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.emulator.drawing.palettes import BLACK, Colour, Palette, mix

Point = tuple[float, float]
Size = tuple[int, int]
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
        # The pen's method, the points, the ink, and the width or radius in pixels.
        self._figures: list[tuple[str, list[Point], int, dict[str, float]]] = []

    def polygon(self, *points: float | Point, ink: int = 255) -> "Shape":
        """Add points given as pairs, or as bare numbers one after the other."""
        return self._add("polygon", points, ink)

    def ellipse(self, x: float, y: float, across: float, down: float | None = None, ink: int = 255) -> "Shape":
        """Add an ellipse round `x`, `y`; `across` and `down` are radii."""
        down = across if down is None else down
        return self._add("ellipse", (x - across, y - down, x + across, y + down), ink)

    def rectangle(self, left: float, top: float, right: float, bottom: float, radius: float = 0) -> "Shape":
        if right < left or bottom < top:
            return self
        if radius:
            return self._add("rounded_rectangle", (left, top, right, bottom), radius=radius * self._size)
        return self._add("rectangle", (left, top, right, bottom))

    def line(self, width: float, *points: float | Point) -> "Shape":
        return self._add("line", points, width=width * self._size)

    def paint(self, *stops: Colour, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Fill the shape with one colour, or with a gradient from its top to its bottom."""
        self.cover(lambda size: gradient(stops, size), alpha=alpha, blur=blur)

    def cover(self, picture: Callable[[Size], Image.Image], *, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Put the picture that `picture` makes for a size where the shape is."""
        if not self._figures:
            return
        margin = blur * 2.5 + 1 + max(lengths.get("width", 0) for *_, lengths in self._figures) / 2
        xs, ys = zip(*(point for _, points, *_ in self._figures for point in points), strict=True)
        left, top = max(0, math.floor(min(xs) - margin)), max(0, math.floor(min(ys) - margin))
        wide = min(self._canvas.width, math.ceil(max(xs) + margin)) - left
        high = min(self._canvas.height, math.ceil(max(ys) + margin)) - top
        if wide > 0 and high > 0:
            mask = scaled(soften(self._mask(left, top, (wide, high)), blur), alpha)
            self._canvas.image.paste(picture(mask.size), (left, top), mask)

    def _add(self, kind: str, points: Sequence[float | Point], ink: int = 255, **lengths: float) -> "Shape":
        flat = [value for point in points for value in (point if isinstance(point, tuple) else (point,))]
        x, y, size = self._x, self._y, self._size
        placed = [(x + across * size, y + down * size) for across, down in zip(flat[::2], flat[1::2], strict=True)]
        self._figures.append((kind, placed, ink, lengths))
        return self

    def _mask(self, left: int, top: int, size: Size) -> Image.Image:
        scale = 4 if size[0] * size[1] < SMALL_SHAPE else 2
        mask = Image.new("L", (size[0] * scale, size[1] * scale))
        pen = ImageDraw.Draw(mask)
        for kind, points, ink, lengths in self._figures:
            options = {name: max(1, round(length * scale)) for name, length in lengths.items()}
            if kind == "line":
                pen.line([((x - left) * scale, (y - top) * scale) for x, y in points], ink, joint="curve", **options)
            else:
                getattr(pen, kind)([((x - left) * scale, (y - top) * scale) for x, y in points], fill=ink, **options)
        return mask.reduce(scale)


@dataclass
class Canvas:
    """`key` decides all that is random; `detail` from 0 to 1 is the number of things that a scene is drawn with.

    `words` are those of the prompt, for scenes that have a choice; `lettered` says that a sign will need room.
    """

    size: Size
    key: str
    palette: Palette
    detail: float
    words: frozenset[str]
    lettered: bool

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", self.size, self.palette.sky[0])
        self.width, self.height = self.size
        self.unit = min(self.size)

    def stream(self, purpose: str) -> random.Random:
        """Return a stream of its own for each purpose: more detail in one does not move what another draws."""
        return random.Random(f"{self.key}|{purpose}")

    def depths(self, few: int, more: float = 0) -> list[tuple[int, float]]:
        """Return the layers of a scene from the farthest, 0, to the nearest, 1: `few`, and some `more` with detail."""
        count = few + round(more * self.detail)
        return [(index, index / (count - 1)) for index in range(count)]

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
        """Add light that fades out with distance; `flat` below 1 squeezes it to a band."""
        down = radius * flat
        # Only the visible part of the light is made: a glow is often larger than the picture.
        left, top = max(0, math.floor(x - radius)), max(0, math.floor(y - down))
        size = min(self.width, math.ceil(x + radius)) - left, min(self.height, math.ceil(y + down)) - top
        if min(size) > 0:
            matrix = (128 / radius, 0, (left - x) * 128 / radius + 128, 0, 128 / down, (top - y) * 128 / down + 128)
            light = scaled(_light(), strength)
            mask = light.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
            self.image.paste(colour, (left, top), mask)

    def mist(self, colour: Colour, top: float, bottom: float, strength: float) -> None:
        """Lay a veil over the whole width: nothing at `top`, `strength` at `bottom`."""
        upper, lower = max(0, round(top)), min(self.height, round(bottom))
        if lower > upper:
            mask = Image.linear_gradient("L").resize((1, lower - upper)).resize((self.width, lower - upper))
            self.image.paste(colour, (0, upper), scaled(mask, strength))

    def ground(self, line: Sequence[Point], *stops: Colour, bottom: float = 0, alpha: float = 1.0) -> None:
        """Fill what lies below a line from the left edge to the right one."""
        bottom = bottom or self.height
        self.shape().polygon(*line, (self.width + 3, bottom), (-3, bottom)).paint(*stops, alpha=alpha)

    def ridge(
        self, stream: random.Random, base: float, rise: float, swings: float = 0, octaves: int = 4
    ) -> list[Point]:
        """Return a smooth line over the width, `rise` high around `base`; `swings` for each square."""
        swings = (swings or stream.uniform(0.8, 1.7)) * self.width / self.unit
        heights = wave(stream, self.width, swings, octaves)
        return [(index * 3.0, base - rise * (height + 0.5)) for index, height in enumerate(heights)]

    def finish(self, key: str) -> None:
        """Add film grain, which also hides the steps of gradients, and slightly darker corners."""
        corners = scaled(_corners().resize(self.size, Image.Resampling.BILINEAR), 0.24)
        self.image.paste(mix(self.palette.near, BLACK, 0.6), (0, 0), corners)
        stream, sheet = random.Random(f"grain {key}"), Image.new("L", self.size)
        across, down = stream.randrange(GRAIN), stream.randrange(GRAIN)
        for top in range(-down, self.height, GRAIN):
            for left in range(-across, self.width, GRAIN):
                sheet.paste(_grain(), (left, top))
        self.image = ImageChops.add(self.image, Image.merge("RGB", (sheet, sheet, sheet)), 1, -128)


def scaled(mask: Image.Image, strength: float) -> Image.Image:
    return mask if strength == 1 else mask.point([min(255, round(value * strength)) for value in range(256)])


def gradient(stops: Sequence[Colour], size: Size) -> Image.Image:
    """Return evenly spaced stops from top to bottom."""
    if len(stops) == 1:
        return Image.new("RGB", size, stops[0])
    column = Image.new("RGB", (1, 8 * len(stops)))
    for step in range(column.height):
        place = step / (column.height - 1) * (len(stops) - 1)
        index = min(int(place), len(stops) - 2)
        column.putpixel((0, step), mix(stops[index], stops[index + 1], place - index))
    return column.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def soften(mask: Image.Image, radius: float) -> Image.Image:
    """Blur a mask at the price of a small one: wide blurs are made from a reduced mask."""
    factor = int(radius // 3)
    if factor < 2:
        return mask.filter(ImageFilter.GaussianBlur(radius)) if radius else mask
    small = mask.resize((max(1, mask.width // factor), max(1, mask.height // factor)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / factor)).resize(mask.size, Image.Resampling.BICUBIC)


def wave(stream: random.Random, width: float, swings: float, octaves: int = 3) -> list[float]:
    """Return a smooth random line from -1 to 1, a value for every third pixel of the width and a bit beyond."""
    parts = [(swings * 2.1**octave, stream.uniform(0, math.tau), 0.48**octave) for octave in range(octaves)]
    total = sum(weight for _, _, weight in parts)
    return [
        sum(math.sin(x / width * turns * math.tau + shift) * weight for turns, shift, weight in parts) / total
        for x in range(0, int(width) + 6, 3)
    ]


def mirrored(*points: Point) -> list[Point]:
    """Return a symmetrical outline from its right half: the points, and back up on the other side of x = 0."""
    return [*points, *((-x, y) for x, y in reversed(points))]


@cache
def _light() -> Image.Image:
    """Return a mask that is bright in the middle, nothing at the rim, with a long soft tail."""
    return Image.radial_gradient("L").point([round(255 * max(0.0, 1 - value / 180) ** 2.2) for value in range(256)])


@cache
def _corners() -> Image.Image:
    return Image.radial_gradient("L").point([round(255 * max(0.0, (value - 110) / 145) ** 1.6) for value in range(256)])


@cache
def _grain() -> Image.Image:
    """Return a tile of noise that is the same in every process; Pillow's own cannot be repeated."""
    noise = Image.frombytes("L", (GRAIN, GRAIN), random.Random(7).randbytes(GRAIN * GRAIN))
    soft = noise.filter(ImageFilter.GaussianBlur(0.55))
    return soft.point([round(128 + (value - 128) * 5 / 64) for value in range(256)])
