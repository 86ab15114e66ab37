"""What carries words in a picture: a wooden sign, a chalk board, neon, a paper banner, a card."""

from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generations.emulator.drawing.canvas import Canvas, scaled
from generations.emulator.drawing.lettering import TextBlock, fit
from generations.emulator.drawing.palettes import BLACK, WHITE, Colour, mix

Area = tuple[float, float, float, float]
# Letters are drawn at twice their size and reduced.
SCALE = 2
WOOD: Colour = (150, 104, 66)
CREAM: Colour = (250, 242, 224)
SLATE: Colour = (38, 46, 46)
NEON: list[Colour] = [(255, 72, 140), (60, 220, 255), (255, 150, 60), (150, 110, 255), (90, 255, 170)]
NEON_FRAMES: list[Colour] = [(255, 220, 120), (120, 230, 255), (255, 120, 180)]


def post(canvas: Canvas, text: str) -> None:
    """Draw a painted board on a post in the foreground."""
    near, block = canvas.palette.near, _fitted(canvas, text, 0.56, 0.26, 0.072)
    width, height = _around(block, 1.12, 0.7)
    x, y = canvas.width * canvas.stream("post").uniform(0.4, 0.6), canvas.height * 0.7
    wide, rim, wood = max(canvas.unit * 0.02, height * 0.1), max(2, height * 0.045), mix(WOOD, near, 0.35)
    pole = canvas.shape().rectangle(x - wide / 2, y - height * 0.66, x + wide / 2, canvas.height, radius=wide * 0.15)
    pole.paint(wood, mix(wood, near, 0.6))
    light, dark = mix(CREAM, canvas.palette.horizon, 0.22), mix(wood, (40, 24, 14), 0.45)
    _board(canvas, (x, y, width, height), (0, rim * 1.8, dark), (rim, rim, light))
    nails = canvas.shape(x, y, rim).ellipse(2.6 - width / rim / 2, 0, 0.5).ellipse(width / rim / 2 - 2.6, 0, 0.5)
    nails.paint(dark)
    _paint_letters(canvas, _letters(block, 0.012), x, y, mix((52, 34, 24), near, 0.3))


def chalk(canvas: Canvas, text: str) -> None:
    """Draw a framed blackboard; the letters are rubbed a little."""
    unit, block = canvas.unit, _fitted(canvas, text, 0.5, 0.24, 0.072)
    width, height = _around(block, 1.53, 1.53)
    width, height = max(width, unit * 0.32), max(height, unit * 0.19)
    x, y = canvas.width * 0.5, max(height * 0.62, canvas.height * 0.27)
    wood, frame = mix(WOOD, canvas.palette.near, 0.2), unit * 0.016
    sheets = (0, frame / 2, wood), (frame / 2, 0, mix(wood, WHITE, 0.16)), (frame, 0, SLATE)
    _board(canvas, (x, y, width, height), *sheets)
    letters = _letters(block, 0.01)
    noise = Image.frombytes("L", letters.size, canvas.stream("chalk").randbytes(letters.width * letters.height))
    rubbed = noise.filter(ImageFilter.GaussianBlur(2)).point([min(255, round(value * 1.7)) for value in range(256)])
    _paint_letters(canvas, ImageChops.multiply(letters, rubbed), x, y - block.size * 0.05, CREAM)
    low, half = y + block.height / 4 + block.size * 0.09, min(block.width / SCALE, width) * 0.3
    stroke = canvas.shape(x, low, block.size / SCALE)
    points = ((half * (step / 10 - 1) * SCALE / block.size, (step % 4 - 1.5) * 0.02) for step in range(21))
    stroke.line(0.035, *points).ellipse(0, 0.15, 0.05).paint(CREAM, alpha=0.85)


def neon(canvas: Canvas, text: str) -> None:
    """Draw glass tubes on a dark plate that stands on legs, as on a roof."""
    stream, near, block = canvas.stream("neon"), canvas.palette.near, _fitted(canvas, text, 0.62, 0.26, 0.1)
    width, height = _around(block, 1.45, 1.1)
    x, y, pad = canvas.width * 0.5, canvas.height * 0.4, block.size * 0.85
    colour, frame_colour = stream.choice(NEON), stream.choice(NEON_FRAMES)
    legs = canvas.shape(x, y + height / 2)
    for leg in (-0.35, 0, 0.35) if "space" not in canvas.words else ():
        legs.rectangle(leg * width, 0, leg * width + canvas.unit * 0.008, canvas.height)
    legs.paint(mix(near, BLACK, 0.3))
    plate = canvas.shape(x, y).rectangle(width / -2, height / -2, width / 2, height / 2, radius=pad * 0.4)
    plate.paint(mix(near, (8, 6, 16), 0.7), alpha=0.86)
    canvas.glow(x, y, width * 0.95, colour, 0.5, flat=0.7)
    frame, edge = Image.new("L", (round(width * SCALE), round(height * SCALE))), pad * 0.3 * SCALE
    box = (edge, edge, frame.width - edge, frame.height - edge)
    ImageDraw.Draw(frame).rounded_rectangle(box, pad * 0.5, outline=255, width=max(3, round(block.size * 0.05)))
    for mask, light in ((frame, frame_colour), (_letters(block, 0.02), colour)):
        wide = Image.new("L", (mask.width + block.size * 3, mask.height + block.size * 3))
        wide.paste(mask, (block.size * 3 // 2, block.size * 3 // 2))
        for radius, strength in ((block.size * 0.44, 1.3), (block.size * 0.12, 1.0)):
            _paint_letters(canvas, scaled(wide.filter(ImageFilter.GaussianBlur(radius)), strength), x, y, light)
        _paint_letters(canvas, mask, x, y, mix(light, WHITE, 0.35))
        _paint_letters(canvas, mask.filter(ImageFilter.MinFilter(5)), x, y, mix(light, WHITE, 0.82))


def banner(canvas: Canvas, text: str) -> None:
    """Draw a strip of paper with swallow-tailed ends, hung by two strings."""
    palette, unit, block = canvas.palette, canvas.unit, _fitted(canvas, text, 0.6, 0.12, 0.062)
    width, height = _around(block, 1.2, 0.8)
    x, y, paper = canvas.width / 2, max(canvas.height * 0.17, height * 0.9), mix(CREAM, palette.disc, 0.3)
    strings, tails, folds = canvas.shape(x), canvas.shape(x, y), canvas.shape(x, y)
    half, inner, low, drop = width / 2, width / 2 - block.size * 0.4, height / 2, block.size * 0.3
    outer, notch = half + block.size * 0.6, half + block.size * 0.2
    for side in (-1, 1):
        strings.line(unit * 0.0022, side * half * 0.85, -4, side * half * 0.85, y)
        tail = (inner, drop - low), (outer, drop - low), (notch, drop), (outer, drop + low), (inner, drop + low)
        tails.polygon(*((side * across, down) for across, down in tail))
        folds.polygon(side * half, low, side * inner, low, side * inner, low + drop)
    for shape, shade in ((strings, 0.4), (tails, 0.32), (folds, 0.6)):
        shape.paint(mix(paper, palette.near, shade))
    _board(canvas, (x, y, width, height), (0, 0, paper))
    _paint_letters(canvas, _letters(block, 0.014), x, y, mix(palette.near, palette.accent, 0.25))


def card(canvas: Canvas, text: str, area: Area | None = None) -> None:
    """Draw a plain sheet; in `area` when somebody holds it."""
    palette, unit = canvas.palette, canvas.unit
    if area is None:
        block = _fitted(canvas, text, 0.5, 0.3, 0.085)
        box = (canvas.width / 2, canvas.height / 2, *_around(block, 1.44, 1.08))
    else:
        width, height = area[2] - area[0], area[3] - area[1]
        box = ((area[0] + area[2]) / 2, (area[1] + area[3]) / 2, width, height)
        block = fit(text, width * 0.84 * SCALE, height * 0.7 * SCALE, height * 0.5 * SCALE)
    paper, frame = mix(CREAM, WHITE, 0.4), mix(palette.accent, mix(CREAM, WHITE, 0.4), 0.25)
    sheets = (0, unit * 0.018, paper), (unit * 0.014, unit * 0.011, frame), (unit * 0.017, unit * 0.009, paper)
    _board(canvas, box, *sheets)
    _paint_letters(canvas, _letters(block, 0.018), box[0], box[1], mix(palette.near, (30, 24, 30), 0.4))


SIGNS: dict[str, Callable[[Canvas, str], None]] = {
    "post": post, "chalk": chalk, "neon": neon, "banner": banner, "card": card,
}  # fmt: skip


def _fitted(canvas: Canvas, text: str, wide: float, high: float, largest: float) -> TextBlock:
    return fit(text, canvas.width * wide * SCALE, canvas.height * high * SCALE, canvas.unit * largest * SCALE)


def _around(block: TextBlock, across: float, down: float) -> tuple[float, float]:
    """Return the size of what carries a text, with margins in letters' sizes."""
    return block.width / SCALE + block.size * across, block.height / SCALE + block.size * down


def _board(canvas: Canvas, box: Area, *sheets: tuple[float, float, Colour]) -> None:
    """Lay sheets on a soft shadow: distance from the edge, radius of the corners, colour; `box` is centre and size."""
    x, y, half, low = box[0], box[1], box[2] / 2, box[3] / 2
    shadow = canvas.shape(x, y + canvas.unit * 0.012).rectangle(-half, -low, half, low, radius=sheets[0][1])
    shadow.paint(mix(canvas.palette.near, BLACK, 0.6), alpha=0.47, blur=canvas.unit * 0.012)
    for inset, radius, colour in sheets:
        sheet = canvas.shape(x, y).rectangle(inset - half, inset - low, half - inset, low - inset, radius=radius)
        sheet.paint(colour)


def _letters(block: TextBlock, weight: float) -> Image.Image:
    mask = Image.new("L", (round(block.width) + block.size, round(block.height) + block.size))
    block.draw(ImageDraw.Draw(mask), mask.width / 2, mask.height / 2, 255, weight)
    return mask


def _paint_letters(canvas: Canvas, mask: Image.Image, x: float, y: float, colour: Colour) -> None:
    small = mask.reduce(SCALE)
    canvas.image.paste(colour, (round(x - small.width / 2), round(y - small.height / 2)), small)
