"""The hosted model's schema says what the vendor's page says; exact strings are spelled by code point here."""

import json
from decimal import Decimal

import pytest

from generations import schema
from generations.errors import SchemaError
from generations.schema.catalogue import FOLDER

TIMES = "\u00d7"  # MULTIPLICATION SIGN, with one ASCII space on either side
LEMON, TANGERINE, FIRE, ROCKET = "\U0001f34b", "\U0001f34a", "\U0001f525", "\U0001f680"
SIZES = {
    "1024x1024": f"1024 {TIMES} 1024 (Square)",
    "768x1360": f"768 {TIMES} 1360 (Portrait)",
    "1360x768": f"1360 {TIMES} 768 (Landscape)",
    "880x1168": f"880 {TIMES} 1168 (Portrait)",
    "1168x880": f"1168 {TIMES} 880 (Landscape)",
    "1248x832": f"1248 {TIMES} 832 (Landscape)",
    "832x1248": f"832 {TIMES} 1248 (Portrait)",
}
SPEEDS = {
    "unsqueezed": f"Unsqueezed {LEMON} (highest quality)",
    "lightly-juiced": f"Lightly Juiced {TANGERINE} (more consistent)",
    "juiced": f"Juiced {FIRE} (more speed)",
    "extra-juiced": f"Extra Juiced {ROCKET} (even more speed)",
}


def facts(name):
    """Return what the vendor documents of a parameter: type, required, default, description."""
    parameter = schema.get()[name]
    return parameter.type, parameter.required, parameter.default, parameter.description


def points(text):
    return [f"U+{ord(character):04X}" for character in text]


def test_model_has_the_seven_parameters_under_their_own_names():
    names = {"prompt", "model_type", "resolution", "speed_mode", "output_format", "output_quality", "seed"}

    assert set(schema.get().by_name) == names
    assert {parameter.wire for parameter in schema.get().parameters} == names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prompt", ("string", True, None, "Prompt")),
        ("model_type", ("string", False, "fast", "An enumeration.")),
        ("resolution", ("string", False, SIZES["1024x1024"], "Image resolution")),
        ("speed_mode", ("string", False, SPEEDS["lightly-juiced"], "Quality vs Speed")),
        ("output_format", ("string", False, "webp", "Output format")),
        ("output_quality", ("integer", False, 100, "Output quality (for jpg and webp)")),
        ("seed", ("integer", False, -1, "Seed (-1 for random)")),
    ],
)
def test_parameter_has_the_vendors_type_default_and_description(name, expected):
    assert facts(name) == expected


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("model_type", {"fast"}),
        ("resolution", set(SIZES.values())),
        ("speed_mode", set(SPEEDS.values())),
        ("output_format", {"png", "jpg", "webp"}),
    ],
)
def test_enum_has_exactly_the_vendors_values(name, allowed):
    assert {option.value for option in schema.get()[name].options} == allowed


def test_order_in_the_file_is_the_vendors():
    written = json.loads((FOLDER / "hidream-l1-fast.json").read_text(encoding="utf-8"))["properties"]

    assert written["resolution"]["enum"] == list(SIZES.values())
    assert written["speed_mode"]["enum"] == list(SPEEDS.values())
    assert written["output_format"]["enum"] == ["png", "jpg", "webp"]


def test_ranges_are_the_vendors_and_seed_fits_31_bits():
    quality, seed = schema.get()["output_quality"], schema.get()["seed"]

    assert (quality.minimum, quality.maximum) == (1, 100)
    assert (seed.minimum, seed.maximum) == (-1, 2**31 - 1)
    assert (schema.get()["prompt"].min_length, schema.get()["prompt"].max_length) == (1, 2000)


@pytest.mark.parametrize(("name", "text"), [*SIZES.items(), *SPEEDS.items()])
def test_wire_string_is_right_code_point_by_code_point(name, text):
    role = "size" if name in SIZES else "speed"
    option = schema.get().by_role(role).option(name)

    assert points(option.value) == points(text)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_file_holds_no_character_that_only_looks_right(path):
    """No variation selector, no unusual blanks, nothing that a garbled copy of the vendor's page would bring."""
    strange = {character for character in path.read_text(encoding="utf-8") if ord(character) > 127}

    assert strange <= {TIMES, LEMON, TANGERINE, FIRE, ROCKET}


@pytest.mark.parametrize("name", SIZES)
def test_pixels_of_a_size_agree_with_its_wire_string(name):
    option = schema.get()["resolution"].option(name)

    assert str(option.value).startswith(f"{option.width} {TIMES} {option.height} (")
    assert option.name == f"{option.width}x{option.height}"


def test_price_and_address_are_the_catalogues():
    model = schema.get()

    assert (model.id, model.slug) == ("hidream-l1-fast", "hidream-l1-fast")
    assert (model.list_price, model.mean_latency) == (Decimal("0.0152127097"), 10.43)


def test_quality_applies_to_jpg_and_webp_only():
    quality = schema.get()["output_quality"]

    assert [quality.applies({"output_format": one}) for one in ("jpg", "webp", "png")] == [True, True, False]


def test_only_choice_is_not_shown():
    assert [parameter.name for parameter in schema.get().parameters if not parameter.shown] == ["model_type"]


def test_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(SchemaError, match="'sdxl'; known: hidream-l1-fast"):
        schema.get("sdxl")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"$id": "x"}', '{"properties": {"prompt": []}}', '{"properties": {"p": {"type": "string"}}}',
     '{"$id": "x", "title": "X", "x-list-price": "cheap", "x-mean-latency": 1,'
     ' "properties": {"p": {"type": "string"}}}',
     '{"$id": "x", "title": "X", "x-list-price": 1, "x-mean-latency": 1,'
     ' "properties": {"p": {"type": "string", "enum": ["a"], "x-options": [{"worth": "a"}]}}}'],
)  # fmt: skip
def test_file_that_is_no_schema_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SchemaError, match=r"^broken\.json is not a usable parameter schema"):
        schema.read(path)
