"""What hangs above every landscape: sky, sun or moon, stars, clouds, birds."""

import math

from generations.emulator.drawing.canvas import Canvas
from generations.emulator.drawing.palettes import WHITE, mix


def sky(canvas: Canvas, horizon: float) -> tuple[float, float, float]:
    """Sky down to `horizon` (pixels), with its disc; returns the disc's centre and radius."""
    palette, dice = canvas.palette, canvas.dice("sky")
    canvas.backdrop(palette.sky, 0, round(horizon) + 2)
    if palette.dark:
        stars(canvas, horizon)
    x = canvas.width * dice.choice([dice.uniform(0.2, 0.38), dice.uniform(0.62, 0.8), dice.uniform(0.42, 0.58)])
    y = horizon * dice.uniform(0.36, 0.72)
    radius = canvas.unit * dice.uniform(0.055, 0.125)
    canvas.glow(x, y, radius * 6.5, palette.disc, 0.42 if palette.dark else 0.5)
    canvas.glow(x, y, radius * 2.6, palette.disc, 0.55)
    canvas.disc(x, y, radius, palette.disc)
    if palette.dark and dice.random() < 0.6:
        _craters(canvas, x, y, radius)
    clouds(canvas, horizon)
    return x, y, radius


def stars(canvas: Canvas, horizon: float) -> None:
    dice = canvas.dice("stars")
    count = round((60 + 120 * canvas.detail) * canvas.width * horizon / 700_000)
    layer = canvas.layer(bottom=horizon)
    for _ in range(count):
        x, y = dice.uniform(0, canvas.width), horizon * dice.random() ** 1.4
        size = canvas.unit * dice.choice([0.0006, 0.0008, 0.0011, 0.0017])
        fade = 1 - y / horizon
        layer.ellipse(x, y, size, size, round(70 + 185 * fade * dice.random()))
    canvas.paint(layer, mix(WHITE, canvas.palette.disc, 0.4))


def clouds(canvas: Canvas, horizon: float) -> None:
    """Long flat banks, lit from the side of the disc."""
    dice, palette = canvas.dice("clouds"), canvas.palette
    for _ in range(dice.choice([0, 1, 2, 3, 3])):
        y, left = horizon * dice.uniform(0.18, 0.82), canvas.width * dice.uniform(-0.2, 0.7)
        length, height = canvas.width * dice.uniform(0.25, 0.6), canvas.unit * dice.uniform(0.008, 0.022)
        layer = canvas.layer(left - height * 6, y - height * 5, left + length + height * 6, y + height * 4)
        for step in range(9):
            x = left + length * (step + dice.uniform(0.1, 0.9)) / 9
            swell = math.sin((x - left) / length * math.pi)
            layer.ellipse(x, y - height * swell * 0.5, length * 0.11, height * (0.5 + swell))
        layer.rectangle(left, y - height * 0.25, left + length, y + height * 0.4, radius=height * 0.3)
        tint = mix(palette.sky[-2], palette.disc, 0.35 if palette.dark else 0.65)
        canvas.paint(layer, tint, palette.sky[-2], alpha=0.34, blur=height * 0.55)


def birds(canvas: Canvas, top: float, bottom: float) -> None:
    dice = canvas.dice("birds")
    x, y = canvas.width * dice.uniform(0.15, 0.75), dice.uniform(top, bottom)
    layer = canvas.layer(bottom=bottom + canvas.unit * 0.1)
    for _ in range(dice.randint(3, 7)):
        span = canvas.unit * dice.uniform(0.008, 0.017)
        left, high = x + canvas.unit * dice.uniform(-0.12, 0.12), y + canvas.unit * dice.uniform(-0.05, 0.05)
        for side in (-1, 1):
            wing = [
                (left, high),
                (left + side * span * 0.45, high - span * 0.42),
                (left + side * span, high - span * 0.2),
            ]
            layer.line(wing, canvas.unit * 0.0022)
    canvas.paint(layer, canvas.palette.near, alpha=0.75)


def _craters(canvas: Canvas, x: float, y: float, radius: float) -> None:
    dice, shade = canvas.dice("craters"), mix(canvas.palette.disc, canvas.palette.sky[-1], 0.35)
    layer = canvas.layer(x - radius, y - radius, x + radius, y + radius, scale=4)
    for _ in range(6):
        angle, far, size = dice.uniform(0, math.tau), dice.uniform(0.05, 0.6), dice.uniform(0.08, 0.24)
        layer.ellipse(
            x + math.cos(angle) * far * radius, y + math.sin(angle) * far * radius, size * radius, size * radius
        )
    canvas.paint(layer, shade, alpha=0.5, blur=radius * 0.03)
