"""Deep space: a planet with rings, its moons, and a cloud of stars."""

import math

from PIL import Image, ImageFilter

from generations.emulator.drawing.canvas import Canvas, Point, Size, gradient
from generations.emulator.drawing.palettes import WHITE, mix
from generations.emulator.drawing.sky import stars


def space(canvas: Canvas) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("space"), canvas.unit
    top, middle, bottom = mix(palette.sky[0], (4, 4, 16), 0.75), palette.sky[1], mix(palette.sky[0], (4, 4, 16), 0.7)
    canvas.backdrop((top, mix(middle, (6, 6, 26), 0.6), bottom))
    for index in range(5):
        own, part = canvas.stream(f"cloud {index}"), (index + 0.5) / 5
        colour = own.choice([palette.sky[2], palette.accent, palette.sky[1], palette.horizon])
        y = canvas.height * (0.85 - 0.7 * part) + unit * own.uniform(-0.15, 0.15)
        canvas.glow(canvas.width * part, y, unit * own.uniform(0.3, 0.55), colour, 0.32, flat=0.7)
    stars(canvas, canvas.height * 1.3)
    for _ in range(4):
        canvas.glow(canvas.width * stream.random(), canvas.height * stream.random(), unit * 0.02, WHITE, 0.9)
    x, y = canvas.width * stream.uniform(0.36, 0.64), canvas.height * stream.uniform(0.38, 0.58)
    radius, tilt = unit * stream.uniform(0.17, 0.25), stream.choice([-1, 1]) * stream.uniform(0.15, 0.4)
    canvas.glow(x, y, radius * 2.6, palette.horizon, 0.35)
    ringed = stream.random() < 0.7
    if ringed:
        rings(canvas, (x, y), radius, tilt, side=-1)
    planet(canvas, (x, y), radius, tilt)
    if ringed:
        rings(canvas, (x, y), radius, tilt, side=1)
    for _ in range(stream.randint(1, 2)):
        angle, far = stream.uniform(0, math.tau), radius * stream.uniform(1.7, 2.2)
        size, moon = radius * stream.uniform(0.08, 0.16), mix(palette.disc, palette.far, 0.35)
        canvas.disc(x + math.cos(angle) * far, y + math.sin(angle) * far * 0.8, size, moon)


def planet(canvas: Canvas, at: Point, radius: float, tilt: float) -> None:
    """Draw bands of clouds, turned by `tilt`, with a night side."""
    palette, stream = canvas.palette, canvas.stream("bands")
    colours = [palette.horizon, palette.far, palette.disc, palette.accent, palette.sky[2]]
    stops = [colour for _ in range(9) for colour in [mix(stream.choice(colours), palette.sky[2], 0.3)] * 2]
    wide = round(radius * 3)
    bands = gradient(stops, (wide, wide)).rotate(math.degrees(-tilt), Image.Resampling.BICUBIC)
    dark = [min(255, round(max(0, value - 90) * 2.2)) for value in range(256)]
    night = Image.radial_gradient("L").resize((wide, wide)).point(dark)

    def surface(size: Size) -> Image.Image:
        left, shift = (wide - size[0]) // 2, round(radius * 0.55)
        picture = bands.crop((left, left, left + size[0], left + size[1]))
        right, low = left + shift, left + shift // 2
        shade = night.crop((right, low, right + size[0], low + size[1])).filter(ImageFilter.GaussianBlur(3))
        picture.paste(mix(palette.sky[0], (0, 0, 10), 0.6), (0, 0), shade)
        return picture

    canvas.shape(*at, radius).ellipse(0, 0, 1).cover(surface)


def rings(canvas: Canvas, at: Point, radius: float, tilt: float, *, side: int) -> None:
    """Draw half of the rings: `side` -1 passes behind the planet, 1 before it."""
    for wide, alpha in ((2.05, 0.35), (1.86, 0.75), (1.62, 0.5), (1.5, 0.85)):
        shape = canvas.shape(*at, radius)
        arc = [(math.cos(s / 45 * math.pi), side * 0.26 * math.sin(s / 45 * math.pi)) for s in range(46)]
        outer = [_turned(x * wide, y * wide, tilt) for x, y in arc]
        inner = [_turned(x * (wide - 0.1), y * (wide - 0.1), tilt) for x, y in reversed(arc)]
        shape.polygon(*outer, *inner).paint(mix(canvas.palette.disc, canvas.palette.accent, 0.2), alpha=alpha)


def _turned(x: float, y: float, angle: float) -> Point:
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
