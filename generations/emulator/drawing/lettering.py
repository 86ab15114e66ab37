"""Words made to fit a board, in the one scalable font that Pillow brings along."""

from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

from generations.emulator.drawing import accents

LINE = 1.16
SMALLEST = 7


@dataclass(frozen=True)
class Block:
    """Lines of one size; `width` and `height` are pixels of the whole block."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    size: int
    width: float
    height: float

    def draw(self, pen: ImageDraw.ImageDraw, x: float, y: float, ink: tuple[int, ...] | int, weight: float = 0) -> None:
        """Centred on `x`, `y`; `weight` is the stroke's width as a part of the letter's size."""
        top = y - self.height / 2
        for index, line in enumerate(self.lines):
            place = (x, top + (index + 0.5) * self.size * LINE)
            letters = accents.bare(line)
            pen.text(place, letters, fill=ink, font=self.font, anchor="mm", stroke_width=round(self.size * weight))
            start = (x - self.font.getlength(letters) / 2, place[1])
            accents.draw(pen, line, self.font.getlength, start, size=self.size, ink=ink)


def fit(text: str, width: float, height: float, largest: float) -> Block:
    """The largest letters at which the text, wrapped between words, fits; very long text ends in an ellipsis."""
    text = accents.spelled(text)
    low, high = SMALLEST, max(SMALLEST, round(largest))
    best = _block(text, low, width)
    while low < high:
        middle = (low + high + 1) // 2
        block = _block(text, middle, width)
        if block.height <= height and block.width <= width and not _broken(text, block):
            low, best = middle, block
        else:
            high = middle - 1
    return best if best.height <= height else _shortened(best, height)


def _block(text: str, size: int, width: float) -> Block:
    font = typeface(size)
    lines = [line for paragraph in text.split("\n") for line in _wrapped(paragraph.split(), font, width)]
    widest = max((_length(font, line) for line in lines), default=0.0)
    return Block(tuple(lines), font, size, widest, len(lines) * size * LINE)


def typeface(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType and cannot letter signs; install a wheel from PyPI.")
    return font


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
            cut = _reach(line, font, width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


def _length(font: ImageFont.FreeTypeFont, line: str) -> float:
    return font.getlength(accents.bare(line))


def _reach(line: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many characters of a word without spaces fit, at least one."""
    low, high = 1, len(line) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _length(font, line[:middle]) <= width else (low, middle - 1)
    return low


def _broken(text: str, block: Block) -> bool:
    """Whether a word was torn apart; smaller letters are better than that, unless the word is enormous."""
    words = text.split()
    return max(map(len, words), default=0) <= 24 and " ".join(block.lines).split() != words


def _shortened(block: Block, height: float) -> Block:
    count = max(1, int(height / (block.size * LINE)))
    lines = (*block.lines[: count - 1], block.lines[count - 1][:-1] + "…")
    return Block(lines, block.font, block.size, block.width, count * block.size * LINE)
