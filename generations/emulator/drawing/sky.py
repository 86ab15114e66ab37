"""What hangs above every landscape: sky, sun or moon, stars, clouds, birds."""

import math

from generations.emulator.drawing.canvas import Canvas
from generations.emulator.drawing.palettes import WHITE, mix


def sky(canvas: Canvas, horizon: float) -> tuple[float, float, float]:
    """Draw the sky down to `horizon` (pixels); return the centre and the radius of its sun or moon."""
    palette, stream, unit = canvas.palette, canvas.stream("sky"), canvas.unit
    canvas.backdrop(palette.sky, 0, round(horizon) + 2)
    if palette.dark:
        stars(canvas, horizon)
    x = canvas.width * stream.choice([stream.uniform(0.2, 0.38), stream.uniform(0.62, 0.8), stream.uniform(0.42, 0.58)])
    y, radius = horizon * stream.uniform(0.36, 0.72), unit * stream.uniform(0.055, 0.125)
    canvas.glow(x, y, radius * 6.5, palette.disc, 0.42 if palette.dark else 0.5)
    canvas.glow(x, y, radius * 2.6, palette.disc, 0.55)
    canvas.disc(x, y, radius, palette.disc)
    if palette.dark and stream.random() < 0.6:
        craters = canvas.shape(x, y, radius)
        for _ in range(6):
            angle, far = stream.uniform(0, math.tau), stream.uniform(0.05, 0.6)
            craters.ellipse(math.cos(angle) * far, math.sin(angle) * far, stream.uniform(0.08, 0.24))
        craters.paint(mix(palette.disc, palette.horizon, 0.35), alpha=0.5, blur=radius * 0.03)
    clouds(canvas, horizon)
    return x, y, radius


def stars(canvas: Canvas, horizon: float) -> None:
    stream = canvas.stream("stars")
    shape = canvas.shape()
    for _ in range(round((60 + 120 * canvas.detail) * canvas.width * horizon / 700_000)):
        x, y = stream.uniform(0, canvas.width), horizon * stream.random() ** 1.4
        bright = 70 + 185 * (1 - y / horizon) * stream.random()
        shape.ellipse(x, y, canvas.unit * stream.choice([0.0006, 0.0008, 0.0011, 0.0017]), ink=round(bright))
    shape.paint(mix(WHITE, canvas.palette.disc, 0.4))


def clouds(canvas: Canvas, horizon: float) -> None:
    """Draw long flat banks, lit by the sun or moon."""
    stream, palette = canvas.stream("clouds"), canvas.palette
    for _ in range(stream.choice([0, 1, 2, 3, 3])):
        y, left = horizon * stream.uniform(0.18, 0.82), canvas.width * stream.uniform(-0.2, 0.7)
        length, height = canvas.width * stream.uniform(0.25, 0.6), canvas.unit * stream.uniform(0.008, 0.022)
        bank = canvas.shape(left, y).rectangle(0, height * -0.25, length, height * 0.4, radius=height * 0.3)
        for step in range(9):
            part = (step + stream.uniform(0.1, 0.9)) / 9
            swell = math.sin(part * math.pi)
            bank.ellipse(part * length, height * swell * -0.5, length * 0.11, height * (0.5 + swell))
        light = mix(palette.sky[-2], palette.disc, 0.35 if palette.dark else 0.65)
        bank.paint(light, palette.sky[-2], alpha=0.34, blur=height * 0.55)


def birds(canvas: Canvas, top: float, bottom: float) -> None:
    stream, unit = canvas.stream("birds"), canvas.unit
    x, y = canvas.width * stream.uniform(0.15, 0.75), stream.uniform(top, bottom)
    shape = canvas.shape(x, y, unit)
    for _ in range(stream.randint(3, 7)):
        span, across, down = stream.uniform(0.008, 0.017), stream.uniform(-0.12, 0.12), stream.uniform(-0.05, 0.05)
        for side in (-span, span):
            wing = (across + side * 0.45, down - span * 0.42), (across + side, down - span * 0.2)
            shape.line(0.0022, (across, down), *wing)
    shape.paint(canvas.palette.near, alpha=0.75)
