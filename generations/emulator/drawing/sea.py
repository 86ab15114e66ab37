"""The open sea and the harbour."""

from generations.emulator.drawing.canvas import Canvas, Point, mirrored
from generations.emulator.drawing.palettes import WHITE, mix
from generations.emulator.drawing.sky import birds, sky


def sea(canvas: Canvas) -> None:
    stream = canvas.stream("sea")
    horizon = round(canvas.height * stream.uniform(0.5, 0.6))
    x, _, radius = sky(canvas, horizon)
    birds(canvas, horizon * 0.25, horizon * 0.7)
    headland(canvas, horizon, stream.choice([-1, 1]))
    water(canvas, horizon, x, radius)
    if stream.random() < 0.55:
        lighthouse(canvas, horizon, left=x > canvas.width / 2)
    for index in range(stream.randint(1, 3)):
        depth = stream.uniform(0.08, 0.5)
        boat(canvas, horizon, canvas.width * stream.uniform(0.15, 0.85), depth, index)
    swell(canvas)


def harbour(canvas: Canvas) -> None:
    stream = canvas.stream("harbour")
    horizon = round(canvas.height * stream.uniform(0.52, 0.6))
    x, _, radius = sky(canvas, horizon)
    headland(canvas, horizon, stream.choice([-1, 1]))
    water(canvas, horizon, x, radius)
    shimmer(canvas, horizon, houses(canvas, horizon))
    for index in range(stream.randint(2, 3)):
        boat(canvas, horizon, canvas.width * stream.uniform(0.08, 0.92), stream.uniform(0.1, 0.4), index)
    swell(canvas)
    moorings(canvas)


def water(canvas: Canvas, horizon: int, x: float, radius: float) -> None:
    """The sky upside down and darker, with the path of light of the sun or moon at `x`, and ripples."""
    palette, stream, unit = canvas.palette, canvas.stream("water"), canvas.unit
    deep, depth = mix(palette.near, palette.sky[0], 0.35), canvas.height - horizon
    colours = [mix(colour, deep, 0.25 + 0.2 * place) for place, colour in enumerate(reversed(palette.sky))]
    canvas.backdrop(colours, horizon)
    canvas.glow(x, horizon + depth * 0.1, depth * 1.1, palette.disc, 0.32, flat=0.9)
    path = canvas.shape(0, horizon)
    for _ in range(round(120 + 140 * canvas.detail)):
        far = stream.random() ** 1.6
        place = x + stream.gauss(0, radius * (0.5 + 1.7 * far) * 0.6)
        length, thick = unit * (0.012 + 0.05 * far) * stream.uniform(0.5, 1.4), unit * (0.0007 + 0.0032 * far)
        bright = round(255 * (1 - 0.6 * far) * stream.uniform(0.5, 1))
        path.ellipse(place, 3 + depth * far, length, thick, ink=bright)
    path.paint(palette.disc, alpha=0.85)
    for colour, alpha in ((mix(palette.horizon, palette.disc, 0.3), 0.16), (deep, 0.3)):
        own, ripples = canvas.stream(f"ripples {alpha}"), canvas.shape(0, horizon)
        for _ in range(round(90 + 90 * canvas.detail)):
            far = own.random() ** 1.3
            length, thick = unit * (0.015 + 0.1 * far), unit * (0.0008 + 0.003 * far)
            ripples.ellipse(own.uniform(0, canvas.width), 2 + depth * far, length, thick)
        ripples.paint(colour, alpha=alpha)


def headland(canvas: Canvas, horizon: int, side: int) -> None:
    """Two tongues of land, one before the other, that fall to the water away from the `side` (-1 left, 1 right)."""
    for index, (reach, height) in enumerate(((0.75, 0.12), (0.45, 0.085))):
        line = []
        for x, swing in canvas.ridge(canvas.stream(f"headland {index}"), 0, -1, 2.5):
            near = x if side < 0 else canvas.width - x
            fall = max(0.0, 1 - near / (canvas.width * reach)) ** 0.8
            line.append((x, horizon - canvas.unit * height * fall * (0.55 + 0.4 * swing)))
        colour = canvas.palette.layer(0.12 + 0.28 * index)
        canvas.ground(line, colour, mix(colour, canvas.palette.horizon, 0.3), bottom=horizon + 2)


def boat(canvas: Canvas, horizon: int, x: float, depth: float, index: int) -> None:
    """`depth` 0 is at the horizon, 1 at the picture's lower edge."""
    palette, stream, own = canvas.palette, canvas.stream(f"boat {index}"), canvas.stream(f"reflection {index}")
    at = (x, horizon + (canvas.height - horizon) * depth, canvas.unit * (0.035 + 0.2 * depth))
    reflection = canvas.shape(*at)
    for row in range(18):
        half = 0.45 * (1 - row / 19) * own.uniform(0.6, 1.1)
        reflection.ellipse(own.uniform(-0.05, 0.05), 0.05 * (row + 0.6), half, 0.018)
    reflection.paint(palette.near, alpha=0.4)
    wide = 1 + stream.uniform(-0.08, 0.2)
    sails = canvas.shape(*at).polygon(0.03, -1.48, 0.36 * wide, -0.85, 0.5 * wide, -0.32, 0.03, -0.3)
    sails.polygon(-0.04, -1.3, -0.28 * wide, -0.75, -0.42 * wide, -0.32, -0.04, -0.3)
    cloth = mix(palette.disc, stream.choice([palette.accent, palette.horizon, palette.disc]), 0.5)
    sails.paint(cloth, mix(cloth, palette.near, 0.3))
    hull = canvas.shape(*at).polygon(-0.55, -0.2, 0.6, -0.22, 0.42, 0, -0.42, 0).line(0.025, 0, -0.2, 0, -1.5)
    hull.paint(mix(palette.near, palette.accent, 0.12))


def lighthouse(canvas: Canvas, horizon: int, left: bool) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("lighthouse"), canvas.unit
    x = canvas.width * (stream.uniform(0.1, 0.22) if left else stream.uniform(0.78, 0.9))
    foot, tall = horizon + unit * 0.03, unit * stream.uniform(0.24, 0.32)
    canvas.glow(x, foot - tall * 1.07, tall * 0.75, palette.lamp, 0.55)
    pale = mix(palette.disc, palette.horizon, 0.5)
    tower = canvas.shape(x, foot, tall).polygon(*mirrored((0.056, -1), (0.085, 0)))
    tower.paint(mix(pale, palette.near, 0.2), mix(pale, palette.near, 0.5))
    bands = canvas.shape(x, foot, tall)
    for top in (-0.9, -0.6, -0.3):
        bands.polygon(*mirrored((0.085 + 0.029 * top, top), (0.089 + 0.029 * top, top + 0.15)))
    bands.paint(mix(palette.accent, palette.near, 0.25))
    room = canvas.shape(x, foot, tall).rectangle(-0.081, -1.017, 0.081, -0.99)
    room.polygon(-0.064, -1.128, 0.064, -1.128, 0, -1.213).paint(palette.near)
    lamp = canvas.shape(x, foot, tall).rectangle(-0.043, -1.128, 0.043, -1.017)
    lamp.paint(mix(palette.lamp, WHITE, 0.4))
    line = []
    for place, swing in canvas.ridge(stream, 0, -1, 9, 3):
        rise = max(0.0, 1 - (abs(place - x) / (unit * 0.2)) ** 1.6)
        line.append((place, foot + unit * 0.035 - unit * 0.06 * rise * (0.88 + 0.25 * swing)))
    rock = canvas.shape().polygon(*(point for point in line if abs(point[0] - x) < unit * 0.21))
    rock.paint(palette.layer(0.85), palette.near)


def houses(canvas: Canvas, horizon: int) -> list[Point]:
    """Draw a row of gabled fronts along the quay; return where light falls on the water, and how wide its half is."""
    palette, stream, unit = canvas.palette, canvas.stream("houses"), canvas.unit
    lights: list[Point] = []
    start = x = canvas.width * stream.uniform(-0.02, 0.2)
    end = canvas.width * stream.uniform(0.75, 1.02)
    while x < end:
        wide, tall = unit * stream.uniform(0.055, 0.095), unit * stream.uniform(0.08, 0.17)
        colours = [palette.accent, palette.lamp, palette.disc, palette.near]
        wall = mix(mix(palette.layer(0.5), stream.choice(colours), 0.3), palette.near, 0.3)
        front = canvas.shape(x, horizon).rectangle(0, -tall, wide - 1, 1)
        front.polygon(-1, 1 - tall, wide / 2, tall * -(1 + stream.uniform(0.18, 0.4)), wide, 1 - tall)
        front.paint(wall, mix(wall, palette.near, 0.4))
        panes = canvas.shape(x, horizon)
        for row in range(max(1, round(tall / (unit * 0.045)))):
            for left in (wide * 0.22, wide * 0.6):
                if stream.random() < (0.75 if palette.dark else 0.4):
                    top = tall * -0.92 + row * unit * 0.042
                    panes.rectangle(left, top, left + wide * 0.2, top + unit * 0.02)
                    lights.append((x + left + wide * 0.1, wide * 0.1))
        panes.paint(palette.lamp, alpha=0.92)
        canvas.glow(x + wide / 2, horizon - tall * 0.5, wide * 1.3, palette.lamp, 0.22)
        x += wide + unit * stream.choice([0, 0, 0, 0.012, 0.05])
    quay = canvas.shape(0, horizon).rectangle(start - unit * 0.06, unit * -0.004, x + unit * 0.04, unit * 0.012)
    quay.paint(mix(palette.layer(0.7), palette.near, 0.5))
    return lights


def shimmer(canvas: Canvas, horizon: int, lights: list[Point]) -> None:
    """The windows' light on the water."""
    stream, shape, unit = canvas.stream("shimmer"), canvas.shape(0, horizon), canvas.unit
    for x, half in lights:
        for _ in range(5):
            far = stream.random()
            place, y = x + stream.gauss(0, 2 + 4 * far), unit * (0.006 + 0.2 * far)
            shape.ellipse(place, y, half * (0.6 + 1.6 * far), unit * 0.0022, ink=round(220 * (1 - far)))
    shape.paint(canvas.palette.lamp, alpha=0.75)


def moorings(canvas: Canvas) -> None:
    """Posts with a slack rope along the lower edge: the quay the viewer stands on."""
    palette, stream, unit = canvas.palette, canvas.stream("moorings"), canvas.unit
    gap = stream.uniform(0.3, 0.38)
    x, across = gap * stream.uniform(-0.6, 0.3), canvas.width / unit
    shape = canvas.shape(0, canvas.height, unit).rectangle(0, -0.028, across, 0)
    while x < across + gap:
        shape.rectangle(x - 0.017, -0.12, x + 0.017, 0, radius=0.007).ellipse(x, -0.12, 0.021, 0.01)
        shape.line(0.0055, *((x + gap * s / 16, -0.1 + 0.045 * (1 - (s / 8 - 1) ** 2)) for s in range(17)))
        x += gap
    shape.paint(mix(palette.near, palette.layer(0.6), 0.25), palette.near)


def swell(canvas: Canvas) -> None:
    """The nearest waves, as darker bands."""
    palette, rise = canvas.palette, canvas.unit * 0.014
    for index in range(2):
        base, colour = (
            canvas.height * (0.9 + 0.06 * index),
            mix(palette.layer(0.75 + 0.25 * index), palette.sky[0], 0.25),
        )
        line = canvas.ridge(canvas.stream(f"swell {index}"), base, rise, 2.2, 3)
        band = canvas.shape().polygon(*line, (canvas.width, canvas.height), (0, canvas.height))
        band.paint(colour, palette.near, alpha=0.75)
