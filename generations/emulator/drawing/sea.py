"""The open sea and the harbour."""

from generations.emulator.drawing.canvas import Canvas, mirrored
from generations.emulator.drawing.landscape import mirror
from generations.emulator.drawing.palettes import WHITE, mix
from generations.emulator.drawing.sky import birds, sky


def sea(canvas: Canvas) -> None:
    stream = canvas.stream("sea")
    horizon = round(canvas.height * stream.uniform(0.5, 0.6))
    x, _, radius = sky(canvas, horizon)
    headland(canvas, horizon, stream.choice([-1, 1]))
    water(canvas, horizon, x, radius)
    birds(canvas, horizon * 0.25, horizon * 0.7)
    if stream.random() < 0.55:
        lighthouse(canvas, horizon, left=x > canvas.width / 2)
    for index in range(stream.randint(1, 3)):
        boat(canvas, horizon, canvas.width * stream.uniform(0.15, 0.85), stream.uniform(0.08, 0.5), index)
    swell(canvas)


def harbour(canvas: Canvas) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("harbour"), canvas.unit
    horizon = round(canvas.height * stream.uniform(0.52, 0.6))
    x, _, radius = sky(canvas, horizon)
    headland(canvas, horizon, stream.choice([-1, 1]))
    houses(canvas, horizon)
    water(canvas, horizon, x, radius)
    for index in range(stream.randint(2, 3)):
        boat(canvas, horizon, canvas.width * stream.uniform(0.08, 0.92), stream.uniform(0.1, 0.4), index)
    swell(canvas)
    # The quay the viewer stands on: posts with a slack rope along the lower edge.
    gap, across = stream.uniform(0.3, 0.38), canvas.width / unit
    x, quay = gap * stream.uniform(-0.6, 0.3), canvas.shape(0, canvas.height, unit).rectangle(0, -0.028, across, 0)
    while x < across + gap:
        quay.rectangle(x - 0.017, -0.12, x + 0.017, 0, radius=0.007).ellipse(x, -0.12, 0.021, 0.01)
        quay.line(0.0055, *((x + gap * s / 16, -0.1 + 0.045 * (1 - (s / 8 - 1) ** 2)) for s in range(17)))
        x += gap
    quay.paint(mix(palette.near, palette.layer(0.6), 0.25), palette.near)


def water(canvas: Canvas, horizon: int, x: float, radius: float) -> None:
    """Mirror what stands above the horizon, and lay the path of light of the sun or moon and ripples on it."""
    palette, stream, unit = canvas.palette, canvas.stream("water"), canvas.unit
    deep, depth = mix(palette.near, palette.sky[0], 0.35), canvas.height - horizon
    mirror(canvas, horizon, deep, 0.5)
    canvas.glow(x, horizon + depth * 0.1, depth * 1.1, palette.disc, 0.32, flat=0.9)
    path = canvas.shape(0, horizon)
    for _ in range(round(120 + 140 * canvas.detail)):
        far = stream.random() ** 1.6
        place = x + stream.gauss(0, radius * (0.5 + 1.7 * far) * 0.6)
        length, thick = unit * (0.012 + 0.05 * far) * stream.uniform(0.5, 1.4), unit * (0.0007 + 0.0032 * far)
        bright = round(255 * (1 - 0.6 * far) * stream.uniform(0.5, 1))
        path.ellipse(place, 3 + depth * far, length, thick, ink=bright)
    path.paint(palette.disc, alpha=0.85)
    ripples = canvas.shape(0, horizon)
    for _ in range(round(90 + 90 * canvas.detail)):
        far = stream.random() ** 1.3
        length, thick = unit * (0.015 + 0.1 * far), unit * (0.0008 + 0.003 * far)
        ripples.ellipse(stream.uniform(0, canvas.width), 2 + depth * far, length, thick)
    ripples.paint(deep, alpha=0.3)


def headland(canvas: Canvas, horizon: int, side: int) -> None:
    """Draw two tongues of land, one before the other, that come from the left (`side` -1) or the right (1)."""
    for index, (reach, height) in enumerate(((0.75, 0.12), (0.45, 0.085))):
        line = []
        for x, swing in canvas.ridge(canvas.stream(f"headland {index}"), 0, -1, 2.5):
            near = x if side < 0 else canvas.width - x
            fall = max(0.0, 1 - near / (canvas.width * reach)) ** 0.8
            line.append((x, horizon - canvas.unit * height * fall * (0.55 + 0.4 * swing)))
        colour = canvas.palette.layer(0.12 + 0.28 * index)
        canvas.ground(line, colour, mix(colour, canvas.palette.horizon, 0.3), bottom=horizon + 2)


def boat(canvas: Canvas, horizon: int, x: float, depth: float, index: int) -> None:
    """Draw a sailing boat; `depth` 0 is at the horizon, 1 at the picture's lower edge."""
    palette, stream = canvas.palette, canvas.stream(f"boat {index}")
    reflection, sails, hull = (
        canvas.shape(x, horizon + (canvas.height - horizon) * depth, canvas.unit * (0.035 + 0.2 * depth))
        for _ in range(3)
    )
    for row in range(18):
        half = 0.45 * (1 - row / 19) * stream.uniform(0.6, 1.1)
        reflection.ellipse(stream.uniform(-0.05, 0.05), 0.05 * (row + 0.6), half, 0.018)
    reflection.paint(palette.near, alpha=0.4)
    wide, cloth = 1 + stream.uniform(-0.08, 0.2), stream.choice([palette.accent, palette.horizon, palette.disc])
    sails.polygon(0.03, -1.48, 0.36 * wide, -0.85, 0.5 * wide, -0.32, 0.03, -0.3)
    sails.polygon(-0.04, -1.3, -0.28 * wide, -0.75, -0.42 * wide, -0.32, -0.04, -0.3)
    sails.paint(mix(palette.disc, cloth, 0.5), mix(mix(palette.disc, cloth, 0.5), palette.near, 0.3))
    hull.polygon(-0.55, -0.2, 0.6, -0.22, 0.42, 0, -0.42, 0).line(0.025, 0, -0.2, 0, -1.5)
    hull.paint(mix(palette.near, palette.accent, 0.12))


def lighthouse(canvas: Canvas, horizon: int, left: bool) -> None:
    palette, stream, unit = canvas.palette, canvas.stream("lighthouse"), canvas.unit
    x = canvas.width * (stream.uniform(0.1, 0.22) if left else stream.uniform(0.78, 0.9))
    foot, tall = horizon + unit * 0.03, unit * stream.uniform(0.24, 0.32)
    canvas.glow(x, foot - tall * 1.07, tall * 0.75, palette.lamp, 0.55)
    tower, bands, room, lamp, rock = (canvas.shape(x, foot, tall) for _ in range(5))
    pale = mix(palette.disc, palette.horizon, 0.5)
    tower.polygon(*mirrored((0.056, -1), (0.085, 0))).paint(mix(pale, palette.near, 0.2), mix(pale, palette.near, 0.5))
    for top in (-0.9, -0.6, -0.3):
        bands.polygon(*mirrored((0.085 + 0.029 * top, top), (0.089 + 0.029 * top, top + 0.15)))
    bands.paint(mix(palette.accent, palette.near, 0.25))
    room.rectangle(-0.081, -1.017, 0.081, -0.99).polygon(-0.064, -1.128, 0.064, -1.128, 0, -1.213).paint(palette.near)
    lamp.rectangle(-0.043, -1.128, 0.043, -1.017).paint(mix(palette.lamp, WHITE, 0.4))
    heights = [0.12 - 0.21 * (1 - abs(step / 10 - 1) ** 1.6) * stream.uniform(0.85, 1.15) for step in range(21)]
    rock.polygon(*((step * 0.07 - 0.7, height) for step, height in enumerate(heights)))
    rock.paint(palette.layer(0.85), palette.near)


def houses(canvas: Canvas, horizon: int) -> None:
    """Draw a row of gabled fronts along the quay."""
    palette, stream, unit = canvas.palette, canvas.stream("houses"), canvas.unit
    start = x = canvas.width * stream.uniform(-0.02, 0.2)
    end = canvas.width * stream.uniform(0.75, 1.02)
    while x < end:
        wide, tall = unit * stream.uniform(0.055, 0.095), unit * stream.uniform(0.08, 0.17)
        paint = stream.choice([palette.accent, palette.lamp, palette.disc, palette.near])
        wall = mix(mix(palette.layer(0.5), paint, 0.3), palette.near, 0.3)
        front, panes = canvas.shape(x, horizon), canvas.shape(x, horizon)
        front.rectangle(0, -tall, wide - 1, 1)
        front.polygon(-1, 1 - tall, wide / 2, tall * -(1 + stream.uniform(0.18, 0.4)), wide, 1 - tall)
        front.paint(wall, mix(wall, palette.near, 0.4))
        for row in range(max(1, round(tall / (unit * 0.045)))):
            top = tall * -0.92 + row * unit * 0.042
            for left in (wide * 0.22, wide * 0.6):
                if stream.random() < (0.75 if palette.dark else 0.4):
                    panes.rectangle(left, top, left + wide * 0.2, top + unit * 0.02)
        panes.paint(palette.lamp, alpha=0.92)
        canvas.glow(x + wide / 2, horizon - tall * 0.5, wide * 1.3, palette.lamp, 0.22)
        x += wide + unit * stream.choice([0, 0, 0, 0.012, 0.05])
    quay = canvas.shape(0, horizon).rectangle(start - unit * 0.06, unit * -0.004, x + unit * 0.04, unit * 0.012)
    quay.paint(mix(palette.layer(0.7), palette.near, 0.5))


def swell(canvas: Canvas) -> None:
    """Draw the nearest waves as darker bands."""
    palette = canvas.palette
    for index in range(2):
        base = canvas.height * (0.9 + 0.06 * index)
        line = canvas.ridge(canvas.stream(f"swell {index}"), base, canvas.unit * 0.014, 2.2, 3)
        colour = mix(palette.layer(0.75 + 0.25 * index), palette.sky[0], 0.25)
        canvas.ground(line, colour, palette.near, alpha=0.75)
