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
    "hills": landscape.hills, "forest": landscape.forest, "desert": landscape.desert, "aurora": landscape.aurora,
    "sea": sea.sea, "harbour": sea.harbour, "city": city, "space": space, "table": still_life,
    "paper": abstract.cut_paper, "poster": abstract.poster,
}  # fmt: skip
MARK = "emulated"


def draw(prompt: str, seed: int, size: tuple[int, int], detail: float) -> Image.Image:
    """Return a picture, the same for the same arguments; `detail` from 0 to 1 is what the speed leaves time for."""
    # Texts that differ only in what UTF-8 cannot hold give the same picture.
    words = prompt.encode("utf-8", "replace").decode()
    key = f"{words}|{seed}"
    found = read(words, random.Random(key))
    palette = PALETTES[found.palette]
    canvas = Canvas(size, key, palette, detail, found.words, bool(found.text))
    if found.scene == "creature":
        animal = Animal(canvas)
        area = animal.sign_area() if found.text else None
        animal.draw()
        if area:
            signs.card(canvas, found.text, area)
        animal.draw_paws(area)
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
    font, right, bottom = typeface(size), image.width - size, image.height - size
    plate = Image.new("L", (round(font.getlength(MARK) + size * 1.1), round(size * 1.55)))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), size * 0.6, fill=92)
    image.paste((0, 0, 0), (right - plate.width, bottom - plate.height), plate)
    middle = (right - plate.width / 2, bottom - plate.height / 2)
    ImageDraw.Draw(image).text(middle, MARK, fill=(236, 236, 236), font=font, anchor="mm")
