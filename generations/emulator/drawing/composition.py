"""One picture from a prompt: read it, draw the scene, hang the sign, sign it honestly."""

import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from generations.emulator.drawing import cosmos, creature, land, paper, reading, signs, table, town, water
from generations.emulator.drawing.canvas import Canvas
from generations.emulator.drawing.lettering import typeface
from generations.emulator.drawing.palettes import PALETTES

DRAW: dict[str, Callable[[Canvas], None]] = {
    "hills": land.hills,
    "forest": land.forest,
    "desert": land.desert,
    "aurora": land.aurora,
    "sea": water.sea,
    "harbour": water.harbour,
    "city": town.city,
    "table": table.still_life,
    "paper": paper.cut,
    "poster": paper.poster,
    "space": cosmos.space,
    "creature": creature.animal,
}
MARK = "emulated"


def compose(prompt: str, seed: int, size: tuple[int, int], detail: float) -> Image.Image:
    """The same arguments give the same pixels; `detail` from 0 to 1 is what the speed leaves time for."""
    # Texts that differ only in what UTF-8 cannot hold give the same picture.
    words = prompt.encode("utf-8", "replace").decode()
    key = f"{words}|{seed}|{detail:.3f}"
    found = reading.read(words, random.Random(f"{words}|{seed}"))
    canvas = Canvas(
        size, f"{words}|{seed}", PALETTES[found.palette], detail=detail, words=found.words, lettered=bool(found.text)
    )
    DRAW[found.scene](canvas)
    if found.scene == "creature":
        _creature_sign(canvas, found.text)
    elif found.text:
        signs.SIGNS[found.sign](canvas, found.text)
    canvas.finish(key)
    mark(canvas.image)
    return canvas.image


def mark(image: Image.Image) -> None:
    """Small letters in the corner: nobody should take this for the model's work."""
    size = max(11, round(min(image.size) * 0.0165))
    font = typeface(size)
    width, pad = font.getlength(MARK), size * 0.55
    right, bottom = image.width - size, image.height - size
    box = (right - width - 2 * pad, bottom - size - pad, right, bottom)
    plate = Image.new("L", (round(box[2] - box[0]), round(box[3] - box[1])))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), size * 0.6, fill=92)
    image.paste((0, 0, 0), (round(box[0]), round(box[1])), plate)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    ImageDraw.Draw(image).text(middle, MARK, fill=(236, 236, 236), font=font, anchor="mm")


def _creature_sign(canvas: Canvas, text: str) -> None:
    box = creature.card(canvas) if text else None
    if box:
        signs.card(canvas, text, box)
    creature.paws(canvas, box)
