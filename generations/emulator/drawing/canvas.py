"""Brushes: smooth shapes, gradients, glows and grain over one RGB picture, all from Pillow's own operations."""

import math
import random
from collections.abc import Iterable, Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.emulator.drawing.palettes import Colour, Palette, mix

Point = tuple[float, float]
GRAIN = 256


class Layer:
    """A coverage mask over a part of the canvas, drawn larger and reduced, so that edges are smooth.

    Coordinates are those of the canvas.
    """

    def __init__(self, box: tuple[int, int, int, int], scale: int) -> None:
        self.box = box
        self.scale = scale
        self.mask = Image.new("L", ((box[2] - box[0]) * scale, (box[3] - box[1]) * scale))
        self._pen = ImageDraw.Draw(self.mask)

    def polygon(self, points: Iterable[Point], ink: int = 255) -> None:
        self._pen.polygon([self._at(x, y) for x, y in points], fill=ink)

    def ellipse(self, x: float, y: float, across: float, down: float, ink: int = 255) -> None:
        """`x`, `y` is the centre; `across` and `down` are radii."""
        self._pen.ellipse([*self._at(x - across, y - down), *self._at(x + across, y + down)], fill=ink)

    def rectangle(self, left: float, top: float, right: float, bottom: float, *, radius: float = 0) -> None:
        box = [*self._at(left, top), *self._at(right, bottom)]
        if box[2] >= box[0] and box[3] >= box[1]:
            self._pen.rounded_rectangle(box, radius * self.scale, fill=255)

    def line(self, points: Iterable[Point], width: float, ink: int = 255) -> None:
        size = max(1, round(width * self.scale))
        self._pen.line([self._at(x, y) for x, y in points], fill=ink, width=size, joint="curve")

    def reduced(self) -> Image.Image:
        return self.mask.reduce(self.scale)

    def _at(self, x: float, y: float) -> Point:
        return (x - self.box[0]) * self.scale, (y - self.box[1]) * self.scale


class Canvas:
    """`unit` is the shorter side; `detail` from 0 to 1 says how much trouble the painter takes.

    `words` are those of the prompt, for scenes that have a choice; `lettered` says that a sign will need room.
    """

    def __init__(
        self,
        size: tuple[int, int],
        key: str,
        palette: Palette,
        *,
        detail: float = 1.0,
        words: frozenset[str] = frozenset(),
        lettered: bool = False,
    ) -> None:
        self.image = Image.new("RGB", size, palette.sky[0])
        self.width, self.height = size
        self.unit = min(size)
        self.key = key
        self.palette = palette
        self.detail = detail
        self.words = words
        self.lettered = lettered

    def dice(self, purpose: str) -> random.Random:
        """A stream of its own for each purpose: more detail here does not move things there."""
        return random.Random(f"{self.key}|{purpose}")

    def layer(self, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0, scale: int = 2) -> Layer:
        """A mask over the box, cut to the canvas; no right or bottom means up to the edge."""
        box = (
            max(0, min(math.floor(left), self.width - 1)),
            max(0, min(math.floor(top), self.height - 1)),
            max(1, min(math.ceil(right or self.width), self.width)),
            max(1, min(math.ceil(bottom or self.height), self.height)),
        )
        whole = (box[0], box[1], max(box[2], box[0] + 1), max(box[3], box[1] + 1))
        return Layer(whole, scale)

    def paint(
        self, layer: Layer, top: Colour, bottom: Colour | None = None, alpha: float = 1.0, blur: float = 0.0
    ) -> None:
        """Fill the mask with one colour, or with a gradient down its box."""
        mask = layer.reduced()
        if blur:
            mask = soften(mask, blur)
        if alpha < 1:
            mask = mask.point([round(value * alpha) for value in range(256)])
        left, upper = layer.box[:2]
        if bottom is None:
            self.image.paste(top, layer.box, mask)
        else:
            self.image.paste(gradient((top, bottom), mask.size), (left, upper), mask)

    def backdrop(self, stops: Sequence[Colour], top: int = 0, bottom: int = 0) -> None:
        bottom = bottom or self.height
        self.image.paste(gradient(stops, (self.width, max(1, bottom - top))), (0, top))

    def glow(
        self, x: float, y: float, radius: float, tint: Colour, strength: float = 1.0, *, flat: float = 1.0
    ) -> None:
        """Light that fades out with distance; `flat` below 1 squeezes it to a band."""
        across, down = radius, radius * flat
        left, top = max(0, math.floor(x - across)), max(0, math.floor(y - down))
        right, bottom = min(self.width, math.ceil(x + across)), min(self.height, math.ceil(y + down))
        if right <= left or bottom <= top or across < 1 or down < 1:
            return
        # Only the visible part of the light is made: a glow is often larger than the picture.
        scale_x, scale_y = 128 / across, 128 / down
        part = (
            max(0.0, (left - x) * scale_x + 128),
            max(0.0, (top - y) * scale_y + 128),
            min(256.0, (right - x) * scale_x + 128),
            min(256.0, (bottom - y) * scale_y + 128),
        )
        mask = _falloff().point([round(value * strength) for value in range(256)])
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BILINEAR, box=part)
        self.image.paste(tint, (left, top), mask)

    def disc(self, x: float, y: float, radius: float, tint: Colour, alpha: float = 1.0) -> None:
        layer = self.layer(x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2, scale=4)
        layer.ellipse(x, y, radius, radius)
        self.paint(layer, tint, alpha=alpha)

    def veil(self, tint: Colour, top: float, bottom: float, strength: float) -> None:
        """Mist: nothing at `top`, `strength` at `bottom`."""
        upper, lower = max(0, round(top)), min(self.height, round(bottom))
        if lower <= upper:
            return
        mask = Image.linear_gradient("L").resize((1, lower - upper)).resize((self.width, lower - upper))
        self.image.paste(tint, (0, upper), mask.point([round(value * strength) for value in range(256)]))

    def finish(self, key: str = "", grain: float = 5.0, vignette: float = 0.24) -> None:
        """Film grain, which also hides the steps of gradients, and slightly darker corners."""
        mask = _corners().resize(self.image.size, Image.Resampling.BILINEAR)
        mask = mask.point([round(value * vignette) for value in range(256)])
        self.image.paste(mix(self.palette.near, (0, 0, 0), 0.6), (0, 0), mask)
        tile, dice = _grain(round(grain * 10)), random.Random(f"grain {key}")
        sheet = Image.new("L", self.image.size)
        across, down = dice.randrange(GRAIN), dice.randrange(GRAIN)
        for top in range(-down, self.height, GRAIN):
            for left in range(-across, self.width, GRAIN):
                sheet.paste(tile, (left, top))
        self.image = ImageChops.add(self.image, Image.merge("RGB", (sheet, sheet, sheet)), 1, -128)


def gradient(stops: Sequence[Colour], size: tuple[int, int]) -> Image.Image:
    """Evenly spaced stops from top to bottom."""
    steps = 8 * len(stops)
    column = Image.new("RGB", (1, steps))
    for step in range(steps):
        place = step / (steps - 1) * (len(stops) - 1)
        index = min(int(place), len(stops) - 2)
        part = place - index
        column.putpixel((0, step), mix(stops[index], stops[index + 1], part))
    return column.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def soften(mask: Image.Image, radius: float) -> Image.Image:
    """A blur at the price of a small picture: wide blurs are made from a reduced mask."""
    factor = max(1, int(radius // 3))
    if factor == 1:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    small = mask.resize((max(1, mask.width // factor), max(1, mask.height // factor)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / factor)).resize(mask.size, Image.Resampling.BICUBIC)


def wave(dice: random.Random, width: float, swings: float, octaves: int = 3) -> list[float]:
    """A smooth random line from -1 to 1, one value for every third pixel of the width and a bit beyond."""
    parts = [(swings * 2.1**octave, dice.uniform(0, math.tau), 0.48**octave) for octave in range(octaves)]
    total = sum(weight for _, _, weight in parts)
    return [
        sum(math.sin(x / width * turns * math.tau + shift) * weight for turns, shift, weight in parts) / total
        for x in range(0, int(width) + 6, 3)
    ]


@cache
def _falloff() -> Image.Image:
    """Bright in the middle, nothing at the rim, with a long soft tail."""
    curve = [round(255 * max(0.0, 1 - value / 180) ** 2.2) for value in range(256)]
    return Image.radial_gradient("L").point(curve)


@cache
def _corners() -> Image.Image:
    return Image.radial_gradient("L").point([round(255 * max(0.0, (value - 110) / 145) ** 1.6) for value in range(256)])


@cache
def _grain(strength: int) -> Image.Image:
    """Pillow's own noise cannot be repeated; this tile is the same in every process."""
    noise = Image.frombytes("L", (GRAIN, GRAIN), random.Random(7).randbytes(GRAIN * GRAIN))
    soft = noise.filter(ImageFilter.GaussianBlur(0.55))
    return soft.point([round(128 + (value - 128) * strength / 10 / 64) for value in range(256)])
