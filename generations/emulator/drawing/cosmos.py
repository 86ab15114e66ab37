"""Deep space: a planet with rings, its moons, and a cloud of stars."""

import math

from PIL import Image, ImageFilter

from generations.emulator.drawing import air
from generations.emulator.drawing.canvas import Canvas, gradient
from generations.emulator.drawing.palettes import WHITE, mix


def space(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice("space")
    canvas.backdrop(
        (
            mix(palette.sky[0], (4, 4, 16), 0.75),
            mix(palette.sky[1], (6, 6, 26), 0.6),
            mix(palette.sky[0], (4, 4, 16), 0.7),
        )
    )
    for index in range(5):
        stream = canvas.dice(f"cloud {index}")
        tint = stream.choice([palette.sky[2], palette.accent, palette.sky[1], palette.horizon])
        part = (index + 0.5) / 5
        x, y = canvas.width * part, canvas.height * (0.85 - 0.7 * part) + canvas.unit * stream.uniform(-0.15, 0.15)
        canvas.glow(x, y, canvas.unit * stream.uniform(0.3, 0.55), tint, 0.32, flat=0.7)
    air.stars(canvas, canvas.height * 1.3)
    for _ in range(4):
        canvas.glow(canvas.width * dice.random(), canvas.height * dice.random(), canvas.unit * 0.02, WHITE, 0.9)
    x, y = canvas.width * dice.uniform(0.36, 0.64), canvas.height * dice.uniform(0.38, 0.58)
    radius = canvas.unit * dice.uniform(0.17, 0.25)
    tilt = dice.choice([-1, 1]) * dice.uniform(0.15, 0.4)
    ringed = dice.random() < 0.7
    canvas.glow(x, y, radius * 2.6, palette.horizon, 0.35)
    if ringed:
        rings(canvas, x, y, radius, tilt, front=False)
    planet(canvas, x, y, radius, tilt)
    if ringed:
        rings(canvas, x, y, radius, tilt, front=True)
    for _ in range(dice.randint(1, 2)):
        angle, far = dice.uniform(0, math.tau), radius * dice.uniform(1.7, 2.2)
        canvas.disc(
            x + math.cos(angle) * far,
            y + math.sin(angle) * far * 0.8,
            radius * dice.uniform(0.08, 0.16),
            mix(palette.disc, palette.far, 0.35),
        )


def planet(canvas: Canvas, x: float, y: float, radius: float, tilt: float) -> None:
    """Bands of weather, wrung by a tilt, with a night side."""
    palette, dice = canvas.palette, canvas.dice("bands")
    tints = [palette.horizon, palette.far, palette.disc, palette.accent, palette.sky[2]]
    stops = []
    for _ in range(9):
        stops += [mix(dice.choice(tints), palette.sky[2], 0.3)] * 2
    side = round(radius * 3)
    bands = gradient(stops, (side, side)).rotate(math.degrees(-tilt), Image.Resampling.BICUBIC)
    layer = canvas.layer(x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1, scale=4)
    layer.ellipse(x, y, radius, radius)
    mask = layer.reduced()
    margin = (side - mask.width) // 2
    picture = bands.crop((margin, margin, margin + mask.width, margin + mask.height))
    night = (
        Image.radial_gradient("L")
        .resize((side, side))
        .point([min(255, round(max(0, v - 90) * 2.2)) for v in range(256)])
    )
    shift = round(radius * 0.55)
    night = night.crop(
        (margin + shift, margin + shift // 2, margin + shift + mask.width, margin + shift // 2 + mask.height)
    )
    picture.paste(mix(palette.sky[0], (0, 0, 10), 0.6), (0, 0), night.filter(ImageFilter.GaussianBlur(3)))
    canvas.image.paste(picture, layer.box[:2], mask)


def rings(canvas: Canvas, x: float, y: float, radius: float, tilt: float, *, front: bool) -> None:
    palette = canvas.palette
    for wide, alpha in ((2.05, 0.35), (1.86, 0.75), (1.62, 0.5), (1.5, 0.85)):
        layer = canvas.layer(x - radius * 2.3, y - radius * 1.6, x + radius * 2.3, y + radius * 1.6)
        for size, ink in ((wide, 255), (wide - 0.1, 0)):
            layer.polygon(_ellipse(x, y, radius * size, radius * size * 0.26, tilt), ink)
        half = [
            (x - radius * 3, y),
            (x + radius * 3, y),
            (x + radius * 3, y - radius * 3),
            (x - radius * 3, y - radius * 3),
        ]
        turned = [_turn(px - x, py - y, tilt) for px, py in half]
        flip = 1 if front else -1
        layer.polygon([(x + px * flip, y + py * flip) for px, py in turned], 0)
        canvas.paint(layer, mix(palette.disc, palette.accent, 0.2), alpha=alpha)


def _ellipse(x: float, y: float, across: float, down: float, tilt: float) -> list[tuple[float, float]]:
    points = []
    for step in range(90):
        px, py = _turn(math.cos(step / 90 * math.tau) * across, math.sin(step / 90 * math.tau) * down, tilt)
        points.append((x + px, y + py))
    return points


def _turn(x: float, y: float, angle: float) -> tuple[float, float]:
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
