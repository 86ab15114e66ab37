"""Words made to fit a board, in the one scalable font that Pillow brings along: ASCII and a few signs."""

import unicodedata
from bisect import bisect_left
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
# Combining accents as strokes in a box of 100 by 100, y downwards: points x,y; a single point is a dot.
ABOVE = {
    "\u0300": "20,0 75,90", "\u0301": "80,0 25,90", "\u0302": "0,90 50,10 100,90", "\u030c": "0,10 50,90 100,10",
    "\u0303": "0,80 25,35 75,75 100,30", "\u0304": "0,60 100,60", "\u0306": "0,10 25,75 75,75 100,10",
    "\u0308": "10,60/90,60", "\u030b": "45,0 10,90/100,0 65,90", "\u0307": "50,60",
    "\u030a": "50,-20 85,25 50,75 15,25 50,-20",
}  # fmt: skip
BELOW = {"\u0327": "55,0 70,50 30,90", "\u0328": "60,0 45,50 80,90"}
ACCENTS = ABOVE | BELOW
TALL = set("ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhklt")
Ink = tuple[int, ...] | int


@dataclass(frozen=True)
class TextBlock:
    """Lines of one size; `width` and `height` are pixels of the whole block."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    size: int
    width: float
    height: float

    def draw(self, pen: ImageDraw.ImageDraw, x: float, y: float, ink: Ink, weight: float = 0) -> None:
        """Write it centred on `x`, `y`; `weight` is the stroke's width as a part of the letter's size."""
        stroke = round(self.size * weight)
        for index, line in enumerate(self.lines):
            middle = y - self.height / 2 + (index + 0.5) * self.size * LINE_HEIGHT
            pen.text((x, middle), bare(line), fill=ink, font=self.font, anchor="mm", stroke_width=stroke)
            for place, accent in enumerate(line):
                letters = bare(line[:place])
                if accent in ACCENTS and letters:
                    end = x + self.font.getlength(letters) - _length(self.font, line) / 2
                    rise = -0.36 if accent in BELOW else 0.62 if letters[-1] in TALL else 0.45
                    left = end - self.font.getlength(letters[-1]) / 2 - self.size * 0.13
                    self._draw_accent(pen, ACCENTS[accent], left, middle - self.size * rise, ink)

    def _draw_accent(self, pen: ImageDraw.ImageDraw, accent: str, left: float, top: float, ink: Ink) -> None:
        wide, high = self.size * 0.0026, self.size * 0.0015
        for stroke in accent.split("/"):
            pairs = [point.split(",") for point in stroke.split()]
            points = [(left + float(across) * wide, top + float(down) * high) for across, down in pairs]
            if len(points) == 1:
                pen.circle(points[0], self.size * 0.055, fill=ink)
            else:
                pen.line(points, fill=ink, width=max(1, round(self.size * 0.075)), joint="curve")


def fit(text: str, width: float, height: float, largest: float) -> TextBlock:
    """Return the largest letters at which the text, wrapped between words, fits; very long text ends in an ellipsis."""
    text = spelled(text)

    def too_large(size: int) -> bool:
        block = _block(text, size, width)
        return block.height > height or block.width > width or _is_broken(text, block)

    sizes = range(MIN_SIZE + 1, max(MIN_SIZE, round(largest)) + 1)
    best = _block(text, MIN_SIZE + bisect_left(sizes, True, key=too_large), width)
    return best if best.height <= height else _shortened(best, height)


def spelled(text: str) -> str:
    """Return decomposed text of letters and accents that can be drawn; others are spelled out, or a stroke `~`."""
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
    return " " if character.isspace() else "~"


def _block(text: str, size: int, width: float) -> TextBlock:
    font = typeface(size)
    lines = [line for paragraph in text.split("\n") for line in _wrapped(paragraph.split(), font, width)]
    widest = max((_length(font, line) for line in lines), default=0.0)
    return TextBlock(tuple(lines), font, size, widest, len(lines) * size * LINE_HEIGHT)


def _wrapped(words: list[str], font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _length(font, longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
        while _length(font, line := lines[-1]) > width and len(line) > 1:
            # A word without spaces is broken after as many characters as fit, at least one.
            cut = 1 + bisect_left(range(2, len(line)), True, key=lambda end: _length(font, line[:end]) > width)
            lines[-1:] = [line[:cut], line[cut:]]
    return lines if lines[-1] else lines[:-1]


def _length(font: ImageFont.FreeTypeFont, line: str) -> float:
    return font.getlength(bare(line))


def _is_broken(text: str, block: TextBlock) -> bool:
    """Return whether a word was torn apart; smaller letters are better than that, unless the word is enormous."""
    words = text.split()
    return max(map(len, words), default=0) <= MAX_WORD and " ".join(block.lines).split() != words


def _shortened(block: TextBlock, height: float) -> TextBlock:
    count = max(1, int(height / (block.size * LINE_HEIGHT)))
    lines = (*block.lines[: count - 1], block.lines[count - 1][:-1] + "…")
    return TextBlock(lines, block.font, block.size, block.width, count * block.size * LINE_HEIGHT)
