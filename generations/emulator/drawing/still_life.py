"""Things on a table by a window: a bowl of fruit, a vase, a cup."""

import math
import random

from PIL import Image

from generations.emulator.drawing.canvas import Canvas, Size, gradient, mirrored
from generations.emulator.drawing.palettes import BLACK, WHITE, Colour, mix

FRUIT: list[Colour] = [(217, 79, 57), (238, 150, 52), (242, 196, 78), (141, 165, 73), (150, 66, 90), (228, 114, 75)]
DRINKS = {"coffee", "tea", "cup", "mug", "cafe", "café", "breakfast"}
# Where the fruit lies in the bowl, the hindmost first.
HEAP = ((-0.3, -0.05), (0.3, -0.06), (0.0, -0.06), (-0.16, -0.28), (0.16, -0.3), (0.0, -0.02))


def still_life(canvas: Canvas) -> None:
    stream, unit = canvas.stream("table"), canvas.unit
    # A board on the wall needs the room that the things leave.
    shrink, lower = (0.72, unit * 0.09) if canvas.lettered else (1.0, 0)
    edge = canvas.height * stream.uniform(0.66, 0.72) + lower
    room(canvas, edge)
    side = -1 if stream.random() < 0.5 else 1
    bowl_x = canvas.width * 0.5 - side * unit * stream.uniform(0.06, 0.14)
    vase_x = bowl_x + side * unit * stream.uniform(0.33, 0.38)
    foot = edge + unit * 0.07
    if canvas.words & DRINKS:
        cup(canvas, vase_x, foot + unit * 0.02, unit * 0.17 * shrink)
    else:
        vase(canvas, vase_x, foot - unit * 0.01, unit * stream.uniform(0.26, 0.34) * shrink)
    bowl(canvas, bowl_x, foot + unit * 0.05, unit * stream.uniform(0.36, 0.42) * shrink)
    for index in range(stream.randint(1, 3)):
        x, y = vase_x - side * unit * (0.08 + 0.11 * index), foot + unit * (0.07 + 0.02 * index)
        radius = unit * stream.uniform(0.042, 0.056) * shrink
        shadow(canvas, x + radius * 0.35, y + radius * 0.92, radius * 1.15, radius * 0.2)
        fruit(canvas, x, y, radius, stream.choice(FRUIT))


def room(canvas: Canvas, edge: float) -> None:
    """Draw wall, light from a window, and a table top."""
    palette, stream, unit = canvas.palette, canvas.stream("room"), canvas.unit
    wall = mix(palette.sky[1], palette.sky[2], 0.45)
    canvas.backdrop((mix(wall, palette.near, 0.25), mix(wall, palette.horizon, 0.35)))
    slant, wide, gap = unit * stream.uniform(0.1, 0.2), unit * 0.2, unit * 0.018
    x, y = canvas.width * stream.uniform(0.1, 0.45), canvas.height * stream.uniform(0.06, 0.12)
    light, tall = canvas.shape(x, y), (edge - y) * 0.42
    for column, pane in ((0, 0), (0, 1), (1, 0), (1, 1)):
        left, top = column * (wide + gap) + slant * pane, pane * (tall + gap) + slant * 0.2 * column
        low = top + slant * 0.2
        light.polygon(left, top, left + wide, low, left + wide + slant, low + tall, left + slant, top + tall)
    light.paint(mix(palette.disc, palette.lamp, 0.4), alpha=0.42, blur=unit * 0.008)
    wood = mix(mix(palette.near, palette.far, 0.45), (140, 86, 52), 0.35)
    board = canvas.shape().rectangle(0, edge, canvas.width, canvas.height)
    board.paint(mix(wood, palette.horizon, 0.3), mix(wood, palette.near, 0.55))
    canvas.shape().rectangle(0, edge, canvas.width, edge + unit * 0.005).paint(palette.disc, alpha=0.35)
    own, grain = canvas.stream("planks"), canvas.shape()
    for _ in range(round(14 + 20 * canvas.detail)):
        y, x = edge + (canvas.height - edge) * own.random() ** 1.2, canvas.width * own.uniform(-0.2, 0.9)
        length = canvas.width * own.uniform(0.1, 0.5)
        grain.line(unit * 0.0014, x, y, x + length / 2, y + own.uniform(-2, 2), x + length, y)
    grain.paint(mix(wood, BLACK, 0.4), alpha=0.3)


def fruit(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """Draw a round fruit with a stem, lit from the upper left."""
    light, dark = mix(colour, WHITE, 0.34), mix(colour, mix(canvas.palette.near, (60, 20, 30), 0.4), 0.62)

    def shaded(size: Size) -> Image.Image:
        wide = round(radius * 3.4)
        left, top = round(radius * 1.06), round(radius * 1.1)
        shade = Image.radial_gradient("L").resize((wide, wide)).crop((left, top, left + size[0], top + size[1]))
        return Image.composite(Image.new("RGB", size, dark), Image.new("RGB", size, light), shade)

    canvas.shape(x, y, radius).ellipse(0, 0, 1).cover(shaded)
    canvas.glow(x - radius * 0.36, y - radius * 0.42, radius * 0.42, WHITE, 0.55)
    canvas.shape(x, y, radius).line(0.09, 0, -0.86, 0.06, -1.1, 0.18, -1.26).paint((74, 52, 36))


def bowl(canvas: Canvas, x: float, foot: float, wide: float) -> None:
    palette, stream = canvas.palette, canvas.stream("bowl")
    shadow(canvas, x + wide * 0.125, foot - wide * 0.008, wide * 0.55, wide * 0.064)
    for across, high in HEAP:
        colour = mix(stream.choice(FRUIT), palette.accent, 0.12)
        size = wide * 0.135 * stream.uniform(0.92, 1.1)
        fruit(canvas, x + across * wide, foot + (high - 0.4135) * wide, size, colour)
    glaze = mix(palette.disc, palette.sky[1], stream.choice([0.15, 0.55, 0.8]))
    arc = ((math.cos(s / 24 * math.pi) / 2, 0.376 * math.sin(s / 24 * math.pi) ** 0.75 - 0.4) for s in range(25))
    body = canvas.shape(x, foot, wide).polygon(*arc).rectangle(-0.17, -0.048, 0.17, 0)
    body.paint(mix(glaze, WHITE, 0.15), mix(glaze, palette.near, 0.55))
    band = canvas.shape(x, foot, wide).rectangle(-0.485, -0.336, 0.485, -0.32)
    band.paint(mix(palette.accent, glaze, 0.2), alpha=0.8)
    canvas.shape(x, foot, wide).rectangle(-0.505, -0.412, 0.505, -0.382, radius=0.016).paint(mix(glaze, WHITE, 0.45))


def vase(canvas: Canvas, x: float, foot: float, tall: float) -> None:
    palette, stream = canvas.palette, canvas.stream("vase")
    shadow(canvas, x + tall * 0.12, foot, tall * 0.36, tall * 0.05)
    flowers(canvas, x, foot - tall * 0.95, tall, stream)
    glaze = mix(palette.accent, palette.sky[1], stream.uniform(0.1, 0.8))
    # Half of its width, from the foot over the belly and the neck to the rim.
    half = [0.18 + 0.1 * math.sin(math.tau * (step / 44 + 0.02)) for step in range(41)]
    body = canvas.shape(x, foot, tall).polygon(*mirrored(*((wide, step / -40) for step, wide in enumerate(half))))
    tones = (mix(glaze, WHITE, 0.3), glaze, mix(glaze, palette.near, 0.6))
    body.cover(lambda size: gradient(tones, size[::-1]).transpose(Image.Transpose.ROTATE_90))
    canvas.glow(x - tall * 0.13, foot - tall * 0.42, tall * 0.14, WHITE, 0.4)


def flowers(canvas: Canvas, x: float, y: float, tall: float, stream: random.Random) -> None:
    palette = canvas.palette
    stems, leaves = canvas.shape(x, y, tall), canvas.shape(x, y, tall)
    heads = []
    for index in range(round(5 + 4 * canvas.detail)):
        lean = (index / 8 - 0.5) * 1.5 + stream.uniform(-0.12, 0.12)
        high = stream.uniform(0.45, 0.95) * (1 - abs(lean) * 0.35)
        bend_x, bend_y, side = lean * 0.2, high * -0.55, stream.choice([-1, 1])
        stems.line(0.012, lean * 0.08, 0.06, bend_x, bend_y, lean * 0.75, -high)
        leaf = ((0, 0), (0.07, -0.07), (0.15, -0.07), (0.09, -0.015))
        leaves.polygon(*((bend_x + side * across, bend_y + down) for across, down in leaf))
        heads.append((x + lean * 0.75 * tall, y - high * tall))
    green = mix(palette.near, (86, 128, 82), 0.65)
    stems.paint(green)
    leaves.paint(mix(green, palette.horizon, 0.15), green)
    petals = [palette.accent, palette.lamp, mix(palette.disc, WHITE, 0.4), (233, 140, 150)]
    for place, head in enumerate(heads):
        size, colour = tall * stream.uniform(0.055, 0.085), petals[place % len(petals)]
        blossom = canvas.shape(*head, size)
        for petal in range(6):
            angle = (petal + head[0] % 1) / 6 * math.tau
            blossom.ellipse(math.cos(angle) * 0.6, math.sin(angle) * 0.6, 0.42)
        blossom.paint(mix(colour, WHITE, 0.2), mix(colour, palette.near, 0.2))
        canvas.disc(*head, size * 0.32, mix(palette.lamp, palette.near, 0.25))


def cup(canvas: Canvas, x: float, foot: float, size: float) -> None:
    """Draw a cup of coffee that steams."""
    glaze, near = mix(canvas.palette.disc, WHITE, 0.3), canvas.palette.near
    shadow(canvas, x + size * 0.1, foot, size * 0.75, size * 0.08)
    handle = canvas.shape(x, foot, size).ellipse(0.46, -0.42, 0.24).ellipse(0.46, -0.42, 0.14, ink=0)
    handle.paint(mix(glaze, near, 0.3))
    body = canvas.shape(x, foot, size).polygon(*mirrored((0.45, -0.75), (0.34, -0.08), (0.26, 0)))
    body.paint(glaze, mix(glaze, near, 0.35))
    canvas.shape(x, foot, size).ellipse(0, -0.75, 0.45, 0.09).paint((92, 58, 40))
    steam = canvas.shape(x, foot, size)
    for across in (-0.15, 0.12):
        steam.line(0.05, *((across + 0.07 * math.sin(s / 3), -0.8 - s * 0.055) for s in range(18)))
    steam.paint(WHITE, alpha=0.4, blur=size * 0.04)


def shadow(canvas: Canvas, x: float, y: float, across: float, down: float) -> None:
    shape = canvas.shape().ellipse(x, y, across, down)
    shape.paint(mix(canvas.palette.near, BLACK, 0.4), alpha=0.5, blur=down * 0.7)
