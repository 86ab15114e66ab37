"""The open sea and the harbour."""

import random

from generations.emulator.drawing import air
from generations.emulator.drawing.canvas import Canvas, Layer, wave
from generations.emulator.drawing.palettes import Colour, mix


def sea(canvas: Canvas) -> None:
    dice = canvas.dice("sea")
    horizon = round(canvas.height * dice.uniform(0.5, 0.6))
    x, _, radius = air.sky(canvas, horizon)
    air.birds(canvas, horizon * 0.25, horizon * 0.7)
    headland(canvas, horizon, dice.choice([-1, 1]))
    water(canvas, horizon, x, radius)
    if dice.random() < 0.55:
        lighthouse(canvas, horizon, left=x > canvas.width / 2)
    for index in range(dice.randint(1, 3)):
        depth = dice.uniform(0.08, 0.5)
        boat(canvas, horizon, canvas.width * dice.uniform(0.15, 0.85), depth, index)
    swell(canvas, horizon)


def harbour(canvas: Canvas) -> None:
    dice = canvas.dice("harbour")
    horizon = round(canvas.height * dice.uniform(0.52, 0.6))
    x, _, radius = air.sky(canvas, horizon)
    headland(canvas, horizon, dice.choice([-1, 1]))
    water(canvas, horizon, x, radius)
    lights = houses(canvas, horizon)
    shimmer(canvas, horizon, lights)
    for index in range(dice.randint(2, 3)):
        boat(canvas, horizon, canvas.width * dice.uniform(0.08, 0.92), dice.uniform(0.1, 0.4), index)
    swell(canvas, horizon)
    moorings(canvas)


def water(canvas: Canvas, horizon: int, x: float, radius: float) -> None:
    """The sky upside down and darker, with the disc's path of light."""
    palette, dice = canvas.palette, canvas.dice("water")
    deep = mix(palette.near, palette.sky[0], 0.35)
    near_sky = [mix(tint, deep, 0.25 + 0.2 * place) for place, tint in enumerate(reversed(palette.sky))]
    canvas.backdrop(near_sky, horizon)
    depth = canvas.height - horizon
    canvas.glow(x, horizon + depth * 0.1, depth * 1.1, palette.disc, 0.32, flat=0.9)
    layer = canvas.layer(top=horizon)
    for _ in range(round(120 + 140 * canvas.detail)):
        far = dice.random() ** 1.6
        y = horizon + 3 + depth * far
        spread = radius * (0.5 + 1.7 * far)
        place, length = x + dice.gauss(0, spread * 0.6), canvas.unit * (0.012 + 0.05 * far) * dice.uniform(0.5, 1.4)
        thick = canvas.unit * (0.0007 + 0.0032 * far)
        layer.ellipse(place, y, length, thick, round(255 * (1 - 0.6 * far) * dice.uniform(0.5, 1)))
    canvas.paint(layer, palette.disc, alpha=0.85)
    ripples(canvas, horizon, mix(palette.sky[-1], palette.disc, 0.3), deep)


def ripples(canvas: Canvas, horizon: int, light: Colour, deep: Colour) -> None:
    depth = canvas.height - horizon
    for tint, alpha in ((light, 0.16), (deep, 0.3)):
        dice, layer = canvas.dice(f"ripples {alpha}"), canvas.layer(top=horizon)
        for _ in range(round(90 + 90 * canvas.detail)):
            far = dice.random() ** 1.3
            length, thick = canvas.unit * (0.015 + 0.1 * far), canvas.unit * (0.0008 + 0.003 * far)
            layer.ellipse(dice.uniform(0, canvas.width), horizon + 2 + depth * far, length, thick)
        canvas.paint(layer, tint, alpha=alpha)


def headland(canvas: Canvas, horizon: int, side: int) -> None:
    for index, (reach, height) in enumerate(((0.75, 0.12), (0.45, 0.085))):
        dice = canvas.dice(f"headland {index}")
        line = wave(dice, canvas.width, 2.5, 4)
        points = []
        for place, swing in enumerate(line):
            x = place * 3
            near = x if side < 0 else canvas.width - x
            fall = max(0.0, 1 - near / (canvas.width * reach)) ** 0.8
            points.append((float(x), horizon - canvas.unit * height * fall * (0.75 + 0.4 * swing)))
        layer = canvas.layer(top=horizon - canvas.unit * height * 1.4, bottom=horizon + 1)
        layer.polygon([*points, (canvas.width, horizon + 2), (0, horizon + 2)])
        tint = canvas.palette.layer(0.12 + 0.28 * index)
        canvas.paint(layer, tint, mix(tint, canvas.palette.horizon, 0.3))


def boat(canvas: Canvas, horizon: int, x: float, depth: float, index: int) -> None:
    """`depth` 0 is at the horizon, 1 at the picture's lower edge."""
    palette, dice = canvas.palette, canvas.dice(f"boat {index}")
    y, size = horizon + (canvas.height - horizon) * depth, canvas.unit * (0.035 + 0.2 * depth)
    box = (x - size, y - size * 1.8, x + size, y + size * 0.2)
    reflection, sail, hull = canvas.layer(x - size, y, x + size, y + size * 1.1), canvas.layer(*box), canvas.layer(*box)
    _broken(reflection, canvas.dice(f"reflection {index}"), x, y, size)
    wide = 1 + dice.uniform(-0.08, 0.2)
    for outline in ((0.03, 1.48, 0.36 * wide, 0.85, 0.5 * wide, 0.32, 0.03, 0.3),
                    (-0.04, 1.3, -0.28 * wide, 0.75, -0.42 * wide, 0.32, -0.04, 0.3)):  # fmt: skip
        sail.polygon(_around(x, y, size, outline))
    hull.polygon(_around(x, y, size, (-0.55, 0.2, 0.6, 0.22, 0.42, 0, -0.42, 0)))
    hull.line(_around(x, y, size, (0, 0.2, 0, 1.5)), size * 0.025)
    cloth = mix(palette.disc, dice.choice([palette.accent, palette.horizon, palette.disc]), 0.5)
    canvas.paint(reflection, palette.near, alpha=0.4)
    canvas.paint(sail, cloth, mix(cloth, palette.near, 0.3))
    canvas.paint(hull, mix(palette.near, palette.accent, 0.12))


def _around(x: float, y: float, size: float, pairs: tuple[float, ...]) -> list[tuple[float, float]]:
    """Pairs of across and up, in sizes, as points round the water line."""
    return [(x + across * size, y - up * size) for across, up in zip(pairs[::2], pairs[1::2], strict=True)]


def _broken(layer: Layer, dice: random.Random, x: float, y: float, size: float) -> None:
    step = size * 0.05
    for row in range(18):
        half = size * 0.45 * (1 - row / 19) * dice.uniform(0.6, 1.1)
        middle = x + dice.uniform(-0.05, 0.05) * size
        layer.ellipse(middle, y + step * (row + 0.6), half, step * 0.36)


def lighthouse(canvas: Canvas, horizon: int, left: bool) -> None:
    palette, dice = canvas.palette, canvas.dice("lighthouse")
    x = canvas.width * (dice.uniform(0.1, 0.22) if left else dice.uniform(0.78, 0.9))
    foot, tall = horizon + canvas.unit * 0.03, canvas.unit * dice.uniform(0.24, 0.32)
    half, top = tall * 0.085, foot - tall
    rock = canvas.layer(top=foot - canvas.unit * 0.06, bottom=foot + canvas.unit * 0.08)
    edge = wave(dice, canvas.width, 9, 3)
    reach = canvas.unit * 0.2
    shape = []
    for place, swing in enumerate(edge):
        rise = max(0.0, 1 - (abs(place * 3 - x) / reach) ** 1.6)
        shape.append((place * 3.0, foot + canvas.unit * 0.035 - canvas.unit * 0.06 * rise * (1 + 0.25 * swing)))
    rock.polygon([*shape, (canvas.width, foot + canvas.unit * 0.035), (0, foot + canvas.unit * 0.035)])
    tower, bands = (canvas.layer(x - half * 3, top - half * 4, x + half * 3, foot + 2, scale=4) for _ in range(2))
    tower.polygon([(x - half * 0.66, top), (x + half * 0.66, top), (x + half, foot), (x - half, foot)])
    for band in range(3):
        upper, lower = top + tall * (0.1 + 0.3 * band), top + tall * (0.25 + 0.3 * band)
        a, b = (half * (0.66 + 0.34 * (edge_y - top) / tall) for edge_y in (upper, lower))
        bands.polygon([(x - a, upper), (x + a, upper), (x + b, lower), (x - b, lower)])
    room = canvas.layer(x - half * 3, top - half * 4, x + half * 3, top + half, scale=4)
    room.rectangle(x - half * 0.95, top - half * 0.2, x + half * 0.95, top + half * 0.12)
    room.polygon([(x - half * 0.75, top - half * 1.5), (x + half * 0.75, top - half * 1.5), (x, top - half * 2.5)])
    pale = mix(palette.disc, palette.horizon, 0.5)
    canvas.glow(x, top - half * 0.8, tall * 0.75, palette.lamp, 0.55)
    canvas.paint(tower, mix(pale, palette.near, 0.2), mix(pale, palette.near, 0.5))
    canvas.paint(bands, mix(palette.accent, palette.near, 0.25))
    canvas.paint(room, palette.near)
    lamp = canvas.layer(x - half, top - half * 1.6, x + half, top, scale=4)
    lamp.rectangle(x - half * 0.5, top - half * 1.5, x + half * 0.5, top - half * 0.2)
    canvas.paint(lamp, mix(palette.lamp, (255, 255, 255), 0.4))
    canvas.paint(rock, palette.layer(0.85), palette.near)


def houses(canvas: Canvas, horizon: int) -> list[tuple[float, float]]:
    """A row of gabled fronts along the quay; returns where light falls on the water."""
    palette, dice = canvas.palette, canvas.dice("houses")
    lights: list[tuple[float, float]] = []
    x = canvas.width * dice.uniform(-0.02, 0.2)
    start, end = x, canvas.width * dice.uniform(0.75, 1.02)
    while x < end:
        wide, tall = canvas.unit * dice.uniform(0.055, 0.095), canvas.unit * dice.uniform(0.08, 0.17)
        wall = mix(palette.layer(0.5), dice.choice([palette.accent, palette.lamp, palette.disc, palette.near]), 0.3)
        front = canvas.layer(x, horizon - tall * 1.6, x + wide, horizon + 1, scale=4)
        front.rectangle(x, horizon - tall, x + wide - 1, horizon + 1)
        gable = tall * dice.uniform(0.18, 0.4)
        front.polygon(
            [(x - 1, horizon - tall + 1), (x + wide / 2, horizon - tall - gable), (x + wide, horizon - tall + 1)]
        )
        canvas.paint(front, mix(wall, palette.near, 0.3), mix(wall, palette.near, 0.55))
        panes = canvas.layer(x, horizon - tall, x + wide, horizon, scale=4)
        for row in range(max(1, round(tall / (canvas.unit * 0.045)))):
            for column in (0.22, 0.6):
                if dice.random() < (0.75 if palette.dark else 0.4):
                    left, top = x + wide * column, horizon - tall * 0.92 + row * canvas.unit * 0.042
                    panes.rectangle(left, top, left + wide * 0.2, top + canvas.unit * 0.02)
                    lights.append((left + wide * 0.1, wide * 0.1))
        canvas.paint(panes, palette.lamp, alpha=0.92)
        canvas.glow(x + wide / 2, horizon - tall * 0.5, wide * 1.3, palette.lamp, 0.22)
        x += wide + canvas.unit * dice.choice([0, 0, 0, 0.012, 0.05])
    quay = canvas.layer(top=horizon - canvas.unit * 0.006, bottom=horizon + canvas.unit * 0.012)
    quay.rectangle(
        start - canvas.unit * 0.06, horizon - canvas.unit * 0.004, x + canvas.unit * 0.04, horizon + canvas.unit * 0.012
    )
    canvas.paint(quay, mix(palette.layer(0.7), palette.near, 0.5))
    return lights


def shimmer(canvas: Canvas, horizon: int, lights: list[tuple[float, float]]) -> None:
    dice, layer = canvas.dice("shimmer"), canvas.layer(top=horizon, bottom=horizon + canvas.unit * 0.3)
    for x, half in lights:
        for _ in range(5):
            far = dice.random()
            y = horizon + canvas.unit * (0.006 + 0.2 * far)
            layer.ellipse(
                x + dice.gauss(0, 2 + 4 * far),
                y,
                half * (0.6 + 1.6 * far),
                canvas.unit * 0.0022,
                round(220 * (1 - far)),
            )
    canvas.paint(layer, canvas.palette.lamp, alpha=0.75)


def moorings(canvas: Canvas) -> None:
    """Posts with a slack rope along the lower edge: the quay the viewer stands on."""
    palette, dice = canvas.palette, canvas.dice("moorings")
    layer, gap = canvas.layer(top=canvas.height * 0.75), canvas.unit * dice.uniform(0.3, 0.38)
    top, wide = canvas.height - canvas.unit * 0.12, canvas.unit * 0.017
    x = gap * dice.uniform(-0.6, 0.3)
    layer.rectangle(0, canvas.height - canvas.unit * 0.028, canvas.width, canvas.height)
    while x < canvas.width + gap:
        layer.rectangle(x - wide, top, x + wide, canvas.height, radius=wide * 0.4)
        layer.ellipse(x, top, wide * 1.25, wide * 0.6)
        sag = [
            (x + gap * step / 16, top + canvas.unit * (0.02 + 0.045 * (1 - (step / 8 - 1) ** 2))) for step in range(17)
        ]
        layer.line(sag, canvas.unit * 0.0055)
        x += gap
    canvas.paint(layer, mix(palette.near, palette.layer(0.6), 0.25), palette.near)


def swell(canvas: Canvas, horizon: int) -> None:
    """The nearest waves: darker bands with a lit crest."""
    palette = canvas.palette
    for index in range(2):
        dice = canvas.dice(f"swell {index}")
        base, rise = canvas.height * (0.9 + 0.06 * index), canvas.unit * 0.014
        line = [(place * 3.0, base - rise * height) for place, height in enumerate(wave(dice, canvas.width, 2.2, 3))]
        layer = canvas.layer(top=base - rise * 2)
        layer.polygon([*line, (canvas.width, canvas.height), (0, canvas.height)])
        tint = mix(palette.layer(0.75 + 0.25 * index), palette.sky[0], 0.25)
        canvas.paint(layer, tint, palette.near, alpha=0.75)
