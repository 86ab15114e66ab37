"""Things on a table by a window: a bowl of fruit, a vase, a cup."""

import math
import random
from itertools import pairwise

from PIL import Image

from generations.emulator.drawing.canvas import Canvas, gradient
from generations.emulator.drawing.palettes import WHITE, Colour, mix

FRUIT: list[Colour] = [(217, 79, 57), (238, 150, 52), (242, 196, 78), (141, 165, 73), (150, 66, 90), (228, 114, 75)]


def still_life(canvas: Canvas) -> None:
    dice = canvas.dice("table")
    # A board on the wall needs the room that the things leave.
    shrink = 0.72 if canvas.lettered else 1.0
    edge = canvas.height * dice.uniform(0.66, 0.72) + (canvas.unit * 0.09 if canvas.lettered else 0)
    room(canvas, edge)
    left = dice.random() < 0.5
    side = -1 if left else 1
    bowl_x = canvas.width * 0.5 - side * canvas.unit * dice.uniform(0.06, 0.14)
    vase_x = bowl_x + side * canvas.unit * dice.uniform(0.33, 0.38)
    foot = edge + canvas.unit * 0.07
    if canvas.words & {"coffee", "tea", "cup", "mug", "cafe", "café", "breakfast"}:
        cup(canvas, vase_x, foot + canvas.unit * 0.02, canvas.unit * 0.17 * shrink)
    else:
        vase(canvas, vase_x, foot - canvas.unit * 0.01, canvas.unit * dice.uniform(0.26, 0.34) * shrink)
    bowl(canvas, bowl_x, foot + canvas.unit * 0.05, canvas.unit * dice.uniform(0.36, 0.42) * shrink)
    for index in range(dice.randint(1, 3)):
        x = vase_x + side * canvas.unit * (0.02 - 0.11 * index) - side * canvas.unit * 0.1
        tint = dice.choice(FRUIT)
        ball(
            canvas,
            x,
            foot + canvas.unit * (0.07 + 0.02 * index),
            canvas.unit * dice.uniform(0.042, 0.056) * shrink,
            tint,
        )


def room(canvas: Canvas, edge: float) -> None:
    """Wall, light from a window, and a table top."""
    palette, dice = canvas.palette, canvas.dice("room")
    wall = mix(palette.sky[1], palette.sky[2], 0.45)
    canvas.backdrop((mix(wall, palette.near, 0.25), mix(wall, palette.sky[-1], 0.35)))
    slant, wide = canvas.unit * dice.uniform(0.1, 0.2), canvas.unit * 0.2
    x, y = canvas.width * dice.uniform(0.1, 0.45), canvas.height * dice.uniform(0.06, 0.12)
    light = canvas.layer(bottom=edge)
    tall = (edge - y) * 0.42
    for column in range(2):
        for pane in range(2):
            left, top = x + column * (wide + canvas.unit * 0.018), y + pane * (tall + canvas.unit * 0.018)
            shift = slant * pane
            low, right = slant * 0.2 * column, left + wide + shift
            corners = [(left + shift, top + low), (right, top + low + slant * 0.2)]
            light.polygon([*corners, *((x + slant, y + tall) for x, y in reversed(corners))])
    canvas.paint(light, mix(palette.disc, palette.lamp, 0.4), alpha=0.42, blur=canvas.unit * 0.008)
    board = canvas.layer(top=edge)
    board.rectangle(0, edge, canvas.width, canvas.height)
    wood = mix(mix(palette.near, palette.far, 0.45), (140, 86, 52), 0.35)
    canvas.paint(board, mix(wood, palette.horizon, 0.3), mix(wood, palette.near, 0.55))
    rim = canvas.layer(top=edge - 1, bottom=edge + canvas.unit * 0.01)
    rim.rectangle(0, edge, canvas.width, edge + canvas.unit * 0.005)
    canvas.paint(rim, palette.disc, alpha=0.35)
    _planks(canvas, edge, wood)


def ball(canvas: Canvas, x: float, y: float, radius: float, tint: Colour, *, grounded: bool = True) -> None:
    """A round fruit, lit from the upper left."""
    if grounded:
        shadow(canvas, x + radius * 0.35, y + radius * 0.92, radius * 1.15, radius * 0.2)
    layer = canvas.layer(x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1, scale=4)
    layer.ellipse(x, y, radius, radius)
    mask = layer.reduced()
    size = round(radius * 3.4)
    shade = Image.radial_gradient("L").resize((size, size))
    left, top = round(size / 2 - radius * 0.64), round(size / 2 - radius * 0.6)
    shade = shade.crop((left, top, left + mask.width, top + mask.height))
    light, dark = mix(tint, WHITE, 0.34), mix(tint, mix(canvas.palette.near, (60, 20, 30), 0.4), 0.62)
    picture = Image.composite(Image.new("RGB", mask.size, dark), Image.new("RGB", mask.size, light), shade)
    canvas.image.paste(picture, layer.box[:2], mask)
    canvas.glow(x - radius * 0.36, y - radius * 0.42, radius * 0.42, WHITE, 0.55)
    stem = canvas.layer(x - radius * 0.4, y - radius * 1.4, x + radius * 0.5, y, scale=4)
    stem.line(
        [(x, y - radius * 0.86), (x + radius * 0.06, y - radius * 1.1), (x + radius * 0.18, y - radius * 1.26)],
        radius * 0.09,
    )
    canvas.paint(stem, (74, 52, 36))


def bowl(canvas: Canvas, x: float, foot: float, wide: float) -> None:
    palette, dice = canvas.palette, canvas.dice("bowl")
    half, deep = wide / 2, wide * 0.4
    rim = foot - deep
    shadow(canvas, x + half * 0.25, foot - deep * 0.02, half * 1.1, deep * 0.16)
    radius = wide * 0.135
    spots = [(-0.3, -0.05), (0.3, -0.06), (0.0, -0.06), (-0.16, -0.28), (0.16, -0.3), (0.0, -0.02)]
    for across, high in spots:
        tint = mix(dice.choice(FRUIT), palette.accent, 0.12)
        ball(
            canvas,
            x + across * wide,
            rim + high * wide - radius * 0.1,
            radius * dice.uniform(0.92, 1.1),
            tint,
            grounded=False,
        )
    body = canvas.layer(x - half - 2, rim - 2, x + half + 2, foot + 2)
    outline = [
        (x + half * math.cos(step / 24 * math.pi), rim + deep * 0.94 * math.sin(step / 24 * math.pi) ** 0.75)
        for step in range(25)
    ]
    body.polygon([(x + half, rim), *outline])
    body.rectangle(x - half * 0.34, foot - deep * 0.12, x + half * 0.34, foot)
    glaze = mix(palette.disc, palette.sky[1], dice.choice([0.15, 0.55, 0.8]))
    canvas.paint(body, mix(glaze, WHITE, 0.15), mix(glaze, palette.near, 0.55))
    band = canvas.layer(x - half, rim, x + half, rim + deep * 0.34)
    band.rectangle(x - half * 0.97, rim + deep * 0.16, x + half * 0.97, rim + deep * 0.2)
    canvas.paint(band, mix(palette.accent, glaze, 0.2), alpha=0.8)
    edge = canvas.layer(x - half - 4, rim - deep * 0.08, x + half + 4, rim + deep * 0.1)
    edge.rectangle(x - half - 2, rim - deep * 0.03, x + half + 2, rim + deep * 0.045, radius=deep * 0.04)
    canvas.paint(edge, mix(glaze, WHITE, 0.45))


def vase(canvas: Canvas, x: float, foot: float, tall: float) -> None:
    palette, dice = canvas.palette, canvas.dice("vase")
    shadow(canvas, x + tall * 0.12, foot, tall * 0.36, tall * 0.05)
    flowers(canvas, x, foot - tall * 0.95, tall, dice)
    profile = [(0.0, 0.17), (0.06, 0.2), (0.3, 0.3), (0.55, 0.26), (0.8, 0.12), (0.92, 0.1), (1.0, 0.14)]
    body = canvas.layer(x - tall * 0.4, foot - tall - 2, x + tall * 0.4, foot + 2)
    steps = [step / 40 for step in range(41)]
    right = [(x + tall * _between(profile, step), foot - tall * step) for step in steps]
    left = [(2 * x - place, y) for place, y in reversed(right)]
    body.polygon([*right, *left])
    glaze = mix(palette.accent, palette.sky[1], dice.uniform(0.1, 0.8))
    mask = body.reduced()
    side = gradient((mix(glaze, WHITE, 0.3), glaze, mix(glaze, palette.near, 0.6)), (mask.height, mask.width))
    canvas.image.paste(side.transpose(Image.Transpose.ROTATE_90), body.box[:2], mask)
    canvas.glow(x - tall * 0.13, foot - tall * 0.42, tall * 0.14, WHITE, 0.4)


def flowers(canvas: Canvas, x: float, y: float, tall: float, dice: random.Random) -> None:
    palette = canvas.palette
    stems, leaves = canvas.layer(bottom=y + tall * 0.2), canvas.layer(bottom=y + tall * 0.2)
    heads = []
    for index in range(round(5 + 4 * canvas.detail)):
        lean = (index / 8 - 0.5) * 1.5 + dice.uniform(-0.12, 0.12)
        high = tall * dice.uniform(0.45, 0.95) * (1 - abs(lean) * 0.35)
        end = (x + lean * tall * 0.75, y - high)
        bend = (x + lean * tall * 0.2, y - high * 0.55)
        stems.line([(x + lean * tall * 0.08, y + tall * 0.06), bend, end], tall * 0.012)
        side = dice.choice([-1, 1])
        leaves.polygon(
            [
                bend,
                (bend[0] + side * tall * 0.07, bend[1] - tall * 0.07),
                (bend[0] + side * tall * 0.15, bend[1] - tall * 0.07),
                (bend[0] + side * tall * 0.09, bend[1] - tall * 0.015),
            ]
        )
        heads.append(end)
    green = mix(palette.near, (86, 128, 82), 0.65)
    canvas.paint(stems, green)
    canvas.paint(leaves, mix(green, palette.horizon, 0.15), green)
    petals = [palette.accent, palette.lamp, mix(palette.disc, WHITE, 0.4), (233, 140, 150)]
    for place, (across, up) in enumerate(heads):
        _blossom(canvas, across, up, tall * dice.uniform(0.055, 0.085), petals[place % len(petals)])


def cup(canvas: Canvas, x: float, foot: float, size: float) -> None:
    palette = canvas.palette
    glaze = mix(palette.disc, WHITE, 0.3)
    shadow(canvas, x + size * 0.1, foot, size * 0.75, size * 0.08)
    handle = canvas.layer(x, foot - size, x + size, foot, scale=4)
    handle.ellipse(x + size * 0.46, foot - size * 0.42, size * 0.24, size * 0.24)
    handle.ellipse(x + size * 0.46, foot - size * 0.42, size * 0.14, size * 0.14, ink=0)
    canvas.paint(handle, mix(glaze, palette.near, 0.3))
    body = canvas.layer(x - size, foot - size, x + size, foot + 2, scale=4)
    body.polygon(
        [
            (x - size * 0.45, foot - size * 0.75),
            (x + size * 0.45, foot - size * 0.75),
            (x + size * 0.34, foot - size * 0.08),
            (x + size * 0.26, foot),
            (x - size * 0.26, foot),
            (x - size * 0.34, foot - size * 0.08),
        ]
    )
    canvas.paint(body, glaze, mix(glaze, palette.near, 0.35))
    top = canvas.layer(x - size, foot - size, x + size, foot, scale=4)
    top.ellipse(x, foot - size * 0.75, size * 0.45, size * 0.09)
    canvas.paint(top, (92, 58, 40))
    steam = canvas.layer(x - size, foot - size * 2, x + size, foot - size * 0.7)
    for line in (-0.15, 0.12):
        steam.line(
            [(x + size * (line + 0.07 * math.sin(step / 3)), foot - size * (0.8 + step * 0.055)) for step in range(18)],
            size * 0.05,
        )
    canvas.paint(steam, WHITE, alpha=0.4, blur=size * 0.04)


def shadow(canvas: Canvas, x: float, y: float, across: float, down: float) -> None:
    layer = canvas.layer(x - across * 1.6, y - down * 4, x + across * 1.6, y + down * 4)
    layer.ellipse(x, y, across, down)
    canvas.paint(layer, mix(canvas.palette.near, (0, 0, 0), 0.4), alpha=0.5, blur=down * 0.7)


def _blossom(canvas: Canvas, x: float, y: float, size: float, tint: Colour) -> None:
    layer, turn = canvas.layer(x - size * 1.6, y - size * 1.6, x + size * 1.6, y + size * 1.6, scale=4), x % 1
    for petal in range(6):
        angle = (petal + turn) / 6 * math.tau
        layer.ellipse(x + math.cos(angle) * size * 0.6, y + math.sin(angle) * size * 0.6, size * 0.42, size * 0.42)
    canvas.paint(layer, mix(tint, WHITE, 0.2), mix(tint, canvas.palette.near, 0.2))
    canvas.disc(x, y, size * 0.32, mix(canvas.palette.lamp, canvas.palette.near, 0.25))


def _planks(canvas: Canvas, edge: float, wood: Colour) -> None:
    dice, layer = canvas.dice("planks"), canvas.layer(top=edge)
    for _ in range(round(14 + 20 * canvas.detail)):
        y, x = edge + (canvas.height - edge) * dice.random() ** 1.2, canvas.width * dice.uniform(-0.2, 0.9)
        length = canvas.width * dice.uniform(0.1, 0.5)
        layer.line([(x, y), (x + length / 2, y + dice.uniform(-2, 2)), (x + length, y)], canvas.unit * 0.0014)
    canvas.paint(layer, mix(wood, (0, 0, 0), 0.4), alpha=0.3)


def _between(profile: list[tuple[float, float]], place: float) -> float:
    for (low, first), (high, second) in pairwise(profile):
        if place <= high:
            part = (place - low) / (high - low)
            smooth = part * part * (3 - 2 * part)
            return first + (second - first) * smooth
    return profile[-1][1]
