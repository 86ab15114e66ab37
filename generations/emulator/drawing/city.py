"""A city: towers with lit windows, and a wet street or a river that repeats them."""

from generations.emulator.drawing.canvas import Canvas, Shape
from generations.emulator.drawing.landscape import mirror
from generations.emulator.drawing.palettes import WHITE, mix
from generations.emulator.drawing.sky import sky

# Left, top, width.
Tower = tuple[float, float, float]


def city(canvas: Canvas) -> None:
    palette, stream = canvas.palette, canvas.stream("city")
    ground = round(canvas.height * stream.uniform(0.76, 0.84))
    sky(canvas, ground)
    canvas.glow(canvas.width / 2, ground, canvas.width * 0.8, palette.lamp, 0.3, flat=0.5)
    for index, depth in canvas.depths(3, 1):
        tall = canvas.height * (0.5 - 0.16 * depth)
        row(canvas, ground, tall, depth, index)
        canvas.mist(mix(palette.horizon, palette.lamp, 0.3), ground - tall * 0.6, ground, 0.3 * (1 - depth))
    mirror(canvas, ground, palette.near, 0.42)
    canvas.glow(canvas.width / 2, ground, canvas.width * 0.75, palette.lamp, 0.3, flat=0.035)
    lamps(canvas, ground)


def row(canvas: Canvas, ground: int, tall: float, depth: float, index: int) -> None:
    """Draw towers from the left edge to the right one; `depth` 1 is the nearest row."""
    palette, stream, unit = canvas.palette, canvas.stream(f"row {index}"), canvas.unit
    walls, panes, warm = (canvas.shape(0, ground) for _ in range(3))
    x = -unit * stream.uniform(0, 0.06)
    while x < canvas.width:
        wide = unit * stream.uniform(0.055, 0.13) * (0.75 + 0.5 * depth)
        height = tall * stream.triangular(0.35, 1.0, 0.55)
        walls.rectangle(x, -height, x + wide, 0)
        tower = (x, -height, wide)
        roof(walls, tower, stream.random(), unit)
        windows(canvas, (panes, warm), tower, unit * (0.011 + 0.009 * depth), f"{index} {x:.0f}")
        x += wide + unit * stream.choice([0, 0.004, 0.012, 0.03]) * (1 + depth)
    wall = mix(palette.layer(0.2 + 0.8 * depth), palette.sky[0], 0 if palette.dark else 0.45)
    walls.paint(wall, mix(wall, palette.near, 0.45))
    shine = 0.25 + 0.7 * depth if palette.dark else 0.12 + 0.3 * depth
    panes.paint(mix(palette.lamp, palette.horizon, 0.25 + 0.4 * (1 - depth)), alpha=shine)
    warm.paint(mix(palette.accent, palette.lamp, 0.35), alpha=shine)


def roof(shape: Shape, tower: Tower, kind: float, unit: float) -> None:
    """Add one of five tops, or a flat one; `kind` is drawn between 0 and 1."""
    x, top, wide = tower
    middle = x + wide / 2
    if kind < 0.2:
        shape.rectangle(x + wide * 0.15, top - unit * 0.02, x + wide * 0.85, top)
        shape.rectangle(x + wide * 0.32, top - unit * 0.036, x + wide * 0.68, top)
    elif kind < 0.38:
        shape.polygon(x, top, x + wide, top - wide * 0.35, x + wide, top)
    elif kind < 0.52:
        shape.polygon(x + wide * 0.1, top, middle, top - wide * 0.8, x + wide * 0.9, top)
        shape.line(unit * 0.003, middle, top - wide * 0.7, middle, top - wide * 1.3)
    elif kind < 0.66:
        shape.line(unit * 0.003, x + wide * 0.7, top, x + wide * 0.7, top - unit * 0.05)
    elif kind < 0.76:
        shape.ellipse(middle, top, wide / 2, wide * 0.42)


def windows(canvas: Canvas, shapes: tuple[Shape, Shape], tower: Tower, step: float, key: str) -> None:
    """Add lit windows to a tower, one in eight in the second colour."""
    x, top, wide = tower
    stream = canvas.stream(f"windows {key}")
    lit = stream.uniform(0.2, 0.62) if canvas.palette.dark else stream.uniform(0.15, 0.4)
    columns = max(2, int(wide / step) - 1)
    margin = (wide - columns * step) / 2 + step * 0.22
    for line in range(1, int(-top / step / 1.35)):
        y = top + line * step * 1.35
        for column in range(columns):
            chance = stream.random()
            if chance < lit:
                left = x + margin + column * step
                shapes[chance < lit * 0.12].rectangle(left, y, left + step * 0.56, y + step * 0.7)


def lamps(canvas: Canvas, ground: int) -> None:
    """Draw street lights on the near bank, each with its pool of light."""
    palette, stream, unit = canvas.palette, canvas.stream("lamps"), canvas.unit
    gap = unit * stream.uniform(0.2, 0.3)
    x, foot = gap * stream.random(), canvas.height + 2
    tall = min(unit * 0.16, (canvas.height - ground) * 0.85)
    canvas.shape().rectangle(0, canvas.height - unit * 0.022, canvas.width, canvas.height).paint(palette.near)
    while x < canvas.width:
        post = canvas.shape(x, foot, tall).rectangle(-0.012, -1, 0.012, 0)
        post.line(0.024, 0, -0.97, 0.1, -1.04, 0.2, -1).paint(palette.near)
        canvas.glow(x + tall * 0.2, foot - tall * 0.98, tall * 0.8, palette.lamp, 0.5)
        canvas.disc(x + tall * 0.2, foot - tall * 0.98, tall * 0.04, mix(palette.lamp, WHITE, 0.6))
        x += gap
