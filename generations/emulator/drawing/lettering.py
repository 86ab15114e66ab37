"""Words made to fit a board, in the one scalable font that Pillow brings along.

The font has ASCII and a few signs; the accents of Latin script are drawn on top of its letters.
"""

import unicodedata
from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

LINE_HEIGHT = 1.16
MIN_SIZE = 7
# The longest word that is made smaller rather than broken.
MAX_WORD = 24
KNOWN = set(map(chr, range(32, 127))) | set("©«°±\u00b4·»‘’“”…\u2039\u203a\u2044™\n")
SPELLED = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "þ": "th", "\u0131": "i", "€": "EUR ", "£": "GBP ", "×": "x", "–": "-", "—": "-", "−": "-", "„": "”",
    "¡": "!", "¿": "?", "•": "·", "\u2032": "'", "″": '"',
}  # fmt: skip
# What stands for a letter of a script that the font lacks: a stroke of the brush rather than an empty box.
BRUSH = "~"
TALL = set("ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhklt")
# Each accent as strokes in a box that is one wide and one high, y downwards; a single point is a dot.
Ink = tuple[int, ...] | int
Stroke = tuple[tuple[float, float], ...]
ABOVE: dict[str, tuple[Stroke, ...]] = {
    "\u0300": (((0.2, 0.0), (0.75, 0.9)),),
    "\u0301": (((0.8, 0.0), (0.25, 0.9)),),
    "\u0302": (((0.0, 0.9), (0.5, 0.1), (1.0, 0.9)),),
    "\u030c": (((0.0, 0.1), (0.5, 0.9), (1.0, 0.1)),),
    "\u0303": (((0.0, 0.8), (0.25, 0.35), (0.75, 0.75), (1.0, 0.3)),),
    "\u0304": (((0.0, 0.6), (1.0, 0.6)),),
    "\u0306": (((0.0, 0.1), (0.25, 0.75), (0.75, 0.75), (1.0, 0.1)),),
    "\u0308": (((0.1, 0.6),), ((0.9, 0.6),)),
    "\u030b": (((0.45, 0.0), (0.1, 0.9)), ((1.0, 0.0), (0.65, 0.9))),
    "\u0307": (((0.5, 0.6),),),
    "\u030a": (((0.5, -0.2), (0.85, 0.25), (0.5, 0.75), (0.15, 0.25), (0.5, -0.2)),),
}
BELOW: dict[str, tuple[Stroke, ...]] = {
    "\u0327": (((0.55, 0.0), (0.7, 0.5), (0.3, 0.9)),),
    "\u0328": (((0.6, 0.0), (0.45, 0.5), (0.8, 0.9)),),
}
ACCENTS = ABOVE | BELOW


@dataclass(frozen=True)
class TextBlock:
    """Lines of one size; `width` and `height` are pixels of the whole block."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    size: int
    width: float
    height: float

    def draw(self, pen: ImageDraw.ImageDraw, x: float, y: float, ink: Ink, weight: float = 0) -> None:
        """Centred on `x`, `y`; `weight` is the stroke's width as a part of the letter's size."""
        for index, line in enumerate(self.lines):
            middle = y - self.height / 2 + (index + 0.5) * self.size * LINE_HEIGHT
            stroke = round(self.size * weight)
            pen.text((x, middle), bare(line), fill=ink, font=self.font, anchor="mm", stroke_width=stroke)
            self._draw_accents(pen, line, x - _length(self.font, line) / 2, middle, ink)

    def _draw_accents(self, pen: ImageDraw.ImageDraw, line: str, left: float, middle: float, ink: Ink) -> None:
        letters, size = "", self.size
        for character in line:
            if character not in ACCENTS or not letters:
                letters += character
                continue
            x = left + self.font.getlength(letters) - self.font.getlength(letters[-1]) / 2
            rise = 0.62 if letters[-1] in TALL else 0.45
            top = middle - size * rise if character in ABOVE else middle + size * 0.36
            for stroke in ACCENTS[character]:
                points = [(x + (across - 0.5) * size * 0.26, top + down * size * 0.15) for across, down in stroke]
                if len(points) == 1:
                    pen.circle(points[0], size * 0.055, fill=ink)
                else:
                    pen.line(points, fill=ink, width=max(1, round(size * 0.075)), joint="curve")


def fit(text: str, width: float, height: float, largest: float) -> TextBlock:
    """The largest letters at which the text, wrapped between words, fits; very long text ends in an ellipsis."""
    text = spelled(text)
    low, high = MIN_SIZE, max(MIN_SIZE, round(largest))
    best = _block(text, low, width)
    while low < high:
        middle = (low + high + 1) // 2
        block = _block(text, middle, width)
        if block.height <= height and block.width <= width and not _broken(text, block):
            low, best = middle, block
        else:
            high = middle - 1
    return best if best.height <= height else _shortened(best, height)


def spelled(text: str) -> str:
    """Decomposed text of known letters and accents that can be drawn; everything else is spelled out or brushed."""
    plain = "".join(SPELLED.get(character, character) for character in unicodedata.normalize("NFC", text))
    return "".join(_known(character) for character in unicodedata.normalize("NFD", plain))


def bare(line: str) -> str:
    """Return the letters without their accents."""
    return "".join(character for character in line if not unicodedata.combining(character))


def typeface(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType and cannot letter signs; install a wheel from PyPI.")
    return font


def _known(character: str) -> str:
    if character in KNOWN or character in ACCENTS:
        return character
    if unicodedata.combining(character):
        return ""
    return " " if character.isspace() else BRUSH


def _block(text: str, size: int, width: float) -> TextBlock:
    font = typeface(size)
    lines = [line for paragraph in text.split("\n") for line in _wrapped(paragraph.split(), font, width)]
    widest = max((_length(font, line) for line in lines), default=0.0)
    return TextBlock(tuple(lines), font, size, widest, len(lines) * size * LINE_HEIGHT)


def _wrapped(words: list[str], font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if not line or _length(font, longer) <= width:
            line = longer
        else:
            lines.append(line)
            line = word
        while _length(font, line) > width and len(line) > 1:
            cut = _fitting(line, font, width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


def _length(font: ImageFont.FreeTypeFont, line: str) -> float:
    return font.getlength(bare(line))


def _fitting(line: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many characters of a word without spaces fit, at least one."""
    low, high = 1, len(line) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _length(font, line[:middle]) <= width else (low, middle - 1)
    return low


def _broken(text: str, block: TextBlock) -> bool:
    """Whether a word was torn apart; smaller letters are better than that, unless the word is enormous."""
    words = text.split()
    return max(map(len, words), default=0) <= MAX_WORD and " ".join(block.lines).split() != words


def _shortened(block: TextBlock, height: float) -> TextBlock:
    count = max(1, int(height / (block.size * LINE_HEIGHT)))
    lines = (*block.lines[: count - 1], block.lines[count - 1][:-1] + "…")
    return TextBlock(lines, block.font, block.size, block.width, count * block.size * LINE_HEIGHT)
