"""What a prompt asks for: its words, the text to letter, the scene, the colours, the kind of sign."""

import random
import re
import unicodedata
from dataclasses import dataclass

from generations.emulator.drawing.palettes import PALETTES, table

QUOTED = re.compile(
    r"“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|「([^」]+)」|\"([^\"]+)\"|(?<!\w)[‘']([^'’]+(?:['’]\w[^'’]*)*)[’'](?!\w)"
)
MAX_TEXT = 280
# The first scene that shares a word with the prompt is drawn; without one the seed decides.
SCENE_WORDS = """
creature: panda pandas bear cat cats kitten fox rabbit bunny hare dog puppy owl animal pet
space: space planet planets galaxy cosmos nebula saturn rocket astronaut universe orbit
aurora: aurora borealis northern lights arctic polar lapland iceland
harbour: harbour harbor port quay dock docks marina pier fishing fisherman venice canal village
sea: sea ocean boat boats ship sail sailing beach coast wave waves island lighthouse lake water bay
city: city street skyline town skyscraper skyscrapers downtown urban tokyo york london alley cyberpunk
forest: forest tree trees wood woods woodland fir firs pine pines jungle deer
desert: desert dune dunes sahara sand cactus camel oasis canyon
table: still life bowl fruit fruits apple apples orange oranges lemon lemons vase flower flowers bouquet table cup \
coffee tea cafe café menu kitchen breakfast bread cake restaurant shop bakery food fish market room book books
poster: poster bauhaus geometric geometry abstract pattern minimalist circles squares logo
paper: paper papercut origami collage layered layers cut
hills: hill hills mountain mountains valley landscape meadow peak peaks alps field fields countryside
"""
# The palettes that suit a scene when the prompt names none; others take any.
SCENE_PALETTES = """
city: neon night, moonlight, violet dusk, ember, rose dawn
desert: apricot, ember, autumn, rose dawn, violet dusk
aurora: northern night, moonlight
space: violet dusk, neon night, moonlight, teal dawn, ember
harbour: moonlight, violet dusk, rose dawn, teal dawn, apricot
table: autumn, teal dawn, violet dusk, rose dawn, mint, lavender, clear day
paper: ember, mint, lavender, teal dawn, moonlight, rose dawn, apricot, clear day, violet dusk
poster: rose dawn, clear day, autumn, mint, violet dusk, teal dawn, apricot
"""
SIGN_WORDS = """
neon: neon glowing led
chalk: chalk chalkboard blackboard board menu
banner: banner ribbon flag scroll
card: card poster label note letter paper logo
post: sign signpost wooden painted
"""
SCENE_SIGNS = {
    "city": "neon", "table": "chalk", "poster": "card", "paper": "card", "space": "banner", "aurora": "banner",
}  # fmt: skip
SCENES = {name: frozenset(words.split()) for name, words in table(SCENE_WORDS).items()}
SIGNS = {name: frozenset(words.split()) for name, words in table(SIGN_WORDS).items()}
SUITING = {name: palettes.split(", ") for name, palettes in table(SCENE_PALETTES).items()}


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
    scene = _named(SCENES, words) or stream.choice([name for name in SCENES if name not in {"creature", "space"}])
    # Northern lights need a dark sky, whatever the words say.
    suiting = SUITING.get(scene, list(PALETTES))
    shared = {name: len(words & PALETTES[name].moods) for name in (suiting if scene == "aurora" else PALETTES)}
    most = max(shared.values())
    palette = stream.choice([name for name, count in shared.items() if count == most] if most else suiting)
    sign = _named(SIGNS, words) or SCENE_SIGNS.get(scene, "post")
    return Reading(words, quoted(prompt), scene, palette, "chalk" if (scene, sign) == ("table", "post") else sign)


def quoted(prompt: str) -> str:
    """Return the texts in quotation marks, a line for each, without what no font can draw."""
    found = [next(group for group in match.groups() if group) for match in QUOTED.finditer(prompt)]
    lines = (" ".join("".join(c for c in text if _drawable(c)).split()) for text in found)
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _drawable(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] != "C"


def _named(known: dict[str, frozenset[str]], words: frozenset[str]) -> str:
    return next((name for name, own in known.items() if words & own), "")
