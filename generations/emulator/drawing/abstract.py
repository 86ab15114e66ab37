"""Two kinds of abstract picture: cut paper in layers, and a poster of plain figures."""

import math

from generations.emulator.drawing.canvas import Canvas, Point, Shape, wave
from generations.emulator.drawing.palettes import BLACK, WHITE, mix


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
    canvas.backdrop((mix(palette.disc, WHITE, 0.25),))
    across = max(2, round(canvas.width / canvas.unit * stream.choice([3, 4])))
    side = canvas.width / across
    inks = [palette.sky[1], palette.accent, palette.near, palette.horizon, palette.lamp, palette.far, palette.sky[0]]
    for down in range(math.ceil(canvas.height / side)):
        for right in range(across):
            first, second = stream.sample(inks, 2)
            if stream.random() < 0.72:
                canvas.shape(right * side, down * side, side).rectangle(0, 0, 1, 1).paint(first)
            figure = canvas.shape(right * side, down * side, side)
            _add_figure(figure, stream.random(), stream.randrange(4))
            figure.paint(second)


def _add_figure(shape: Shape, kind: float, turn: int) -> None:
    """Add one of six figures in a square; `kind` is drawn between 0 and 1, `turn` counts quarters of a circle."""
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)] * 2
    if kind < 0.34:
        _add_sector(shape, corners[turn], 1, turn, 1)
    elif kind < 0.5:
        shape.ellipse(0.5, 0.5, 0.5).ellipse(0.5, 0.5, 0.25, ink=0)
    elif kind < 0.62:
        shape.ellipse(0.5, 0.5, 0.32)
    elif kind < 0.78:
        for stripe in range(4):
            shape.rectangle(0, stripe / 4, 1, (stripe + 0.5) / 4)
    elif kind < 0.9:
        _add_sector(shape, ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5))[turn], 0.5, turn, 2)
    else:
        shape.polygon(*corners[turn : turn + 3])


def _add_sector(shape: Shape, centre: Point, radius: float, turn: int, quarters: int) -> None:
    angles = [(turn + quarters * step / 40) * math.tau / 4 for step in range(41)]
    arc = ((centre[0] + radius * math.cos(one), centre[1] + radius * math.sin(one)) for one in angles)
    shape.polygon(centre, *arc)


def _blob(line: list[float], shift: float) -> list[Point]:
    """Return a closed smooth outline, about 1 in radius; the line's ends meet over its last third."""
    points = []
    for step in range(120):
        blend, angle = max(0.0, (step / 120 - 0.66) / 0.34), step / 120 * math.tau + shift
        radius = 1 + 0.17 * (line[step] * (1 - blend) + line[0] * blend)
        points.append((math.cos(angle) * radius, math.sin(angle) * radius))
    return points
