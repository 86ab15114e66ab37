"""What carries words in a picture: a wooden sign, a chalk board, neon, a paper banner, a card."""

import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.emulator.drawing.canvas import Canvas
from generations.emulator.drawing.lettering import Block, fit
from generations.emulator.drawing.palettes import WHITE, Colour, mix

Box = tuple[float, float, float, float]
Ink = tuple[int, int, int, int]
# Signs are drawn at twice their size and reduced.
SCALE = 2
WOOD: Colour = (150, 104, 66)
CREAM: Colour = (250, 242, 224)
SLATE: Colour = (38, 46, 46)


def post(canvas: Canvas, text: str) -> None:
    """A painted board on a post in the foreground."""
    dice = canvas.dice("post")
    block = _fitted(canvas, text, 0.56, 0.26, 0.072)
    pad = block.size * 0.7
    width, height = block.width / SCALE + pad * 1.6, block.height / SCALE + pad
    x, y = canvas.width * dice.uniform(0.4, 0.6), canvas.height * 0.7
    wide = max(canvas.unit * 0.02, height * 0.1)
    wood = mix(WOOD, canvas.palette.near, 0.35)
    pole = canvas.layer(x - wide, y - height * 0.68, x + wide, canvas.height)
    pole.rectangle(x - wide / 2, y - height * 0.66, x + wide / 2, canvas.height, radius=wide * 0.15)
    canvas.paint(pole, wood, mix(wood, canvas.palette.near, 0.6))
    light = mix(CREAM, canvas.palette.horizon, 0.22)
    tile = _board((width, height), light, mix(wood, (40, 24, 14), 0.45), dice)
    dark = mix((52, 34, 24), canvas.palette.near, 0.3)
    block.draw(ImageDraw.Draw(tile), tile.width / 2, tile.height / 2, (*dark, 255), 0.012)
    _hang(canvas, tile, x, y, dice.uniform(-2.4, 2.4))


def chalk(canvas: Canvas, text: str) -> None:
    """A framed blackboard; the letters are rubbed a little."""
    dice = canvas.dice("chalk")
    block = _fitted(canvas, text, 0.5, 0.24, 0.072)
    pad = block.size * 0.9
    width = max(block.width / SCALE + pad * 1.7, canvas.unit * 0.32)
    height = max(block.height / SCALE + pad * 1.7, canvas.unit * 0.19)
    tile = Image.new("RGBA", (round(width * SCALE), round(height * SCALE)))
    pen, frame = ImageDraw.Draw(tile), canvas.unit * 0.016 * SCALE
    wood = mix(WOOD, canvas.palette.near, 0.2)
    pen.rounded_rectangle((0, 0, tile.width - 1, tile.height - 1), frame * 0.5, fill=(*wood, 255))
    pen.rectangle(
        (frame * 0.5, frame * 0.5, tile.width - frame * 0.5, tile.height - frame * 0.5),
        fill=(*mix(wood, WHITE, 0.16), 255),
    )
    pen.rectangle((frame, frame, tile.width - frame, tile.height - frame), fill=(*SLATE, 255))
    letters = Image.new("L", tile.size)
    _chalk_marks(ImageDraw.Draw(letters), block, tile.size, frame)
    rubbed = Image.frombytes(
        "L", (tile.width // 3 + 1, tile.height // 3 + 1), dice.randbytes((tile.width // 3 + 1) * (tile.height // 3 + 1))
    )
    texture = rubbed.filter(ImageFilter.GaussianBlur(0.7)).point([min(255, 120 + v) for v in range(256)])
    dusty = letters.filter(ImageFilter.GaussianBlur(14)).point([v // 7 for v in range(256)])
    worn = ImageChops.multiply(letters, texture.resize(tile.size, Image.Resampling.BILINEAR))
    tile.paste((*CREAM, 255), (0, 0), ImageChops.lighter(worn, dusty))
    _hang(canvas, tile, canvas.width * 0.5, max(height * 0.62, canvas.height * 0.27), dice.uniform(-1.2, 1.2))


def neon(canvas: Canvas, text: str) -> None:
    """Glass tubes on a dark plate that stands on a scaffold, as on a roof."""
    dice, palette = canvas.dice("neon"), canvas.palette
    block = _fitted(canvas, text, 0.62, 0.26, 0.1)
    pad = block.size * 0.85
    width, height = block.width / SCALE + pad * 1.7, block.height / SCALE + pad * 1.3
    x, y = canvas.width * 0.5, canvas.height * 0.4
    tint = dice.choice([(255, 72, 140), (60, 220, 255), (255, 150, 60), (150, 110, 255), (90, 255, 170)])
    second = dice.choice([(255, 220, 120), (120, 230, 255), (255, 120, 180)])
    _scaffold(canvas, x, width * 0.8, y + height / 2 - 2)
    plate = canvas.layer(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    plate.rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2, radius=pad * 0.4)
    canvas.paint(plate, mix(palette.near, (8, 6, 16), 0.7), alpha=0.86)
    canvas.glow(x, y, width * 0.95, tint, 0.5, flat=0.7)
    size = (round(width * SCALE), round(height * SCALE))
    tubes, letters = Image.new("L", size), Image.new("L", size)
    edge = pad * 0.3 * SCALE
    frame = (edge, edge, size[0] - edge, size[1] - edge)
    ImageDraw.Draw(tubes).rounded_rectangle(frame, pad * 0.5, outline=255, width=max(3, round(block.size * 0.05)))
    block.draw(ImageDraw.Draw(letters), size[0] / 2, size[1] / 2, 255, 0.02)
    at = (round(x - width / 2), round(y - height / 2))
    _tube(canvas, tubes, at, second, block.size)
    _tube(canvas, letters, at, tint, block.size)


def banner(canvas: Canvas, text: str) -> None:
    """A strip of paper with swallow-tailed ends, hung by two strings."""
    dice, palette = canvas.dice("banner"), canvas.palette
    block = _fitted(canvas, text, 0.6, 0.12, 0.062)
    pad = block.size * 0.8
    width, height = block.width / SCALE + pad * 2.6, block.height / SCALE + pad
    paper = mix(CREAM, palette.disc, 0.3)
    tile = Image.new("RGBA", (round((width + pad * 1.2) * SCALE), round((height + pad * 0.5) * SCALE)))
    pen, tail, drop = ImageDraw.Draw(tile), pad * 1.3 * SCALE, pad * 0.35 * SCALE
    right, low = tile.width - 1, tile.height - 1
    folded = (*mix(paper, palette.near, 0.32), 255)
    pen.polygon([(0, drop), (tail, drop), (tail, low), (0, low), (tail * 0.4, (drop + low) / 2)], fill=folded)
    pen.polygon(
        [
            (right, drop),
            (right - tail, drop),
            (right - tail, low),
            (right, low),
            (right - tail * 0.4, (drop + low) / 2),
        ],
        fill=folded,
    )
    pen.polygon(
        [(tail * 0.55, low - drop), (tail, low - drop), (tail, low)], fill=(*mix(paper, palette.near, 0.6), 255)
    )
    pen.polygon(
        [(right - tail * 0.55, low - drop), (right - tail, low - drop), (right - tail, low)],
        fill=(*mix(paper, palette.near, 0.6), 255),
    )
    pen.rectangle((tail * 0.55, 0, right - tail * 0.55, low - drop), fill=(*paper, 255))
    ink = mix(palette.near, palette.accent, 0.25)
    block.draw(pen, tile.width / 2, (low - drop) / 2, (*ink, 255), 0.014)
    y = max(canvas.height * 0.17, height * 0.9)
    _straps(canvas, canvas.width / 2, width * 0.8, y - height / 2, mix(paper, palette.near, 0.4))
    _hang(canvas, tile, canvas.width / 2, y, dice.uniform(-1.5, 1.5))


def card(canvas: Canvas, text: str, box: Box | None = None) -> None:
    """A plain sheet; in `box` when somebody holds it."""
    dice, palette = canvas.dice("card"), canvas.palette
    if box is None:
        block = _fitted(canvas, text, 0.5, 0.3, 0.085)
        pad = block.size * 0.9
        width, height = block.width / SCALE + pad * 1.6, block.height / SCALE + pad * 1.2
        x, y = canvas.width / 2, canvas.height / 2
    else:
        width, height = box[2] - box[0], box[3] - box[1]
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        block = fit(text, width * 0.84 * SCALE, height * 0.7 * SCALE, height * 0.5 * SCALE)
    paper, ink = mix(CREAM, WHITE, 0.4), mix(palette.near, (30, 24, 30), 0.4)
    tile = Image.new("RGBA", (round(width * SCALE), round(height * SCALE)))
    pen, rim = ImageDraw.Draw(tile), round(canvas.unit * 0.007 * SCALE)
    pen.rounded_rectangle((0, 0, tile.width - 1, tile.height - 1), canvas.unit * 0.018 * SCALE, fill=(*paper, 255))
    inner = (rim * 2, rim * 2, tile.width - 1 - rim * 2, tile.height - 1 - rim * 2)
    pen.rounded_rectangle(
        inner, canvas.unit * 0.011 * SCALE, outline=(*mix(palette.accent, paper, 0.25), 255), width=rim // 2
    )
    middle = tile.height * (0.53 if box else 0.5)
    block.draw(pen, tile.width / 2, middle, (*ink, 255), 0.018)
    _hang(canvas, tile, x, y, 0 if box else dice.uniform(-2, 2))


Sign = Callable[[Canvas, str], None]
SIGNS: dict[str, Sign] = {"post": post, "chalk": chalk, "neon": neon, "banner": banner, "card": card}


def _fitted(canvas: Canvas, text: str, wide: float, high: float, largest: float) -> Block:
    return fit(text, canvas.width * wide * SCALE, canvas.height * high * SCALE, canvas.unit * largest * SCALE)


def _board(size: tuple[float, float], light: Colour, dark: Colour, dice: random.Random) -> Image.Image:
    """A light painted board with a dark rim, fine grain and two nails."""
    tile = Image.new("RGBA", (round(size[0] * SCALE), round(size[1] * SCALE)))
    pen, rim = ImageDraw.Draw(tile), max(4, round(size[1] * 0.045 * SCALE))
    pen.rounded_rectangle((0, 0, tile.width - 1, tile.height - 1), rim * 1.8, fill=(*dark, 255))
    pen.rounded_rectangle((rim, rim, tile.width - 1 - rim, tile.height - 1 - rim), rim, fill=(*light, 255))
    for _ in range(26):
        y, x = dice.uniform(rim * 2, tile.height - rim * 2), dice.uniform(rim * 2, tile.width * 0.7)
        end = min(tile.width - rim * 2, x + tile.width * dice.uniform(0.08, 0.3))
        pen.line((x, y, end, y + dice.uniform(-3, 3)), fill=(*mix(light, dark, dice.uniform(0.06, 0.16)), 255), width=2)
    for x in (rim * 2.6, tile.width - rim * 2.6):
        pen.ellipse(
            (x - rim * 0.5, tile.height / 2 - rim * 0.5, x + rim * 0.5, tile.height / 2 + rim * 0.5), fill=(*dark, 255)
        )
    return tile


def _chalk_marks(pen: ImageDraw.ImageDraw, block: Block, size: tuple[int, int], frame: float) -> None:
    x, y = size[0] / 2, size[1] / 2 - block.size * 0.1
    block.draw(pen, x, y, 255, 0.01)
    low, half = y + block.height / 2 + block.size * 0.22, min(block.width * 0.3, size[0] * 0.3)
    if low < size[1] - frame * 2:
        points = [(x - half + half * step / 10, low + (step % 4 - 1.5) * block.size * 0.02) for step in range(21)]
        pen.line(points, fill=235, width=max(3, round(block.size * 0.035)), joint="curve")
        pen.ellipse(
            (x - block.size * 0.05, low + block.size * 0.1, x + block.size * 0.05, low + block.size * 0.2), fill=220
        )


def _tube(canvas: Canvas, mask: Image.Image, at: tuple[int, int], tint: Colour, size: float) -> None:
    """Light around the shape, the coloured glass, and a white-hot core."""
    small = mask.reduce(SCALE)
    margin = round(size * 0.6)
    wide = Image.new("L", (small.width + 2 * margin, small.height + 2 * margin))
    wide.paste(small, (margin, margin))
    place = (at[0] - margin, at[1] - margin)
    for radius, strength in ((size * 0.22, 1.3), (size * 0.06, 1.0)):
        halo = wide.filter(ImageFilter.GaussianBlur(radius)).point([min(255, round(v * strength)) for v in range(256)])
        canvas.image.paste(tint, place, halo)
    canvas.image.paste(mix(tint, WHITE, 0.35), at, small)
    core = mask.filter(ImageFilter.MinFilter(5)).reduce(SCALE)
    canvas.image.paste(mix(tint, WHITE, 0.82), at, core)


def _straps(canvas: Canvas, x: float, width: float, bottom: float, tint: Colour) -> None:
    layer = canvas.layer(bottom=max(2.0, bottom + canvas.unit * 0.04))
    for side in (-1, 1):
        place = x + side * width / 2
        layer.line([(place, -4), (place, bottom + canvas.unit * 0.03)], canvas.unit * 0.0022)
    canvas.paint(layer, tint)


def _scaffold(canvas: Canvas, x: float, width: float, top: float) -> None:
    """Two legs with crossed braces from the plate down to the roofs."""
    tint, bottom = mix(canvas.palette.near, (0, 0, 0), 0.3), canvas.height * 0.66
    if bottom <= top or "space" in canvas.words:
        return
    layer, left, right = canvas.layer(top=top, bottom=bottom), x - width / 2, x + width / 2
    thick, fields = canvas.unit * 0.007, max(1, round(width / max(1.0, bottom - top)))
    for field in range(fields + 1):
        place = left + width * field / fields
        layer.line([(place, top), (place, bottom)], thick)
        if field < fields:
            onward = left + width * (field + 1) / fields
            layer.line([(place, top), (onward, bottom)], thick * 0.5)
            layer.line([(onward, top), (place, bottom)], thick * 0.5)
    layer.rectangle(left - canvas.unit * 0.03, bottom - canvas.unit * 0.014, right + canvas.unit * 0.03, bottom)
    canvas.paint(layer, tint)


def _hang(canvas: Canvas, tile: Image.Image, x: float, y: float, angle: float) -> None:
    """Reduce, turn by `angle` degrees and put the sign down centred, over a soft shadow."""
    sign = tile.reduce(SCALE)
    if angle:
        sign = sign.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    drop = canvas.unit * 0.012
    margin = round(drop * 3)
    shade = Image.new("L", (sign.width + 2 * margin, sign.height + 2 * margin))
    shade.paste(sign.getchannel("A"), (margin, margin))
    shade = shade.filter(ImageFilter.GaussianBlur(drop)).point([v * 120 // 255 for v in range(256)])
    left, top = round(x - sign.width / 2), round(y - sign.height / 2)
    canvas.image.paste(mix(canvas.palette.near, (0, 0, 0), 0.6), (left - margin, round(top - margin + drop)), shade)
    canvas.image.paste(sign, (left, top), sign)
