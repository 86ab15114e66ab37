"""Colours that go together, and the words of a prompt that call for them."""

from dataclasses import dataclass

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

# Name: four of the sky from its top to the horizon, sun or moon, farthest and nearest layer, lamps, accent; the words.
TABLE = """
violet dusk: 1b1b3a 4a3069 a8577e f4a261 ffe0a8 96567f 1a1030 ffcf7a e76f51 dusk evening sunset twilight violet
ember: 3a0d23 8f1f3f e0563f ffb04f ffdc86 b8404a 240817 ffd166 f25f4c sunset dusk fire red volcano lava
apricot: b5472f e5813c fbbd72 ffeac4 fff4d6 dd8650 431810 ffe3a3 2a9d8f sunset warm orange tangerine summer
teal dawn: 0b3c4c 16707a 63b3a6 f6e3b4 fdf3cd 459a95 06222b ffe29a f4845f dawn morning sunrise teal
rose dawn: 35506e 8a7fa0 e8a9a0 ffdcb8 fff1da ab869e 262038 ffd9a0 d1495b dawn morning sunrise pink rose spring
mint: 4f9fa3 9ccfbd dfeed0 fdf6dc fffdf0 86bda8 103b38 fff1b8 ee8959 morning fresh green spring mint
clear day: 1c67ad 4f9fd8 a3d4ee f0f7f1 fffbe8 7aaebb 123f2b fff0b3 e4572e day noon summer blue sunny clear
lavender: 5f74b8 a2abe0 e6d3ea fde7dc fff6ea a9a1d1 322d5c ffe6b0 b5577f lavender purple soft dream spring
autumn: 2b4a5e 7f9297 e6c58a fbe3b5 fff2cf cf9150 46200f ffd98a c8442a autumn fall october harvest golden
snow: 4f739e 98b6d4 d7e4ef fcefe6 fffaf3 b4c8dc 39567a ffd998 c94c4c snow snowy winter ice cold frost christmas
fog: 3d4a55 74838c b3bdbf dfe0d8 f6f3e8 98a5a8 1c252a ffdf9e c97b4a fog foggy mist misty rain rainy storm grey
moonlight: 070a1a 121a3c 2b3a72 7f95d6 f3efff 4a5aa3 090b18 ffd98c f2a65a night moon midnight dark dusk stars
northern night: 030712 07162b 0d3346 22696b e9fff6 17455a 02060c ffdc8f 64dfb5 night aurora stars arctic polar dark
neon night: 0d0221 251244 6b1f7b f0588a ffe3f1 54267c 090314 ffdf85 3fd7e8 night neon city cyberpunk late club
"""


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """Return a colour between two: `part` 0 is `one`, 1 is `other`."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Palette:
    """`sky` runs from the top to the horizon, layers from `far` to `near`; `disc` is the sun or moon."""

    sky: tuple[Colour, ...]
    disc: Colour
    far: Colour
    near: Colour
    lamp: Colour
    accent: Colour
    moods: frozenset[str]

    @property
    def horizon(self) -> Colour:
        return self.sky[-1]

    @property
    def dark(self) -> bool:
        return sum(self.sky[0]) + sum(self.sky[1]) < 330

    def layer(self, depth: float) -> Colour:
        """Return a layer's colour: `depth` 0 is the farthest, which takes on the air's colour, 1 the nearest."""
        return mix(mix(self.far, self.near, depth), self.horizon, 0.35 * (1 - depth) ** 2)


def _palette(words: list[str]) -> Palette:
    codes = [bytes.fromhex(code) for code in words[:9]]
    colours: list[Colour] = [(code[0], code[1], code[2]) for code in codes]
    disc, far, near, lamp, accent = colours[4:]
    return Palette(tuple(colours[:4]), disc, far, near, lamp, accent, frozenset(words[9:]))


def table(text: str) -> dict[str, str]:
    """Return lines of `name: value` as a dictionary."""
    return dict(line.split(": ") for line in text.strip().splitlines())


PALETTES = {name: _palette(words.split()) for name, words in table(TABLE).items()}
