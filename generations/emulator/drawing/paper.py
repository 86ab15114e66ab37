"""Two kinds of abstract picture: cut paper in layers, and a poster of plain figures."""

import math

from PIL import Image, ImageDraw, ImageFilter

from generations.emulator.drawing.canvas import Canvas, Layer, wave
from generations.emulator.drawing.palettes import Colour, mix

SCALE = 2


def cut(canvas: Canvas) -> None:
    """Sheets with a hole, one over the other, each a bit larger and throwing a shadow on the one below."""
    palette, dice = canvas.palette, canvas.dice("cut")
    inner, outer = sorted((palette.horizon, palette.sky[0]), key=sum, reverse=True)
    canvas.backdrop((mix(inner, palette.disc, 0.4), inner))
    x, y = canvas.width * dice.uniform(0.36, 0.64), canvas.height * dice.uniform(0.36, 0.62)
    radius = canvas.unit * dice.uniform(0.05, 0.09)
    canvas.glow(x, y, radius * 4, palette.disc, 0.7)
    canvas.disc(x, y, radius, mix(palette.disc, palette.accent, dice.choice([0.0, 0.35, 0.8])))
    sheets = 5 + round(3 * canvas.detail)
    turns = [wave(canvas.dice(f"sheet {index % 3}"), 360, 1, 4) for index in range(sheets)]
    for index in range(sheets):
        part = (index + 1) / sheets
        tint = mix(mix(inner, palette.sky[1], min(1.0, part * 2)), outer, max(0.0, part * 2 - 1) * 0.9)
        if index == sheets // 2:
            tint = mix(tint, palette.accent, 0.8)
        size = radius * 1.7 + (math.hypot(canvas.width, canvas.height) * 0.5 - radius) * part**1.1
        layer = canvas.layer()
        layer.rectangle(0, 0, canvas.width, canvas.height)
        layer.polygon(_blob(x, y, size, turns[index], dice.uniform(0, math.tau)), ink=0)
        _shadow(canvas, layer)
        canvas.paint(layer, tint)


def poster(canvas: Canvas) -> None:
    """Quarter circles, rings, dots and stripes on a grid."""
    palette, dice = canvas.palette, canvas.dice("poster")
    ground = mix(palette.disc, (255, 255, 255), 0.25)
    across = max(2, round(canvas.width / canvas.unit * dice.choice([3, 4])))
    cell = canvas.width / across
    inks = [palette.sky[1], palette.accent, palette.near, palette.sky[-1], palette.lamp, palette.far, palette.sky[0]]
    sheet = Image.new("RGB", (canvas.width * SCALE, canvas.height * SCALE), ground)
    pen, side = ImageDraw.Draw(sheet), cell * SCALE
    for down in range(math.ceil(canvas.height / cell)):
        for right in range(across):
            first, second = dice.sample(inks, 2)
            left, top = right * side, down * side
            under = ground
            if dice.random() < 0.72:
                under = first
                pen.rectangle((left, top, left + side, top + side), fill=first)
            # Figures reach into the next cells, which are drawn later; a tile of their own keeps them in.
            tile = Image.new("RGB", (math.ceil(side), math.ceil(side)), under)
            _figure(ImageDraw.Draw(tile), side, dice.random(), dice.randrange(4), (second, under))
            sheet.paste(tile, (round(left), round(top)))
    canvas.image = sheet.reduce(SCALE)


def _figure(pen: ImageDraw.ImageDraw, side: float, kind: float, turn: int, inks: tuple[Colour, Colour]) -> None:
    corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
    (x, y), half, (ink, under) = corners[turn], side / 2, inks
    if kind < 0.34:
        pen.pieslice((x - side, y - side, x + side, y + side), turn * 90, turn * 90 + 90, fill=ink)
    elif kind < 0.5:
        pen.ellipse((0, 0, side, side), fill=ink)
        pen.ellipse((half / 2, half / 2, side - half / 2, side - half / 2), fill=under)
    elif kind < 0.62:
        pen.ellipse((side * 0.18, side * 0.18, side * 0.82, side * 0.82), fill=ink)
    elif kind < 0.78:
        for stripe in range(4):
            pen.rectangle((0, side * stripe / 4, side, side * (stripe + 0.5) / 4), fill=ink)
    elif kind < 0.9:
        low = turn % 2
        pen.pieslice(
            (0, half if low else -half, side, side + half if low else half), 180 * low, 180 + 180 * low, fill=ink
        )
    else:
        pen.polygon([corners[turn], corners[(turn + 1) % 4], corners[(turn + 2) % 4]], fill=ink)


def _blob(x: float, y: float, size: float, line: list[float], shift: float) -> list[tuple[float, float]]:
    """A closed smooth outline; the ends of the line are drawn together over its last third."""
    count = 120
    radii = []
    for step in range(count):
        blend = max(0.0, (step / count - 0.66) / 0.34)
        radii.append(line[step] * (1 - blend) + line[0] * blend)
    return [
        (
            x + math.cos(step / count * math.tau + shift) * size * (1 + 0.17 * radius),
            y + math.sin(step / count * math.tau + shift) * size * (1 + 0.17 * radius),
        )
        for step, radius in enumerate(radii)
    ]


def _shadow(canvas: Canvas, layer: Layer) -> None:
    """The sheet's own shape, pushed down and blurred."""
    drop, soft = canvas.unit * 0.012, canvas.unit * 0.014
    small = layer.mask.reduce(layer.scale * 4).filter(ImageFilter.GaussianBlur(soft / 4))
    mask = small.resize(canvas.image.size).point([value * 100 // 255 for value in range(256)])
    dark: Colour = mix(canvas.palette.near, (0, 0, 0), 0.5)
    canvas.image.paste(dark, (0, round(drop)), mask)
