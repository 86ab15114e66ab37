"""Hills, forest, desert and northern lights."""

import math
import random
from itertools import pairwise

from PIL import Image, ImageFilter

from generations.emulator.drawing import air
from generations.emulator.drawing.canvas import Canvas, Layer, Point, gradient, wave
from generations.emulator.drawing.palettes import WHITE, Colour, mix


def hills(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice("hills")
    horizon = canvas.height * dice.uniform(0.58, 0.7)
    air.sky(canvas, horizon + canvas.unit * 0.06)
    if dice.random() < 0.6:
        air.birds(canvas, canvas.height * 0.12, horizon * 0.6)
    count = 4 + round(2.6 * canvas.detail)
    peaky = dice.random() < 0.45
    for index in range(count):
        depth = index / (count - 1)
        base = horizon + (canvas.height * 1.02 - horizon) * depth**1.25
        rise = canvas.unit * (0.2 - 0.1 * depth) * dice.uniform(0.7, 1.15)
        stream = canvas.dice(f"ridge {index}")
        line = peaks(stream, canvas, base, rise * 1.25) if peaky and depth < 0.6 else ridge(stream, canvas, base, rise)
        tint = palette.layer(depth)
        fill_below(canvas, line, tint, mix(tint, palette.layer(max(0.0, depth - 0.35)), 0.7))
        if peaky and depth < 0.3 and "snow" in palette.moods:
            caps(canvas, line, rise)
        if depth < 0.8:
            canvas.veil(palette.horizon, base - rise * 0.3, base + canvas.unit * 0.16, 0.34 * (1 - depth))
        if depth > 0.55 and dice.random() < 0.7:
            sprinkle_firs(canvas, line, mix(tint, palette.near, 0.6), index)


def forest(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice("forest")
    x, y, radius = air.sky(canvas, canvas.height * 0.9)
    canvas.glow(x, y, radius * 9, palette.disc, 0.35)
    count = 4 + round(2 * canvas.detail)
    for index in range(count):
        depth = index / (count - 1)
        base = canvas.height * (0.56 + 0.5 * depth**1.15)
        tint = palette.layer(depth**0.8)
        line = ridge(canvas.dice(f"floor {index}"), canvas, base, canvas.unit * 0.05)
        layer = canvas.layer(top=min(y for _, y in line) - canvas.unit * 0.5)
        stream, size = canvas.dice(f"firs {index}"), canvas.unit * (0.1 + 0.36 * depth**1.3)
        x = -size * stream.random()
        while x < canvas.width + size * 0.3:
            height = size * stream.uniform(0.6, 1.25)
            if not (depth == 1 and abs(x / canvas.width - 0.5) < 0.26):
                fir(layer, x, _at(line, x) + size * 0.06, height, stream)
            x += size * stream.uniform(0.12, 0.4)
        layer.polygon([*line, (canvas.width, canvas.height), (0, canvas.height)])
        canvas.paint(layer, tint, mix(tint, palette.layer(max(0.0, depth - 0.5)), 0.55))
        if index < count - 1:
            mist = mix(palette.horizon, palette.layer(depth), 0.25)
            canvas.veil(
                mist, base - canvas.unit * 0.02, base + canvas.unit * 0.2, 0.5 * (1 - depth) * dice.uniform(0.7, 1)
            )


def desert(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice("desert")
    horizon = canvas.height * dice.uniform(0.5, 0.62)
    x, _, _ = air.sky(canvas, horizon + canvas.unit * 0.1)
    mesas(canvas, horizon)
    lit_left = x < canvas.width / 2
    count = 3 + round(2 * canvas.detail)
    for index in range(count):
        depth = (index + 0.6) / count
        base = horizon + (canvas.height - horizon) * (index / count) ** 1.2 + canvas.unit * 0.03
        dune(canvas, base, depth, lit_left, index)
    if "snow" not in palette.moods:
        for index in range(dice.randint(1, 3)):
            depth = dice.uniform(0.45, 0.95)
            foot = horizon + (canvas.height - horizon) * (0.25 + 0.6 * depth)
            place = canvas.width * dice.choice([dice.uniform(0.06, 0.3), dice.uniform(0.72, 0.94)])
            cactus(canvas, place, foot, canvas.unit * (0.07 + 0.16 * depth), index)


def aurora(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice("aurora")
    horizon = round(canvas.height * dice.uniform(0.66, 0.74))
    canvas.backdrop(palette.sky, 0, horizon + 2)
    air.stars(canvas, horizon)
    colours: list[tuple[Colour, Colour]] = [
        ((92, 255, 178), (62, 120, 255)), ((120, 255, 214), (190, 90, 255)), ((170, 255, 130), (40, 200, 190)),
    ]  # fmt: skip
    low, high = dice.choice(colours)
    for index in range(2 + round(canvas.detail)):
        curtain(canvas, horizon, low, high, index)
    line = peaks(canvas.dice("far peaks"), canvas, horizon - canvas.unit * 0.02, canvas.unit * 0.17)
    fill_below(canvas, line, palette.layer(0.3), palette.layer(0.6), bottom=horizon)
    caps(canvas, line, canvas.unit * 0.17, 0.5)
    mirror(canvas, horizon, palette.near, 0.4)
    canvas.glow(canvas.width / 2, horizon, canvas.width * 0.7, mix(low, palette.sky[-1], 0.5), 0.5, flat=0.05)
    shore = ridge(canvas.dice("shore"), canvas, canvas.height * 0.97, canvas.unit * 0.05)
    fill_below(canvas, shore, palette.near, palette.near)
    sprinkle_firs(canvas, shore, palette.near, 9, 0.16)


def ridge(dice: random.Random, canvas: Canvas, base: float, rise: float) -> list[Point]:
    heights = wave(dice, canvas.width, dice.uniform(0.8, 1.7) * canvas.width / canvas.unit, 4)
    return [(index * 3, base - rise * (height + 0.5)) for index, height in enumerate(heights)]


def peaks(dice: random.Random, canvas: Canvas, base: float, rise: float) -> list[Point]:
    """Midpoint displacement: the ragged line of mountains."""
    heights = [dice.uniform(0.1, 0.5), dice.uniform(0.6, 1.0), dice.uniform(0.2, 0.7), dice.uniform(0.5, 1), 0.3]
    rough = 0.34
    while len(heights) < canvas.width / 5:
        middles = [(a + b) / 2 + dice.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [one for pair in zip(heights, middles, strict=False) for one in pair] + heights[-1:]
        rough *= 0.5
    step = (canvas.width + 2) / (len(heights) - 1)
    return [(index * step - 1, base - rise * height * 1.5) for index, height in enumerate(heights)]


def fill_below(canvas: Canvas, line: list[Point], top: Colour, low: Colour, bottom: float = 0) -> None:
    bottom = bottom or canvas.height
    layer = canvas.layer(top=min(y for _, y in line) - 1, bottom=bottom)
    layer.polygon([*line, (canvas.width + 3, bottom), (-3, bottom)])
    canvas.paint(layer, top, low)


def caps(canvas: Canvas, line: list[Point], rise: float, alpha: float = 0.8) -> None:
    """Snow on the upper part of a ragged line, with a torn lower edge."""
    top = min(y for _, y in line)
    dice, limit = canvas.dice("caps"), top + rise * 0.62
    layer = canvas.layer(top=top - 1, bottom=limit + rise * 0.3)
    teeth = wave(dice, canvas.width, 14 * canvas.width / canvas.unit, 4)
    torn = [(x, min(y + rise * 0.3, limit + teeth[int(x / 3) % len(teeth)] * 0.16 * rise)) for x, y in line]
    layer.polygon([*line, *reversed([(x, max(y, edge)) for (x, y), (_, edge) in zip(line, torn, strict=True)])])
    canvas.paint(layer, mix(WHITE, canvas.palette.sky[-2], 0.2), alpha=alpha)


def fir(layer: Layer, x: float, foot: float, height: float, dice: random.Random) -> None:
    """A silhouette of drooping tiers on a short trunk."""
    half = height * dice.uniform(0.17, 0.24)
    layer.rectangle(x - height * 0.018, foot - height * 0.15, x + height * 0.018, foot)
    tiers = 6
    left, right = [(x, foot - height)], []
    for tier in range(1, tiers + 1):
        y = foot - height * (1 - tier / tiers * 0.9)
        reach = half * (tier / tiers) ** 0.85 * dice.uniform(0.88, 1.08)
        left += [(x - reach, y + height * 0.02), (x - reach * 0.52, y - height * 0.012)]
        right += [(x + reach, y + height * 0.02), (x + reach * 0.52, y - height * 0.012)]
    layer.polygon([*left, *reversed(right)])


def sprinkle_firs(canvas: Canvas, line: list[Point], tint: Colour, index: int, size: float = 0.09) -> None:
    dice = canvas.dice(f"sprinkle {index}")
    layer = canvas.layer(top=min(y for _, y in line) - canvas.unit * size * 1.4)
    for _ in range(dice.randint(2, 4)):
        middle = dice.uniform(0, canvas.width)
        for _ in range(round(3 + 5 * canvas.detail)):
            x = middle + dice.gauss(0, canvas.unit * 0.05)
            height = canvas.unit * size * dice.uniform(0.5, 1.2)
            fir(layer, x, _at(line, x) + height * 0.08, height, dice)
    canvas.paint(layer, tint)


def mesas(canvas: Canvas, horizon: float) -> None:
    dice, palette = canvas.dice("mesas"), canvas.palette
    for _ in range(dice.randint(1, 3)):
        x, half = canvas.width * dice.uniform(0, 1), canvas.unit * dice.uniform(0.08, 0.2)
        top = horizon - canvas.unit * dice.uniform(0.06, 0.16)
        layer = canvas.layer(top=top - 2, bottom=horizon + canvas.unit * 0.1)
        foot = horizon + canvas.unit * 0.1
        slope = half * 0.35
        shoulder = top + (foot - top) * 0.4
        left = [(x - half, top), (x - half * 1.1, shoulder), (x - half - slope * 2, foot)]
        right = [(x + half, top + 3), (x + half * 1.1, shoulder), (x + half + slope * 2, foot)]
        layer.polygon([*left, *reversed(right)])
        canvas.paint(layer, palette.layer(0.15), palette.layer(0.02))


def dune(canvas: Canvas, base: float, depth: float, lit_left: bool, index: int) -> None:
    """A crest with a sunny and a shady side that meet in a long curve."""
    palette, dice = canvas.palette, canvas.dice(f"dune {index}")
    rise = canvas.unit * (0.07 + 0.06 * depth)
    heights = wave(dice, canvas.width, dice.uniform(0.45, 0.8) * canvas.width / canvas.unit, 2)
    line = [(place * 3.0, base - rise * (height + 0.5)) for place, height in enumerate(heights)]
    sunny = mix(palette.layer(depth * 0.55), palette.disc, 0.28 * (1 - depth))
    fill_below(canvas, line, sunny, palette.layer(min(1.0, depth * 0.75)))
    crest = min(range(len(line) // 6, len(line) * 5 // 6), key=lambda place: line[place][1])
    x, y = line[crest]
    side = 1 if lit_left else -1
    flank = line[crest:] if lit_left else line[: crest + 1][::-1]
    foot = min(canvas.height, y + canvas.unit * (0.16 + 0.3 * depth))
    sway = canvas.unit * dice.uniform(0.08, 0.16)
    bend = [
        (x + side * sway * (math.sin(step / 12 * math.tau * 0.8) + step / 9), y + (foot - y) * step / 12)
        for step in range(13)
    ]
    layer = canvas.layer(top=y - 1)
    layer.polygon([*flank, (flank[-1][0], foot), *reversed(bend)])
    canvas.paint(layer, mix(palette.layer(depth), palette.near, 0.3), palette.layer(min(1.0, depth * 0.85)), alpha=0.6)


def cactus(canvas: Canvas, x: float, foot: float, height: float, index: int) -> None:
    dice, width = canvas.dice(f"cactus {index}"), height * 0.13
    layer = canvas.layer(x - height, foot - height * 1.1, x + height, foot + height * 0.1)
    layer.rectangle(x - width / 2, foot - height, x + width / 2, foot, radius=width / 2)
    for side in (-1, 1):
        if dice.random() < 0.85:
            reach, level, arm = height * dice.uniform(0.2, 0.28), foot - height * dice.uniform(0.35, 0.55), width * 0.75
            tip = level - height * dice.uniform(0.2, 0.34)
            layer.rectangle(
                min(x, x + side * reach), level - arm / 2, max(x, x + side * reach), level + arm / 2, radius=arm / 2
            )
            layer.rectangle(
                x + side * reach - arm / 2, tip, x + side * reach + arm / 2, level + arm / 2, radius=arm / 2
            )
    canvas.paint(layer, mix(canvas.palette.near, (20, 60, 50), 0.35), canvas.palette.near)


def curtain(canvas: Canvas, horizon: int, low: Colour, high: Colour, index: int) -> None:
    """Rays of light that stand on a winding line: a row of brightness, smeared upwards."""
    dice = canvas.dice(f"curtain {index}")
    wide, tall = 160, 120
    mask = Image.new("L", (wide, tall))
    foot = wave(dice, wide * 3, dice.uniform(0.5, 1.1), 3)
    rays = wave(dice, wide * 3, dice.uniform(3, 5), 4)
    base = tall * dice.uniform(0.5, 0.82)
    for x in range(wide):
        y0 = base + foot[x] * tall * 0.16
        length = tall * (0.42 + 0.12 * rays[x] + 0.08 * foot[-x])
        shine = 150 + 80 * rays[x]
        for step in range(int(length)):
            y = int(y0 - step)
            if 0 <= y < tall:
                rise = min(1.0, step / 5)
                mask.putpixel((x, y), max(0, int(shine * rise * (1 - step / length) ** 1.5)))
    mask = mask.filter(ImageFilter.GaussianBlur(1.3)).resize((canvas.width, horizon), Image.Resampling.BICUBIC)
    canvas.image.paste(
        gradient((high, mix(high, low, 0.5), low), mask.size),
        (0, 0),
        mask.point([min(255, v * 11 // 10) for v in range(256)]),
    )


def mirror(canvas: Canvas, horizon: int, tint: Colour, strength: float) -> None:
    """Still water: what stands above the horizon, upside down, squeezed, dimmed and rippled."""
    depth = canvas.height - horizon
    source = canvas.image.crop((0, max(0, horizon - round(depth * 1.3)), canvas.width, horizon))
    flipped = source.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((canvas.width, depth))
    flipped = Image.blend(flipped, Image.new("RGB", flipped.size, tint), strength)
    dice = canvas.dice("ripples")
    y = 0
    while y < depth:
        band = max(1, round(1 + y * 0.018))
        strip = flipped.crop((0, y, canvas.width, min(depth, y + band)))
        shift = round(dice.gauss(0, 0.6 + y * 0.012))
        canvas.image.paste(strip, (0, horizon + y))
        canvas.image.paste(strip, (shift, horizon + y))
        y += band


def _at(line: list[Point], x: float) -> float:
    """The line's height at `x`."""
    step = line[1][0] - line[0][0]
    return line[max(0, min(len(line) - 1, round((x - line[0][0]) / step)))][1]
