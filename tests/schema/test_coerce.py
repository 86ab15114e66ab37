"""Bad input gets one clear sentence at its parameter; clean input stays unchanged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations import schema
from generations.schema.parameters import parse

MODEL = {"$id": "x", "title": "X", "x-list-price": "0.01", "x-mean-latency": 3}
EVERY_TYPE = parse(
    {
        **MODEL,
        "properties": {
            "words": {"type": "string", "minLength": 2, "maxLength": 8, "pattern": "[a-z ]+"},
            "whole": {"type": "integer", "minimum": 0, "maximum": 90, "multipleOf": 10, "default": 20},
            "even": {"type": "integer", "enum": [2, 4], "default": 2},
            "half": {"type": "number", "minimum": 0.5, "multipleOf": 0.5},
            "part": {"type": "number", "enum": [1, 2.5]},
            "switch": {"type": "boolean", "default": False},
            "fixed": {"type": "integer", "x-force": 7},
            "late": {"type": "number", "maximum": 1.5, "default": 1, "x-visible-if": {"switch": [True]}},
        },
    }
)
HUGE = 10**5000


def clean(**raw):
    return schema.clean(schema.get(), {"prompt": "a quiet harbour", **raw})


def refusal(name, raw):
    """Return the one sentence about this parameter; everything else must be valid."""
    values, errors = clean(**{name: raw})
    assert set(errors) == {name}
    assert name not in values
    return errors[name]


@pytest.mark.parametrize("raw", [None, "", " ", "\t\r\n ", "\u3000\u00a0"])
def test_prompt_that_is_empty_is_refused(raw):
    assert refusal("prompt", raw) == "Prompt is empty. Enter a few words."


def test_prompt_of_2000_characters_is_taken_and_one_more_is_refused():
    assert clean(prompt="é" * 2000)[1] == {}
    assert refusal("prompt", "é" * 2001) == "Prompt has 2,001 characters; the maximum is 2,000. Shorten it."


@pytest.mark.parametrize(
    ("character", "name"),
    [("\0", "U+0000"), ("\x07", "U+0007"), ("\x1b", "U+001B"), ("\x7f", "U+007F"), ("\x85", "U+0085"),
     ("\ud800", "U+D800"), ("\udfff", "U+DFFF")],
)  # fmt: skip
def test_prompt_with_control_character_or_lone_surrogate_is_refused(character, name):
    sentence = f"Prompt contains the invisible character {name}. Delete it and try again."

    assert refusal("prompt", f"a{character}b") == sentence


@pytest.mark.parametrize("raw", [5, True, ["a"], {"a": 1}, 1.5])
def test_prompt_that_is_no_text_is_refused(raw):
    assert refusal("prompt", raw).startswith("Prompt must be text, not “")


def test_prompt_keeps_its_words_line_breaks_and_script():
    values, _ = clean(prompt="  first\r\nsecond\rthird\t“Grüße” 🍊 שלום  ")

    assert values["prompt"] == "first\nsecond\nthird\t“Grüße” 🍊 שלום"


@pytest.mark.parametrize(
    "raw", ["1024 x 1024 (Square)", "1024\u00a0\u00d7 1024 (Square)", "1024 \u00d7 1024", "Square", "4096x4096"]
)
def test_size_that_only_looks_like_an_option_is_refused(raw):
    assert refusal("resolution", raw).startswith(f"Size can't be “{raw}”. Choose one of: Square 1:1, Wide 16:9, ")


def test_speed_with_variation_selector_is_refused():
    assert refusal("speed_mode", "Juiced \U0001f525\ufe0f (more speed)").endswith("Best, Balanced, Fast, Fastest.")


@pytest.mark.parametrize(("name", "raw"), [("output_format", "gif"), ("output_format", "PNG"), ("speed_mode", "5")])
def test_unknown_enum_value_is_refused(name, raw):
    assert f"can't be “{raw}”. Choose one of: " in refusal(name, raw)


@pytest.mark.parametrize("raw", [0, 101, "0", "101", -1, "+1000"])
def test_quality_out_of_range_is_refused(raw):
    assert refusal("output_quality", raw) == f"Quality must be from 1 to 100; {int(raw):,} is out of range."


@pytest.mark.parametrize("raw", ["abc", "1.5", 1.5, True, "0x10", "१", "1" * 21, [1], {}, "1e2"])
def test_quality_that_is_no_whole_number_is_refused(raw):
    assert refusal("output_quality", raw).startswith("Quality must be a whole number, not “")


@pytest.mark.parametrize("raw", [-2, "-2", 2**31, str(2**31), 10**19])
def test_seed_out_of_range_is_refused(raw):
    assert refusal("seed", raw).startswith("Seed must be from -1 to 2,147,483,647; ")


@pytest.mark.parametrize("name", ["output_quality", "seed", "prompt", "resolution"])
def test_number_of_five_thousand_digits_is_refused_like_any_other(name):
    assert len(refusal(name, HUGE)) < 250


def test_model_type_that_was_forged_is_refused():
    assert refusal("model_type", "full") == "Model type can't be “full”. Choose one of: fast."


@pytest.mark.parametrize("name", ["negative_prompt", "base64", "num_images", "__unknown__", ""])
def test_unknown_field_is_refused_by_name(name):
    _, errors = clean(**{name: "1"})

    assert errors == {schema.UNKNOWN: f"HiDream-I1 (Fast) has no parameter “{name}”. Remove it and try again."}


def test_every_wrong_parameter_gets_its_own_sentence():
    _, errors = clean(prompt="", output_quality="abc", seed="x", resolution="big")

    assert set(errors) == {"prompt", "output_quality", "seed", "resolution"}


def test_long_wrong_value_is_quoted_short_and_can_be_printed():
    sentence = refusal("output_format", "\ud800" + "x" * 10_000)

    assert len(sentence) < 200
    assert sentence.encode()


def test_empty_means_the_default():
    values, errors = clean(resolution="", speed_mode=" ", output_format="", output_quality="", seed="", model_type="")

    assert errors == {}
    assert values == {**schema.get().defaults(), "prompt": "a quiet harbour"}


def test_text_and_json_types_come_out_the_same():
    as_text, _ = clean(output_quality="80", seed="7", output_format="jpg")
    as_json, _ = clean(output_quality=80, seed=7, output_format="jpg")

    assert as_text == as_json


def test_short_name_and_wire_string_come_out_the_same():
    assert clean(resolution="1360x768", speed_mode="juiced") == clean(
        resolution="1360 \u00d7 768 (Landscape)", speed_mode="Juiced \U0001f525 (more speed)"
    )


def test_quality_is_ignored_for_png_whatever_was_sent():
    values, errors = clean(output_format="png", output_quality="abc")

    assert errors == {}
    assert "output_quality" not in schema.body(schema.get(), values)


def test_body_holds_every_parameter_under_its_wire_name():
    values, _ = clean(seed="5")

    assert schema.body(schema.get(), values) == {
        "prompt": "a quiet harbour",
        "resolution": "1024 \u00d7 1024 (Square)",
        "speed_mode": "Lightly Juiced \U0001f34a (more consistent)",
        "output_format": "webp",
        "output_quality": 100,
        "seed": 5,
        "model_type": "fast",
    }


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("whole", "+30", 30), ("even", "4", 4), ("half", "1.5", 1.5), ("half", 2, 2.0), ("part", "1", 1),
        ("part", 1, 1), ("part", "2.5", 2.5), ("switch", "on", True), ("switch", True, True), ("switch", "no", False),
        ("switch", 0, False), ("fixed", "7", 7), ("fixed", None, 7), ("words", " ab c ", "ab c"),
    ],
)  # fmt: skip
def test_value_of_each_type_is_read_from_text_and_json(name, raw, expected):
    values, errors = schema.clean(EVERY_TYPE, {name: raw})

    assert errors == {}
    assert values[name] == expected
    assert type(values[name]) is type(expected)


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("words", "a", "Words needs at least 2 characters."),
        ("words", "ABC", "Words doesn't have the expected format: “ABC”."),
        ("whole", 35, "Whole must be a multiple of 10; 35 isn't."),
        ("even", 3, "Even can't be “3”. Choose one of: 2, 4."),
        ("half", 0.25, "Half must be at least 0.5; 0.25 is too small."),
        ("half", "nan", "Half must be a number, not “nan”."),
        ("half", "1e999", "Half must be a number, not “1e999”."),
        ("part", True, "Part must be a number, not “True”."),
        ("switch", "maybe", "Switch must be on or off, not “maybe”."),
        pytest.param("switch", HUGE, "Switch must be on or off, not “a very large number”.", id="huge"),
        ("fixed", 8, "Fixed is always “7”; “8” isn't possible."),
    ],
)
def test_value_outside_its_rule_is_refused_with_a_sentence(name, raw, sentence):
    assert schema.clean(EVERY_TYPE, {name: raw})[1] == {name: sentence}


def test_value_above_its_only_bound_is_refused():
    _, errors = schema.clean(EVERY_TYPE, {"switch": "on", "late": "2"})

    assert errors == {"late": "Late must be at most 1.5; 2.0 is too large."}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
# Hypothesis would rarely generate these.
NEARLY = st.sampled_from(["webp", "png", "1360x768", "juiced", "80", "-1", "on", "2", "2.5", "ab", "7", " ", "\ud800"])
MODELS = st.sampled_from([schema.get(), EVERY_TYPE])


@given(MODELS, st.data())
def test_whatever_comes_in_is_cleaned_without_an_exception(model, data):
    raw = data.draw(st.dictionaries(st.sampled_from(list(model.by_name)) | st.text(), ANYTHING | NEARLY))

    values, errors = schema.clean(model, raw)

    assert values.keys().isdisjoint(errors)
    assert all(sentence.endswith(".") and sentence.encode() for sentence in errors.values())


@given(MODELS, st.data())
def test_clean_values_coerce_to_themselves_also_after_json(model, data):
    raw = data.draw(st.dictionaries(st.sampled_from(list(model.by_name)), ANYTHING | NEARLY))
    values, errors = schema.clean(model, {**({"prompt": "words"} if "prompt" in model.by_name else {}), **raw})

    if not errors:
        assert schema.clean(model, values) == (values, {})
        assert schema.clean(model, json.loads(json.dumps(values))) == (values, {})
