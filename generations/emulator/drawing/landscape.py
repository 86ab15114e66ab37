"""Hills, forest, desert and northern lights."""

import math
import random
from collections.abc import Sequence
from itertools import groupby, pairwise

from PIL import Image, ImageFilter

from generations.emulator.drawing.canvas import Canvas, Point, Shape, gradient, mirrored, scaled, wave
from generations.emulator.drawing.palettes import WHITE, Colour, mix
from generations.emulator.drawing.sky import birds, sky, stars

# The lower and the upper colour of a curtain of northern lights.
AURORAS: list[tuple[Colour, Colour]] = [
    ((92, 255, 178), (62, 120, 255)), ((120, 255, 214), (190, 90, 255)), ((170, 255, 130), (40, 200, 190)),
]  # fmt: skip


def hills(canvas: Canvas) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("hills"), canvas.unit
    horizon = canvas.height * stream.uniform(0.58, 0.7)
    sky(canvas, horizon + unit * 0.06)
    if stream.random() < 0.6:
        birds(canvas, canvas.height * 0.12, horizon * 0.6)
    rocky = stream.random() < 0.45
    for index, depth in canvas.depths(4, 2.6):
        base = horizon + (canvas.height * 1.02 - horizon) * depth**1.25
        rise = unit * (0.2 - 0.1 * depth) * stream.uniform(0.7, 1.15)
        own, rugged = canvas.stream(f"ridge {index}"), rocky and depth < 0.6
        line = peaks(canvas, own, base, rise * 1.25) if rugged else canvas.ridge(own, base, rise)
        colour = palette.layer(depth)
        canvas.ground(line, colour, mix(colour, palette.layer(max(0.0, depth - 0.35)), 0.7))
        if rocky and depth < 0.3 and "snow" in palette.moods:
            snow_caps(canvas, line, rise)
        if depth < 0.8:
            canvas.mist(palette.horizon, base - rise * 0.3, base + unit * 0.16, 0.34 * (1 - depth))
        if depth > 0.55 and stream.random() < 0.7:
            groves(canvas, line, mix(colour, palette.near, 0.6), index)


def forest(canvas: Canvas) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("forest"), canvas.unit
    x, y, radius = sky(canvas, canvas.height * 0.9)
    canvas.glow(x, y, radius * 9, palette.disc, 0.35)
    for index, depth in canvas.depths(4, 2):
        base, colour = canvas.height * (0.56 + 0.5 * depth**1.15), palette.layer(depth**0.8)
        line = canvas.ridge(canvas.stream(f"floor {index}"), base, unit * 0.05)
        own, size = canvas.stream(f"firs {index}"), unit * (0.1 + 0.36 * depth**1.3)
        trees, place = canvas.shape(), -size * own.random()
        while place < canvas.width + size * 0.3:
            height = size * own.uniform(0.6, 1.25)
            # In front the middle stays free: a sign may stand there.
            if depth < 1 or abs(place / canvas.width - 0.5) >= 0.26:
                fir(trees, place, height_at(line, place) + size * 0.06, height, own)
            place += size * own.uniform(0.12, 0.4)
        trees.polygon(*line, (canvas.width, canvas.height), (0, canvas.height))
        trees.paint(colour, mix(colour, palette.layer(max(0.0, depth - 0.5)), 0.55))
        if depth < 1:
            strength = 0.5 * (1 - depth) * stream.uniform(0.7, 1)
            canvas.mist(mix(palette.horizon, colour, 0.25), base - unit * 0.02, base + unit * 0.2, strength)


def desert(canvas: Canvas) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("desert"), canvas.unit
    horizon = canvas.height * stream.uniform(0.5, 0.62)
    x, _, _ = sky(canvas, horizon + unit * 0.1)
    for _ in range(stream.randint(1, 3)):
        half, tall = stream.uniform(0.08, 0.2), stream.uniform(0.16, 0.26)
        mesa = canvas.shape(canvas.width * stream.random(), horizon + unit * 0.1, unit)
        mesa.polygon(*mirrored((half, -tall), (half * 1.1, tall * -0.6), (half * 1.7, 0)))
        mesa.paint(palette.layer(0.15), palette.layer(0.02))
    for index, depth in canvas.depths(3, 2):
        base = horizon + (canvas.height - horizon) * (depth * 0.78) ** 1.2 + unit * 0.03
        dune(canvas, base, 0.15 + 0.75 * depth, x < canvas.width / 2, index)
    for index in range(0 if "snow" in palette.moods else stream.randint(1, 3)):
        depth = stream.uniform(0.45, 0.95)
        foot = horizon + (canvas.height - horizon) * (0.25 + 0.6 * depth)
        place = canvas.width * stream.choice([stream.uniform(0.06, 0.3), stream.uniform(0.72, 0.94)])
        cactus(canvas, place, foot, unit * (0.07 + 0.16 * depth), index)


def aurora(canvas: Canvas) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("aurora"), canvas.unit
    horizon = round(canvas.height * stream.uniform(0.66, 0.74))
    canvas.backdrop(palette.sky, 0, horizon + 2)
    stars(canvas, horizon)
    low, high = stream.choice(AURORAS)
    for index in range(2 + round(canvas.detail)):
        curtain(canvas, horizon, low, high, index)
    line = peaks(canvas, canvas.stream("far peaks"), horizon - unit * 0.02, unit * 0.17)
    canvas.ground(line, palette.layer(0.3), palette.layer(0.6), bottom=horizon)
    snow_caps(canvas, line, unit * 0.17, 0.5)
    mirror(canvas, horizon, palette.near, 0.4)
    canvas.glow(canvas.width / 2, horizon, canvas.width * 0.7, mix(low, palette.horizon, 0.5), 0.5, flat=0.05)
    shore = canvas.ridge(canvas.stream("shore"), canvas.height * 0.97, unit * 0.05)
    canvas.ground(shore, palette.near)
    groves(canvas, shore, palette.near, 9, 0.16)


def peaks(canvas: Canvas, stream: random.Random, base: float, rise: float) -> list[Point]:
    """Return the ragged line of mountains, by midpoint displacement."""
    heights = [stream.uniform(*span) for span in ((0.1, 0.5), (0.6, 1.0), (0.2, 0.7), (0.5, 1), (0.3, 0.3))]
    rough = 0.34
    while len(heights) < canvas.width / 5:
        middles = [(a + b) / 2 + stream.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [one for pair in zip(heights, middles, strict=False) for one in pair] + heights[-1:]
        rough *= 0.5
    step = (canvas.width + 2) / (len(heights) - 1)
    return [(index * step - 1, base - rise * height * 1.5) for index, height in enumerate(heights)]


def snow_caps(canvas: Canvas, line: Sequence[Point], rise: float, alpha: float = 0.8) -> None:
    """Lay snow on the upper part of a ragged line, with a torn lower edge."""
    limit = min(y for _, y in line) + rise * 0.62
    teeth = wave(canvas.stream("caps"), canvas.width, 14 * canvas.width / canvas.unit, 4)
    edge = [(x, min(y + rise * 0.3, limit + teeth[int(x / 3) % len(teeth)] * 0.16 * rise)) for x, y in line]
    caps = canvas.shape()
    for snowy, pairs in groupby(zip(line, edge, strict=True), key=lambda pair: pair[0][1] < pair[1][1]):
        if snowy:
            upper, lower = zip(*pairs, strict=True)
            caps.polygon(*upper, *reversed(lower))
    caps.paint(mix(WHITE, canvas.palette.sky[-2], 0.2), alpha=alpha)


def fir(shape: Shape, x: float, foot: float, height: float, stream: random.Random) -> None:
    """Add a silhouette of drooping tiers on a short trunk."""
    half = height * stream.uniform(0.17, 0.24)
    shape.rectangle(x - height * 0.018, foot - height * 0.15, x + height * 0.018, foot)
    outline = [(0.0, -height)]
    for tier in range(1, 7):
        y, reach = height * (tier * 0.15 - 1), half * (tier / 6) ** 0.85 * stream.uniform(0.88, 1.08)
        outline += [(reach, y + height * 0.02), (reach * 0.52, y - height * 0.012)]
    shape.polygon(*((x + across, foot + down) for across, down in mirrored(*outline)))


def groves(canvas: Canvas, line: Sequence[Point], colour: Colour, index: int, size: float = 0.09) -> None:
    """Draw a few groups of firs along a line."""
    stream, shape = canvas.stream(f"sprinkle {index}"), canvas.shape()
    for _ in range(stream.randint(2, 4)):
        middle = stream.uniform(0, canvas.width)
        for _ in range(round(3 + 5 * canvas.detail)):
            x, height = middle + stream.gauss(0, canvas.unit * 0.05), canvas.unit * size * stream.uniform(0.5, 1.2)
            fir(shape, x, height_at(line, x) + height * 0.08, height, stream)
    shape.paint(colour)


def dune(canvas: Canvas, base: float, depth: float, lit_left: bool, index: int) -> None:
    """Draw a crest with a sunny and a shady side that meet in a long curve."""
    palette, stream, unit = canvas.palette, canvas.stream(f"dune {index}"), canvas.unit
    line = canvas.ridge(stream, base, unit * (0.07 + 0.06 * depth), stream.uniform(0.45, 0.8), 2)
    sunny = mix(palette.layer(depth * 0.55), palette.disc, 0.28 * (1 - depth))
    canvas.ground(line, sunny, palette.layer(min(1.0, depth * 0.75)))
    crest = min(range(len(line) // 6, len(line) * 5 // 6), key=lambda place: line[place][1])
    x, y = line[crest]
    flank, side = (line[crest:], 1) if lit_left else (line[crest::-1], -1)
    foot, sway = min(canvas.height, y + unit * (0.16 + 0.3 * depth)), side * unit * stream.uniform(0.08, 0.16)
    bend = [(x + sway * (math.sin(s / 12 * math.tau * 0.8) + s / 9), y + (foot - y) * s / 12) for s in range(13)]
    shade = canvas.shape().polygon(*flank, (flank[-1][0], foot), *reversed(bend))
    shade.paint(mix(palette.layer(depth), palette.near, 0.3), palette.layer(min(1.0, depth * 0.85)), alpha=0.6)


def cactus(canvas: Canvas, x: float, foot: float, height: float, index: int) -> None:
    stream = canvas.stream(f"cactus {index}")
    shape = canvas.shape(x, foot, height).rectangle(-0.065, -1, 0.065, 0, radius=0.065)
    for side in (-1, 1):
        if stream.random() < 0.85:
            reach, level = side * stream.uniform(0.2, 0.28), -stream.uniform(0.35, 0.55)
            shape.rectangle(min(0, reach), level - 0.05, max(0, reach), level + 0.05, radius=0.05)
            shape.rectangle(reach - 0.05, level - stream.uniform(0.2, 0.34), reach + 0.05, level + 0.05, radius=0.05)
    shape.paint(mix(canvas.palette.near, (20, 60, 50), 0.35), canvas.palette.near)


def curtain(canvas: Canvas, horizon: int, low: Colour, high: Colour, index: int) -> None:
    """Draw rays of light that stand on a winding line: a row of brightness, smeared upwards."""
    stream, wide, tall = canvas.stream(f"curtain {index}"), 160, 120
    foot, rays = wave(stream, wide * 3, stream.uniform(0.5, 1.1), 3), wave(stream, wide * 3, stream.uniform(3, 5), 4)
    mask, base = Image.new("L", (wide, tall)), tall * stream.uniform(0.5, 0.82)
    # Bright a little above the foot, fading upwards.
    ray = Image.linear_gradient("L").point([round(255 * min(1, (255 - v) / 28) * (v / 255) ** 1.5) for v in range(256)])
    for x in range(wide):
        length = round(tall * (0.42 + 0.12 * rays[x] + 0.08 * foot[-x]))
        column = scaled(ray.resize((1, length)), (165 + 88 * rays[x]) / 255)
        mask.paste(column, (x, round(base + foot[x] * tall * 0.16) - length))
    mask = mask.filter(ImageFilter.GaussianBlur(1.3)).resize((canvas.width, horizon), Image.Resampling.BICUBIC)
    canvas.image.paste(gradient((high, mix(high, low, 0.5), low), mask.size), (0, 0), mask)


def mirror(canvas: Canvas, horizon: int, colour: Colour, strength: float) -> None:
    """Draw still water: what stands above the horizon, upside down, squeezed, dimmed and rippled."""
    depth, stream = canvas.height - horizon, canvas.stream("ripples")
    source = canvas.image.crop((0, max(0, horizon - round(depth * 1.3)), canvas.width, horizon))
    flipped = source.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((canvas.width, depth))
    flipped = Image.blend(flipped, Image.new("RGB", flipped.size, colour), strength)
    y = 0
    while y < depth:
        band = max(1, round(1 + y * 0.018))
        strip = flipped.crop((0, y, canvas.width, min(depth, y + band)))
        for shift in (0, round(stream.gauss(0, 0.6 + y * 0.012))):
            canvas.image.paste(strip, (shift, horizon + y))
        y += band


def height_at(line: Sequence[Point], x: float) -> float:
    """Return the y of a line of evenly spaced points at `x`."""
    step = line[1][0] - line[0][0]
    return line[max(0, min(len(line) - 1, round((x - line[0][0]) / step)))][1]
