"""Text in the letters that Pillow's built-in font has: ASCII, with the accents of Latin script drawn on top."""

import unicodedata
from collections.abc import Callable

from PIL import ImageDraw

KNOWN = set(map(chr, range(32, 127))) | set("©«°±\u00b4·»‘’“”…\u2039\u203a\u2044™")
SPELLED = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "þ": "th", "\u0131": "i", "€": "EUR ", "£": "GBP ", "×": "x", "–": "-", "—": "-", "−": "-", "„": "”",
    "¡": "!", "¿": "?", "•": "·", "\u2032": "'", "″": '"',
}  # fmt: skip
# What stands for a letter of a script the font lacks: a stroke of the brush rather than an empty box.
BRUSH = "~"
TALL = set("ABCDEFGHIJKLMNOPQRSTUVWXYZbdfhklt")
# Each mark as strokes in a box that is one wide and one high, y downwards; a single point is a dot.
Ink = tuple[int, ...] | int
Point = tuple[float, float]
Stroke = tuple[Point, ...]
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


def spelled(text: str) -> str:
    """Decomposed text of known letters and accents that can be drawn; everything else is spelled out or brushed."""
    plain = "".join(SPELLED.get(character, character) for character in unicodedata.normalize("NFC", text))
    return "".join(_known(character) for character in unicodedata.normalize("NFD", plain))


def bare(line: str) -> str:
    """The letters without their accents."""
    return "".join(character for character in line if not unicodedata.combining(character))


def draw(
    pen: ImageDraw.ImageDraw, line: str, length: Callable[[str], float], at: Point, *, size: int, ink: Ink
) -> None:
    """The accents of a line whose left edge and middle are at `at`; `length` measures letters."""
    letters = ""
    for character in line:
        strokes = ABOVE.get(character) or BELOW.get(character)
        if not strokes or not letters:
            letters += character
            continue
        middle = at[0] + length(letters) - length(letters[-1]) / 2
        wide, high = size * 0.26, size * 0.15
        rise = 0.62 if letters[-1] in TALL else 0.45
        top = at[1] - size * rise if character in ABOVE else at[1] + size * 0.36
        for stroke in strokes:
            _mark(pen, [(middle + (x - 0.5) * wide, top + y * high) for x, y in stroke], size, ink)


def _mark(pen: ImageDraw.ImageDraw, points: list[Point], size: int, ink: Ink) -> None:
    if len(points) > 1:
        pen.line(points, fill=ink, width=max(1, round(size * 0.075)), joint="curve")
        return
    (x, y), half = points[0], size * 0.055
    pen.ellipse((x - half, y - half, x + half, y + half), fill=ink)


def _known(character: str) -> str:
    if character in KNOWN or character == "\n" or character in ABOVE or character in BELOW:
        return character
    if unicodedata.combining(character):
        return ""
    return " " if character.isspace() else BRUSH
