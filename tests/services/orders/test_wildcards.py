"""Wildcards: what a prompt stands for, what is plain text, and the sentence about a mistake."""

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.services.orders.wildcards import WildcardError, escape, parse

WORDS = st.text(st.characters(exclude_characters="{|}\\", exclude_categories=["Cs"]), max_size=8)
CHOICES = st.lists(WORDS.map(str.strip).filter(bool), min_size=2, max_size=4, unique=True)
RANGES = st.tuples(st.integers(-20, 20), st.integers(-20, 20))
ANY_TEXT = st.text(st.sampled_from("ab1.- \\{|}é\n"), max_size=40) | st.text(max_size=40)


def prompts(text):
    return [one.prompt for one in parse(text).wordings]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a boat", ["a boat"]),
        ("a {red|blue} boat", ["a red boat", "a blue boat"]),
        ("{ red | blue }", ["red", "blue"]),
        ("{1..3} boats", ["1 boats", "2 boats", "3 boats"]),
        ("{3..1}", ["3", "2", "1"]),
        ("{-1..1}", ["-1", "0", "1"]),
        ("{a|b}{1..2}", ["a1", "a2", "b1", "b2"]),
        ("{a|a|b}", ["a", "b"]),
        ("{7..7}", ["7"]),
        ("{boat}", ["{boat}"]),
        ("{}", ["{}"]),
        ("a :{ face", ["a :{ face"]),
        ("a } b | c", ["a } b | c"]),
        (r"\{a|b\}", ["{a|b}"]),
        (r"{a\|b|c}", ["a|b", "c"]),
        (r"{\{|\}}", ["{", "}"]),
        ('{"a": {"b": "{red|blue}"}}', ['{"a": {"b": "red"}}', '{"a": {"b": "blue"}}']),
        (r"C:\new", [r"C:\new"]),
    ],
)
def test_prompt_stands_for_these(text, meant):
    assert prompts(text) == meant


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a {red|blue boat", "“{red|blue boat” isn't closed. Add a }, or write \\{ for a plain {."),
        ("{1..4", "“{1..4” isn't closed. Add a }, or write \\{ for a plain {."),
        ("a {red|{1..2} b", "“{red|{1..2} b” isn't closed. Add a }, or write \\{ for a plain {."),
        ("{red|}", "“{red|}” has an empty choice. Enter something on both sides of each |."),
        ("{ | }", "“{ | }” has an empty choice. Enter something on both sides of each |."),
        (
            "{a|{b|c}}",
            "“{a|{b|c}}” has a wildcard inside another. Use one after the other, or write \\{ for a plain {.",
        ),
        (
            "{" + "x" * 50 + "|",
            "“{" + "x" * 39 + "…” isn't closed. Add a }, or write \\{ for a plain {.",
        ),
    ],
)
def test_mistake_gets_a_sentence(text, sentence):
    with pytest.raises(WildcardError) as refused:
        parse(text)

    assert refused.value.message == sentence


def test_large_range_is_counted_and_not_made():
    assert parse("{1..999999999} {1..999999999}").count == 999_999_999**2


def test_choices_of_a_wording_tell_it_apart():
    assert [one.choices for one in parse("{red|blue} boat, {1..2}").wordings] == [
        "red · 1", "red · 2", "blue · 1", "blue · 2",
    ]  # fmt: skip


@given(st.lists(st.tuples(WORDS, CHOICES | RANGES), max_size=3), WORDS)
def test_expansion_is_every_combination_in_order(parts, end):
    template, axes = "", []
    for text, choices in parts:
        if isinstance(choices, tuple):
            first, last = choices
            template += f"{text}{{{first}..{last}}}"
            numbers = range(first, last + 1) if first <= last else range(first, last - 1, -1)
            axes.append([text + str(number) for number in numbers])
        else:
            template += f"{text}{{{'|'.join(choices)}}}"
            axes.append([text + choice for choice in choices])

    found = parse(template)

    meant = ["".join(each) + end for each in product(*axes)]
    assert prompts(template + end) == list(dict.fromkeys(meant))
    assert found.count == len(meant)


@given(ANY_TEXT)
def test_text_is_read_or_refused_with_a_sentence(text):
    with suppress(WildcardError):
        found = parse(text)
        assert len(found.texts) == len(found.wildcards) + 1


@given(ANY_TEXT)
def test_escaped_text_stands_for_itself(text):
    assert prompts(escape(text)) == [text]


@given(st.text(st.characters(exclude_characters="{}\\")))
def test_text_without_braces_is_plain_and_needs_no_escape(text):
    assert prompts(text) == [text]
    assert escape(text) == text
