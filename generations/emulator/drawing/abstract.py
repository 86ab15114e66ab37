"""Two kinds of abstract picture: cut paper in layers, and a poster of plain figures."""

import math

from PIL import Image, ImageDraw

from generations.emulator.drawing.canvas import Canvas, Point, wave
from generations.emulator.drawing.palettes import BLACK, WHITE, Colour, mix

SCALE = 2


def cut_paper(canvas: Canvas) -> None:
    """Lay sheets with a hole one over the other, each a bit larger and throwing a shadow on the one below."""
    palette, stream, unit = canvas.palette, canvas.stream("cut"), canvas.unit
    inner, outer = sorted((palette.horizon, palette.sky[0]), key=sum, reverse=True)
    canvas.backdrop((mix(inner, palette.disc, 0.4), inner))
    x, y = canvas.width * stream.uniform(0.36, 0.64), canvas.height * stream.uniform(0.36, 0.62)
    radius, diagonal = unit * stream.uniform(0.05, 0.09), math.hypot(canvas.width, canvas.height)
    canvas.glow(x, y, radius * 4, palette.disc, 0.7)
    canvas.disc(x, y, radius, mix(palette.disc, palette.accent, stream.choice([0.0, 0.35, 0.8])))
    sheets, shadow = 5 + round(3 * canvas.detail), mix(palette.near, BLACK, 0.5)
    for index in range(sheets):
        part = (index + 1) / sheets
        colour = mix(mix(inner, palette.sky[1], min(1.0, part * 2)), outer, max(0.0, part * 2 - 1) * 0.9)
        if index == sheets // 2:
            colour = mix(colour, palette.accent, 0.8)
        size = radius * 1.7 + (diagonal * 0.5 - radius) * part**1.1
        hole = _blob(wave(canvas.stream(f"sheet {index % 3}"), 360, 1, 4), stream.uniform(0, math.tau))
        for shift, tint, alpha, blur in ((0.012, shadow, 0.39, 0.014), (0, colour, 1, 0)):
            sheet = canvas.shape(x, y + shift * unit).rectangle(-x, -y, canvas.width - x, canvas.height - y)
            outline = ((across * size, down * size) for across, down in hole)
            sheet.polygon(*outline, ink=0).paint(tint, alpha=alpha, blur=blur * unit)


def poster(canvas: Canvas) -> None:
    """Draw quarter circles, rings, dots and stripes on a grid."""
    palette, stream = canvas.palette, canvas.stream("poster")
    ground = mix(palette.disc, WHITE, 0.25)
    across = max(2, round(canvas.width / canvas.unit * stream.choice([3, 4])))
    side = canvas.width / across * SCALE
    inks = [palette.sky[1], palette.accent, palette.near, palette.horizon, palette.lamp, palette.far, palette.sky[0]]
    sheet = Image.new("RGB", (canvas.width * SCALE, canvas.height * SCALE), ground)
    for down in range(math.ceil(sheet.height / side)):
        for right in range(across):
            first, second = stream.sample(inks, 2)
            under = first if stream.random() < 0.72 else ground
            tile = Image.new("RGB", (math.ceil(side), math.ceil(side)), under)
            _figure(ImageDraw.Draw(tile), side, stream.random(), stream.randrange(4), (second, under))
            sheet.paste(tile, (round(right * side), round(down * side)))
    canvas.image = sheet.reduce(SCALE)


def _figure(pen: ImageDraw.ImageDraw, side: float, kind: float, turn: int, inks: tuple[Colour, Colour]) -> None:
    """Draw one of six figures in a square; `kind` is drawn between 0 and 1, `turn` counts quarters of a circle."""
    corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)] * 2
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
        top = half if low else -half
        pen.pieslice((0, top, side, top + side), 180 * low, 180 + 180 * low, fill=ink)
    else:
        pen.polygon(corners[turn : turn + 3], fill=ink)


def _blob(line: list[float], shift: float) -> list[Point]:
    """Return a closed smooth outline, about 1 in radius; the line's ends meet over its last third."""
    points = []
    for step in range(120):
        blend, angle = max(0.0, (step / 120 - 0.66) / 0.34), step / 120 * math.tau + shift
        radius = 1 + 0.17 * (line[step] * (1 - blend) + line[0] * blend)
        points.append((math.cos(angle) * radius, math.sin(angle) * radius))
    return points
