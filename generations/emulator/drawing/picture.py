"""One picture from a prompt: read it, draw the scene, hang the sign, and mark the picture as emulated."""

import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from generations.emulator.drawing import abstract, landscape, sea, signs
from generations.emulator.drawing.animal import Animal
from generations.emulator.drawing.canvas import Canvas
from generations.emulator.drawing.city import city
from generations.emulator.drawing.lettering import typeface
from generations.emulator.drawing.palettes import PALETTES
from generations.emulator.drawing.prompt import read
from generations.emulator.drawing.space import space
from generations.emulator.drawing.still_life import still_life

# How each scene of `prompt.SCENES` is drawn, but for the creature, which holds its sign itself.
SCENES: dict[str, Callable[[Canvas], None]] = {
    "hills": landscape.hills,
    "forest": landscape.forest,
    "desert": landscape.desert,
    "aurora": landscape.aurora,
    "sea": sea.sea,
    "harbour": sea.harbour,
    "city": city,
    "table": still_life,
    "paper": abstract.cut_paper,
    "poster": abstract.poster,
    "space": space,
}
MARK = "emulated"


def draw(prompt: str, seed: int, size: tuple[int, int], detail: float) -> Image.Image:
    """Return a picture, the same for the same arguments; `detail` from 0 to 1 is what the speed leaves time for."""
    # Texts that differ only in what UTF-8 cannot hold give the same picture.
    words = prompt.encode("utf-8", "replace").decode()
    key = f"{words}|{seed}"
    found = read(words, random.Random(key))
    palette = PALETTES[found.palette]
    canvas = Canvas(size, key, palette, detail=detail, words=found.words, lettered=bool(found.text))
    if found.scene == "creature":
        _creature(canvas, found.text)
    else:
        SCENES[found.scene](canvas)
        if found.text:
            signs.SIGNS[found.sign](canvas, found.text)
    canvas.finish(f"{key}|{detail:.3f}")
    mark(canvas.image)
    return canvas.image


def mark(image: Image.Image) -> None:
    """Write "emulated" into the lower right corner: nobody should take this for the model's work."""
    size = max(11, round(min(image.size) * 0.0165))
    font = typeface(size)
    width, pad = font.getlength(MARK), size * 0.55
    right, bottom = image.width - size, image.height - size
    left, top = right - width - 2 * pad, bottom - size - pad
    plate = Image.new("L", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), size * 0.6, fill=92)
    image.paste((0, 0, 0), (round(left), round(top)), plate)
    middle = ((left + right) / 2, (top + bottom) / 2)
    ImageDraw.Draw(image).text(middle, MARK, fill=(236, 236, 236), font=font, anchor="mm")


def _creature(canvas: Canvas, text: str) -> None:
    animal = Animal(canvas)
    area = animal.sign_area() if text else None
    animal.draw()
    if area:
        signs.card(canvas, text, area)
    animal.draw_paws(area)
