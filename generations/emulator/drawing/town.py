"""A city: towers with lit windows, and a wet street or a river that repeats them."""

from generations.emulator.drawing import air
from generations.emulator.drawing.canvas import Canvas, Layer
from generations.emulator.drawing.land import mirror
from generations.emulator.drawing.palettes import Colour, mix

# Left, top, width, height.
Block = tuple[float, float, float, float]


def city(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice("city")
    ground = round(canvas.height * dice.uniform(0.76, 0.84))
    air.sky(canvas, ground)
    canvas.glow(canvas.width / 2, ground, canvas.width * 0.8, palette.lamp, 0.3, flat=0.5)
    count = 3 + round(canvas.detail)
    for index in range(count):
        depth = index / (count - 1)
        tall = canvas.height * (0.5 - 0.16 * depth)
        row(canvas, ground, tall, depth, index)
        canvas.veil(mix(palette.horizon, palette.lamp, 0.3), ground - tall * 0.6, ground, 0.3 * (1 - depth))
    mirror(canvas, ground, palette.near, 0.42)
    canvas.glow(canvas.width / 2, ground, canvas.width * 0.75, palette.lamp, 0.3, flat=0.035)
    lamps(canvas, ground)


def row(canvas: Canvas, ground: int, tall: float, depth: float, index: int) -> None:
    palette, dice = canvas.palette, canvas.dice(f"row {index}")
    walls, panes, warm = (canvas.layer(bottom=ground) for _ in range(3))
    x = -canvas.unit * dice.uniform(0, 0.06)
    while x < canvas.width:
        wide = canvas.unit * dice.uniform(0.055, 0.13) * (0.75 + 0.5 * depth)
        height = tall * dice.triangular(0.35, 1.0, 0.55)
        block = (x, ground - height, wide, height)
        tower(walls, block, dice.random(), canvas.unit)
        windows(canvas, (panes, warm), block, depth, f"{index} {x:.0f}")
        x += wide + canvas.unit * dice.choice([0, 0.004, 0.012, 0.03]) * (1 + depth)
    tint = mix(palette.layer(0.2 + 0.8 * depth), palette.sky[0], 0 if palette.dark else 0.45)
    canvas.paint(walls, tint, mix(tint, palette.near, 0.45))
    shine = 0.25 + 0.7 * depth if palette.dark else 0.12 + 0.3 * depth
    canvas.paint(panes, mix(palette.lamp, palette.horizon, 0.25 + 0.4 * (1 - depth)), alpha=shine)
    canvas.paint(warm, mix(palette.accent, palette.lamp, 0.35), alpha=shine)


def tower(layer: Layer, block: Block, kind: float, unit: float) -> None:
    """A block with one of six tops."""
    x, top, wide, height = block
    ground = top + height
    layer.rectangle(x, top, x + wide, ground)
    if kind < 0.2:
        layer.rectangle(x + wide * 0.15, top - unit * 0.02, x + wide * 0.85, top)
        layer.rectangle(x + wide * 0.32, top - unit * 0.036, x + wide * 0.68, top)
    elif kind < 0.38:
        layer.polygon([(x, top), (x + wide, top - wide * 0.35), (x + wide, top)])
    elif kind < 0.52:
        layer.polygon([(x + wide * 0.1, top), (x + wide / 2, top - wide * 0.8), (x + wide * 0.9, top)])
        layer.line([(x + wide / 2, top - wide * 0.7), (x + wide / 2, top - wide * 1.3)], unit * 0.003)
    elif kind < 0.66:
        layer.line([(x + wide * 0.7, top), (x + wide * 0.7, top - unit * 0.05)], unit * 0.003)
    elif kind < 0.76:
        layer.ellipse(x + wide / 2, top, wide / 2, wide * 0.42)


def windows(canvas: Canvas, layers: tuple[Layer, Layer], block: Block, depth: float, key: str) -> None:
    x, top, wide, height = block
    dice = canvas.dice(f"windows {key}")
    step = canvas.unit * (0.011 + 0.009 * depth)
    lit = dice.uniform(0.2, 0.62) if canvas.palette.dark else dice.uniform(0.15, 0.4)
    columns = max(2, int(wide / step) - 1)
    margin = (wide - columns * step) / 2
    for line in range(1, int(height / step / 1.35)):
        y = top + line * step * 1.35
        for column in range(columns):
            chance = dice.random()
            if chance < lit:
                left = x + margin + column * step + step * 0.22
                layers[chance < lit * 0.12].rectangle(left, y, left + step * 0.56, y + step * 0.7)


def lamps(canvas: Canvas, ground: int) -> None:
    """Street lights on the near bank, each with its pool of light."""
    palette, dice = canvas.palette, canvas.dice("lamps")
    gap = canvas.unit * dice.uniform(0.2, 0.3)
    x, foot = gap * dice.random(), canvas.height + 2
    tall = min(canvas.unit * 0.16, (canvas.height - ground) * 0.85)
    bank = canvas.layer(top=canvas.height - canvas.unit * 0.03)
    bank.rectangle(0, canvas.height - canvas.unit * 0.022, canvas.width, canvas.height)
    canvas.paint(bank, palette.near)
    while x < canvas.width:
        post = canvas.layer(x - tall, foot - tall * 1.1, x + tall, foot)
        post.rectangle(x - tall * 0.012, foot - tall, x + tall * 0.012, foot)
        post.line(
            [(x, foot - tall * 0.97), (x + tall * 0.1, foot - tall * 1.04), (x + tall * 0.2, foot - tall)], tall * 0.024
        )
        canvas.paint(post, palette.near)
        _shine(canvas, x + tall * 0.2, foot - tall * 0.98, tall, palette.lamp)
        x += gap


def _shine(canvas: Canvas, x: float, y: float, size: float, tint: Colour) -> None:
    canvas.glow(x, y, size * 0.8, tint, 0.5)
    canvas.disc(x, y, size * 0.04, mix(tint, (255, 255, 255), 0.6))
