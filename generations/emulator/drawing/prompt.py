"""What a prompt asks for: its words, the text to letter, the scene, the colours, the kind of sign."""

import random
import re
import unicodedata
from dataclasses import dataclass

from generations.emulator.drawing.palettes import PALETTES

QUOTED = re.compile(
    r"“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|「([^」]+)」|\"([^\"]+)\"|(?<!\w)[‘']([^'’]+(?:['’]\w[^'’]*)*)[’'](?!\w)"
)
MAX_TEXT = 280
FOOD = "bowl fruit fruits apple apples orange oranges lemon lemons bread cake food fish"
PLACES = "cafe café menu kitchen breakfast restaurant shop bakery market room"


@dataclass(frozen=True)
class Scene:
    """The words that call for it, the palettes that suit it when the prompt names none, and its usual sign."""

    words: str
    palettes: str = ", ".join(PALETTES)
    sign: str = "post"


# The first scene that shares a word with the prompt is drawn; without one the seed decides.
SCENES = {
    "creature": Scene("panda pandas bear cat cats kitten fox rabbit bunny hare dog puppy owl animal pet"),
    "space": Scene(
        "space planet planets galaxy cosmos nebula saturn rocket astronaut universe orbit",
        "violet dusk, neon night, moonlight, teal dawn, ember",
        "banner",
    ),
    "aurora": Scene(
        "aurora borealis northern lights arctic polar lapland iceland", "northern night, moonlight", "banner"
    ),
    "harbour": Scene(
        "harbour harbor port quay dock docks marina pier fishing fisherman venice canal village",
        "moonlight, violet dusk, rose dawn, teal dawn, apricot",
    ),
    "sea": Scene("sea ocean boat boats ship sail sailing beach coast wave waves island lighthouse lake water bay"),
    "city": Scene(
        "city street skyline town skyscraper skyscrapers downtown urban tokyo york london alley cyberpunk",
        "neon night, moonlight, violet dusk, ember, rose dawn",
        "neon",
    ),
    "forest": Scene("forest tree trees wood woods woodland fir firs pine pines jungle deer"),
    "desert": Scene(
        "desert dune dunes sahara sand cactus camel oasis canyon", "apricot, ember, autumn, rose dawn, violet dusk"
    ),
    "table": Scene(
        f"still life {FOOD} {PLACES} vase flower flowers bouquet table cup coffee tea book books",
        "autumn, teal dawn, violet dusk, rose dawn, mint, lavender, clear day",
        "chalk",
    ),
    "poster": Scene(
        "poster bauhaus geometric geometry abstract pattern minimalist circles squares logo",
        "rose dawn, clear day, autumn, mint, violet dusk, teal dawn, apricot",
        "card",
    ),
    "paper": Scene(
        "paper papercut origami collage layered layers cut",
        "ember, mint, lavender, teal dawn, moonlight, rose dawn, apricot, clear day, violet dusk",
        "card",
    ),
    "hills": Scene("hill hills mountain mountains valley landscape meadow peak peaks alps field fields countryside"),
}
SIGN_WORDS = {
    "neon": {"neon", "glowing", "led"},
    "chalk": {"chalk", "chalkboard", "blackboard", "board", "menu"},
    "banner": {"banner", "ribbon", "flag", "scroll"},
    "card": {"card", "poster", "label", "note", "letter", "paper", "logo"},
    "post": {"sign", "signpost", "wooden", "painted"},
}


@dataclass(frozen=True)
class Reading:
    """`text` is what stands in quotation marks; the others are names of a scene, a palette and a sign."""

    words: frozenset[str]
    text: str
    scene: str
    palette: str
    sign: str


def read(prompt: str, stream: random.Random) -> Reading:
    """Read a prompt; `stream` decides what the words leave open."""
    words = frozenset(re.findall(r"[^\W\d_]+", QUOTED.sub(" ", prompt).lower()))
    asked = [name for name, scene in SCENES.items() if words & set(scene.words.split())]
    scene = asked[0] if asked else stream.choice([name for name in SCENES if name not in {"creature", "space"}])
    palette = _palette(words, scene, stream)
    sign = next((sign for sign, known in SIGN_WORDS.items() if words & known), SCENES[scene].sign)
    return Reading(words, quoted(prompt), scene, palette, "chalk" if (scene, sign) == ("table", "post") else sign)


def quoted(prompt: str) -> str:
    """Return the texts in quotation marks, a line for each, without what no font can draw."""
    found = [next(group for group in match.groups() if group) for match in QUOTED.finditer(prompt)]
    lines = (" ".join("".join(c for c in text if _drawable(c)).split()) for text in found)
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _drawable(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] != "C"


def _palette(words: frozenset[str], scene: str, stream: random.Random) -> str:
    """Choose among the palettes with the most words of the prompt, else among those that suit the scene."""
    # Northern lights need a dark sky, whatever the words say.
    suiting = SCENES[scene].palettes.split(", ")
    shared = {name: len(words & PALETTES[name].moods) for name in (suiting if scene == "aurora" else PALETTES)}
    most = max(shared.values())
    return stream.choice([name for name, count in shared.items() if count == most] if most else suiting)
