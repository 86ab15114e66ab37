"""What a prompt asks for: its words, the text to letter, the scene, the colours, the kind of sign."""

import random
import re
import unicodedata
from dataclasses import dataclass

from generations.emulator.drawing.palettes import PALETTES

QUOTED = re.compile(
    r"“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|「([^」]+)」|\"([^\"]+)\"|(?<!\w)[‘']([^'’]+(?:['’]\w[^'’]*)*)[’'](?!\w)"
)
LONGEST_TEXT = 280


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# The first scene that shares a word with the prompt is drawn; without one the seed decides.
SCENES: dict[str, frozenset[str]] = {
    "creature": _set("panda pandas bear cat cats kitten fox rabbit bunny hare dog puppy owl animal pet"),
    "space": _set("space planet planets galaxy cosmos nebula saturn rocket astronaut universe orbit"),
    "aurora": _set("aurora borealis northern lights arctic polar lapland iceland"),
    "harbour": _set("harbour harbor port quay dock docks marina pier fishing fisherman venice canal village"),
    "sea": _set("sea ocean boat boats ship sail sailing beach coast wave waves island lighthouse lake water bay"),
    "city": _set("city street skyline town skyscraper skyscrapers downtown urban tokyo york london alley cyberpunk"),
    "forest": _set("forest tree trees wood woods woodland fir firs pine pines jungle deer"),
    "desert": _set("desert dune dunes sahara sand cactus camel oasis canyon"),
    "table": _set(
        "still life bowl fruit fruits apple apples orange oranges lemon lemons vase flower flowers bouquet table "
        "cup coffee tea cafe café menu kitchen breakfast bread cake restaurant shop bakery food fish market room "
        "book books"
    ),
    "poster": _set("poster bauhaus geometric geometry abstract pattern minimalist circles squares logo"),
    "paper": _set("paper papercut origami collage layered layers cut"),
    "hills": _set("hill hills mountain mountains valley landscape meadow peak peaks alps field fields countryside"),
}
# Colours that suit a scene when the prompt names no mood.
SUITS: dict[str, tuple[str, ...]] = {
    "city": ("neon night", "moonlight", "violet dusk", "ember", "rose dawn"),
    "desert": ("apricot", "ember", "autumn", "rose dawn", "violet dusk"),
    "aurora": ("northern night", "moonlight"),
    "space": ("violet dusk", "neon night", "moonlight", "teal dawn", "ember"),
    "harbour": ("moonlight", "violet dusk", "rose dawn", "teal dawn", "apricot"),
    "table": ("autumn", "teal dawn", "violet dusk", "rose dawn", "mint", "lavender", "clear day"),
    "paper": (
        "ember",
        "mint",
        "lavender",
        "teal dawn",
        "moonlight",
        "rose dawn",
        "apricot",
        "clear day",
        "violet dusk",
    ),
    "poster": ("rose dawn", "clear day", "autumn", "mint", "violet dusk", "teal dawn", "apricot"),
}
ONLY_DARK = {"aurora"}
SIGN_WORDS: dict[str, set[str]] = {
    "neon": {"neon", "glowing", "led"},
    "chalk": {"chalk", "chalkboard", "blackboard", "board", "menu"},
    "banner": {"banner", "ribbon", "flag", "scroll"},
    "card": {"card", "poster", "label", "note", "letter", "paper", "logo"},
    "post": {"sign", "signpost", "wooden", "painted"},
}
SIGN_OF_SCENE = {
    "city": "neon",
    "table": "chalk",
    "poster": "card",
    "paper": "card",
    "space": "banner",
    "aurora": "banner",
}


@dataclass(frozen=True)
class Reading:
    words: frozenset[str]
    text: str
    scene: str
    palette: str
    sign: str


def read(prompt: str, dice: random.Random) -> Reading:
    """The dice decide what the words leave open."""
    text = quoted(prompt)
    words = frozenset(re.findall(r"[^\W\d_]+", QUOTED.sub(" ", prompt).lower()))
    free = [scene for scene in SCENES if scene not in {"creature", "space"}]
    scene = next((scene for scene, known in SCENES.items() if words & known), None) or dice.choice(free)
    palette = _palette(words, scene, dice)
    sign = next((sign for sign, known in SIGN_WORDS.items() if words & known), None)
    if scene == "table" and sign == "post":
        sign = "chalk"
    return Reading(words, text, scene, palette, sign or SIGN_OF_SCENE.get(scene, "post"))


def quoted(prompt: str) -> str:
    """The texts in quotation marks, a line for each, without what no font can draw."""
    found = [next(group for group in match.groups() if group) for match in QUOTED.finditer(prompt)]
    lines = (" ".join("".join(c for c in text if _drawable(c)).split()) for text in found)
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _drawable(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] != "C"


def _palette(words: frozenset[str], scene: str, dice: random.Random) -> str:
    asked = [name for name, palette in PALETTES.items() if words & palette.moods]
    most = max((len(words & PALETTES[name].moods) for name in asked), default=0)
    asked = [name for name in asked if len(words & PALETTES[name].moods) == most]
    if scene in ONLY_DARK:
        asked = [name for name in asked if PALETTES[name].dark and name in SUITS[scene]]
    return dice.choice(asked or list(SUITS.get(scene, PALETTES)))
