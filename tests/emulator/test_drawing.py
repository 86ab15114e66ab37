"""The pictures: repeatable, different by seed, of the right size and format, and honest."""

import io
import random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from generations.emulator.drawing import prompt as prompts
from generations.emulator.drawing.animal import SPECIES
from generations.emulator.drawing.lettering import bare, fit, spelled
from generations.emulator.drawing.palettes import PALETTES
from generations.emulator.drawing.picture import draw as paint
from generations.emulator.images import encode

SMALL = (320, 240)
# A word for each scene, and one for each thing that a scene contains only on request.
SUBJECTS = sorted({*prompts.SCENES} - {"creature"}) + sorted(SPECIES) + ["coffee"]


def read(prompt):
    return prompts.read(prompt, random.Random(1))


def difference(one, other):
    """Return the mean difference of two pictures' pixels, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("subject", SUBJECTS)
def test_picture_repeats_to_the_byte_and_differs_by_seed(subject):
    prompt = f'{subject} "Hello"'
    one, same, other = (paint(prompt, seed, SMALL, 1.0) for seed in (1, 1, 2))

    assert one.tobytes() == same.tobytes()
    assert difference(one, other) > 8


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("size", [(64, 64), (640, 64), (64, 640)])
def test_picture_can_be_drawn_at_any_size_and_haste(subject, size):
    assert paint(f"{subject} 'Hello there'", 3, size, 0.0).size == size


def test_every_subject_is_a_known_word():
    assert {read(subject).scene for subject in SUBJECTS} == {*prompts.SCENES}


def test_animal_without_words_keeps_its_paws_free():
    without, lettered = (paint(f"a panda {text}", 5, SMALL, 1.0) for text in ("", '"Hi"'))

    assert difference(without, lettered) > 2


def test_every_palette_can_be_asked_for_by_a_word():
    for palette in PALETTES.values():
        assert palette.moods


def test_speed_changes_the_picture_a_little():
    best, fast = (paint("hills", 1, SMALL, detail) for detail in (1.0, 0.4))

    assert 0 < difference(best, fast) < 60


@pytest.mark.parametrize("sign", [*prompts.SIGNS])
def test_words_in_quotes_are_lettered(sign):
    without, lettered = (paint(f"hills, {sign} {text}", 5, SMALL, 1.0) for text in ("", '"Open late"'))

    assert difference(without, lettered) > 2


def test_pictures_are_marked_as_emulated():
    picture = paint("hills", 1, (1024, 1024), 1.0)

    corner = picture.crop((900, 980, 1010, 1012)).convert("L")
    assert ImageStat.Stat(corner).extrema[0][1] > 200


@pytest.mark.parametrize(("format", "magic"), [("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")])
def test_formats_and_their_magic(format, magic):
    content = encode(paint("hills", 1, SMALL, 1.0), format, 90)

    assert content.startswith(magic)
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.size, picture.mode) == (SMALL, "RGB")


@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_quality_is_honoured(format):
    picture = paint("hills", 1, SMALL, 1.0)

    assert len(encode(picture, format, 10)) < len(encode(picture, format, 100)) / 3


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ('a cute panda holding a sign that says "city"', "creature"),
        ("a quiet harbour at dusk", "harbour"),
        ("boats on the sea", "sea"),
        ("a city street at night", "city"),
        ("a forest in the mist", "forest"),
        ("the Sahara", "desert"),
        ("chalk menu", "table"),
    ],
)
def test_scene_follows_the_words(prompt, scene):
    assert read(prompt).scene == scene


def test_mood_follows_the_words():
    assert "night" in PALETTES[read("hills at night").palette].moods
    assert read("hills in the snow").palette == "snow"


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ('says "Open late"', "Open late"),
        ("says “Open late”", "Open late"),
        ("sagt „Spät offen“", "Spät offen"),
        ("dit «Ouvert»", "Ouvert"),
        ("says 'it's open'", "it's open"),
        ("the dog's bowl and the cat's", ""),
        ('"one" and "two"', "one\ntwo"),
        ('"a\x00b\u200bc"', "abc"),
        ("no quotes", ""),
        ('"unclosed', ""),
    ],
)
def test_text_is_what_stands_in_quotes(prompt, text):
    assert prompts.quoted(prompt) == text


def test_long_text_shrinks_until_it_fits():
    short, long = fit("Hi", 400, 200, 90), fit("many words that go on and on " * 8, 400, 200, 90)

    assert (short.size, long.size < 30) == (90, True)
    assert long.width <= 400
    assert long.height <= 200


def test_text_that_cannot_fit_ends_in_an_ellipsis():
    block = fit("word " * 2000, 200, 60, 40)

    assert block.height <= 60
    assert block.lines[-1].endswith("…")


def test_word_without_spaces_is_broken():
    block = fit("x" * 300, 200, 120, 40)

    assert "".join(block.lines) == "x" * 300


def lettered(text):
    image = Image.new("L", (300, 120))
    fit(text, 300, 120, 60).draw(ImageDraw.Draw(image), 150, 60, 255)
    return image


def test_accents_are_drawn_above_and_below():
    marks = ImageChops.subtract(lettered("Çöř"), lettered("Cor"))

    left, top, right, bottom = marks.getbbox()
    assert (top < 45, bottom > 80, right - left > 40) == (True, True, True)


def test_accents_are_kept_and_other_scripts_brushed():
    assert bare(spelled("Łódź, Größe, Пir")) == "Lodz, Grosse, ~ir"
    assert spelled("é") == "e\u0301"
