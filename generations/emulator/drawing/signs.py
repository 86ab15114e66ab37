"""What carries words in a picture: a wooden sign, a chalk board, neon, a paper banner, a card."""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.emulator.drawing.canvas import Canvas, scaled
from generations.emulator.drawing.lettering import TextBlock, fit
from generations.emulator.drawing.palettes import BLACK, WHITE, Colour, mix

Area = tuple[float, float, float, float]
# Signs are drawn at twice their size and reduced.
SCALE = 2
WOOD: Colour = (150, 104, 66)
CREAM: Colour = (250, 242, 224)
SLATE: Colour = (38, 46, 46)
NEON: list[Colour] = [(255, 72, 140), (60, 220, 255), (255, 150, 60), (150, 110, 255), (90, 255, 170)]
NEON_FRAMES: list[Colour] = [(255, 220, 120), (120, 230, 255), (255, 120, 180)]


def post(canvas: Canvas, text: str) -> None:
    """A painted board on a post in the foreground."""
    stream, near = canvas.stream("post"), canvas.palette.near
    block = _fitted(canvas, text, 0.56, 0.26, 0.072)
    width, height = _around(block, 1.12, 0.7)
    x, y = canvas.width * stream.uniform(0.4, 0.6), canvas.height * 0.7
    wide, wood = max(canvas.unit * 0.02, height * 0.1), mix(WOOD, near, 0.35)
    pole = canvas.shape().rectangle(x - wide / 2, y - height * 0.66, x + wide / 2, canvas.height, radius=wide * 0.15)
    pole.paint(wood, mix(wood, near, 0.6))
    light, dark, rim = mix(CREAM, canvas.palette.horizon, 0.22), mix(wood, (40, 24, 14), 0.45), max(4, height * 0.09)
    tile = _board(width, height, (0, rim * 1.8, dark), (rim, rim, light))
    pen = ImageDraw.Draw(tile)
    for nail in (rim * 2.6, tile.width - rim * 2.6):
        pen.circle((nail, tile.height / 2), rim * 0.5, fill=dark)
    block.draw(pen, tile.width / 2, tile.height / 2, mix((52, 34, 24), near, 0.3), 0.012)
    _hang(canvas, tile, x, y, stream.uniform(-2.4, 2.4))


def chalk(canvas: Canvas, text: str) -> None:
    """A framed blackboard; the letters are rubbed a little."""
    stream, unit = canvas.stream("chalk"), canvas.unit
    block = _fitted(canvas, text, 0.5, 0.24, 0.072)
    width, height = _around(block, 1.53, 1.53)
    width, height = max(width, unit * 0.32), max(height, unit * 0.19)
    wood, frame = mix(WOOD, canvas.palette.near, 0.2), unit * 0.016 * SCALE
    tile = _board(width, height, (0, frame / 2, wood), (frame / 2, 0, mix(wood, WHITE, 0.16)), (frame, 0, SLATE))
    letters = Image.new("L", tile.size)
    pen, x, y = ImageDraw.Draw(letters), tile.width / 2, tile.height / 2 - block.size * 0.1
    block.draw(pen, x, y, 255, 0.01)
    low, half = y + block.height / 2 + block.size * 0.22, min(block.width, tile.width) * 0.3
    if low < tile.height - frame * 2:
        points = [(x - half + half * step / 10, low + (step % 4 - 1.5) * block.size * 0.02) for step in range(21)]
        pen.line(points, fill=235, width=max(3, round(block.size * 0.035)), joint="curve")
        pen.circle((x, low + block.size * 0.15), block.size * 0.05, fill=220)
    coarse = (tile.width // 3 + 1, tile.height // 3 + 1)
    rubbed = Image.frombytes("L", coarse, stream.randbytes(coarse[0] * coarse[1])).filter(ImageFilter.GaussianBlur(0.7))
    texture = rubbed.point([min(255, 120 + value) for value in range(256)]).resize(tile.size)
    dust = scaled(letters.filter(ImageFilter.GaussianBlur(14)), 0.14)
    tile.paste(CREAM, (0, 0), ImageChops.lighter(ImageChops.multiply(letters, texture), dust))
    _hang(canvas, tile, canvas.width * 0.5, max(height * 0.62, canvas.height * 0.27), stream.uniform(-1.2, 1.2))


def neon(canvas: Canvas, text: str) -> None:
    """Glass tubes on a dark plate that stands on legs, as on a roof."""
    stream, near = canvas.stream("neon"), canvas.palette.near
    block = _fitted(canvas, text, 0.62, 0.26, 0.1)
    width, height = _around(block, 1.45, 1.1)
    x, y, pad = canvas.width * 0.5, canvas.height * 0.4, block.size * 0.85
    colour, frame_colour = stream.choice(NEON), stream.choice(NEON_FRAMES)
    if "space" not in canvas.words:
        legs = canvas.shape(x, y + height / 2, canvas.unit)
        for leg in (-0.35, 0, 0.35):
            legs.rectangle(leg * width / canvas.unit, 0, leg * width / canvas.unit + 0.008, 2)
        legs.paint(mix(near, BLACK, 0.3))
    plate = canvas.shape(x, y).rectangle(width / -2, height / -2, width / 2, height / 2, radius=pad * 0.4)
    plate.paint(mix(near, (8, 6, 16), 0.7), alpha=0.86)
    canvas.glow(x, y, width * 0.95, colour, 0.5, flat=0.7)
    size = (round(width * SCALE), round(height * SCALE))
    frame, letters, edge = Image.new("L", size), Image.new("L", size), pad * 0.3 * SCALE
    box = (edge, edge, size[0] - edge, size[1] - edge)
    ImageDraw.Draw(frame).rounded_rectangle(box, pad * 0.5, outline=255, width=max(3, round(block.size * 0.05)))
    block.draw(ImageDraw.Draw(letters), size[0] / 2, size[1] / 2, 255, 0.02)
    at = (round(x - width / 2), round(y - height / 2))
    _tube(canvas, frame, at, frame_colour, block.size)
    _tube(canvas, letters, at, colour, block.size)


def banner(canvas: Canvas, text: str) -> None:
    """A strip of paper with swallow-tailed ends, hung by two strings."""
    stream, palette, unit = canvas.stream("banner"), canvas.palette, canvas.unit
    block = _fitted(canvas, text, 0.6, 0.12, 0.062)
    width, height = _around(block, 2.08, 0.8)
    pad, paper = block.size * 0.8, mix(CREAM, palette.disc, 0.3)
    tile = Image.new("RGBA", (round((width + pad * 1.2) * SCALE), round((height + pad * 0.5) * SCALE)))
    pen, tail, drop = ImageDraw.Draw(tile), pad * 1.3 * SCALE, pad * 0.35 * SCALE
    right, low, folded = tile.width - 1, tile.height - 1, mix(paper, palette.near, 0.32)
    pen.polygon([(0, drop), (tail, drop), (tail, low), (0, low), (tail * 0.4, (drop + low) / 2)], fill=folded)
    pen.polygon([(tail * 0.55, low - drop), (tail, low - drop), (tail, low)], fill=mix(paper, palette.near, 0.6))
    half = tile.crop((0, 0, round(tail) + 1, tile.height)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    tile.paste(half, (tile.width - half.width, 0))
    pen.rectangle((tail * 0.55, 0, right - tail * 0.55, low - drop), fill=paper)
    block.draw(pen, tile.width / 2, (low - drop) / 2, mix(palette.near, palette.accent, 0.25), 0.014)
    y, strings = max(canvas.height * 0.17, height * 0.9), canvas.shape()
    for x in (canvas.width / 2 - width * 0.4, canvas.width / 2 + width * 0.4):
        strings.line(unit * 0.0022, x, -4, x, max(0, y - height / 2) + unit * 0.03)
    strings.paint(mix(paper, palette.near, 0.4))
    _hang(canvas, tile, canvas.width / 2, y, stream.uniform(-1.5, 1.5))


def card(canvas: Canvas, text: str, area: Area | None = None) -> None:
    """A plain sheet; in `area` when somebody holds it."""
    stream, palette, unit = canvas.stream("card"), canvas.palette, canvas.unit
    if area is None:
        block = _fitted(canvas, text, 0.5, 0.3, 0.085)
        width, height = _around(block, 1.44, 1.08)
        x, y = canvas.width / 2, canvas.height / 2
    else:
        width, height = area[2] - area[0], area[3] - area[1]
        x, y = (area[0] + area[2]) / 2, (area[1] + area[3]) / 2
        block = fit(text, width * 0.84 * SCALE, height * 0.7 * SCALE, height * 0.5 * SCALE)
    paper, rim, corner = mix(CREAM, WHITE, 0.4), unit * 0.007 * SCALE, unit * 0.018 * SCALE
    frame = mix(palette.accent, paper, 0.25)
    tile = _board(width, height, (0, corner, paper), (rim * 2, corner * 0.6, frame), (rim * 2.5, corner * 0.5, paper))
    ink = mix(palette.near, (30, 24, 30), 0.4)
    block.draw(ImageDraw.Draw(tile), tile.width / 2, tile.height * (0.53 if area else 0.5), ink, 0.018)
    _hang(canvas, tile, x, y, 0 if area else stream.uniform(-2, 2))


SIGNS: dict[str, Callable[[Canvas, str], None]] = {
    "post": post, "chalk": chalk, "neon": neon, "banner": banner, "card": card,
}  # fmt: skip


def _fitted(canvas: Canvas, text: str, wide: float, high: float, largest: float) -> TextBlock:
    return fit(text, canvas.width * wide * SCALE, canvas.height * high * SCALE, canvas.unit * largest * SCALE)


def _around(block: TextBlock, across: float, down: float) -> tuple[float, float]:
    """The size of what carries a text, with margins in letters' sizes."""
    return block.width / SCALE + block.size * across, block.height / SCALE + block.size * down


def _board(width: float, height: float, *sheets: tuple[float, float, Colour]) -> Image.Image:
    """Rounded sheets, one on the other: distance from the edge, radius of the corners, colour."""
    tile = Image.new("RGBA", (round(width * SCALE), round(height * SCALE)))
    for inset, radius, colour in sheets:
        box = (inset, inset, tile.width - 1 - inset, tile.height - 1 - inset)
        ImageDraw.Draw(tile).rounded_rectangle(box, radius, fill=colour)
    return tile


def _tube(canvas: Canvas, mask: Image.Image, at: tuple[int, int], colour: Colour, size: float) -> None:
    """Light around the shape, the coloured glass, and a white-hot core."""
    small, margin = mask.reduce(SCALE), round(size * 0.6)
    wide = Image.new("L", (small.width + 2 * margin, small.height + 2 * margin))
    wide.paste(small, (margin, margin))
    for radius, strength in ((size * 0.22, 1.3), (size * 0.06, 1.0)):
        halo = scaled(wide.filter(ImageFilter.GaussianBlur(radius)), strength)
        canvas.image.paste(colour, (at[0] - margin, at[1] - margin), halo)
    canvas.image.paste(mix(colour, WHITE, 0.35), at, small)
    canvas.image.paste(mix(colour, WHITE, 0.82), at, mask.filter(ImageFilter.MinFilter(5)).reduce(SCALE))


def _hang(canvas: Canvas, tile: Image.Image, x: float, y: float, angle: float) -> None:
    """Reduce, turn by `angle` degrees and put the sign down centred, over a soft shadow."""
    sign = tile.reduce(SCALE).rotate(angle, Image.Resampling.BICUBIC, expand=True)
    drop = canvas.unit * 0.012
    margin = round(drop * 3)
    shade = Image.new("L", (sign.width + 2 * margin, sign.height + 2 * margin))
    shade.paste(sign.getchannel("A"), (margin, margin))
    shade = scaled(shade.filter(ImageFilter.GaussianBlur(drop)), 0.47)
    left, top = round(x - sign.width / 2), round(y - sign.height / 2)
    canvas.image.paste(mix(canvas.palette.near, BLACK, 0.6), (left - margin, round(top - margin + drop)), shade)
    canvas.image.paste(sign, (left, top), sign)
