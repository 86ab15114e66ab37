"""The form in which texts are compared."""

# ruff: noqa: RUF001 — letters that look alike are what is tested.

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.folding import fold

FORMS: list[Literal["NFC", "NFD", "NFKC", "NFKD"]] = ["NFC", "NFD", "NFKC", "NFKD"]
# The scripts whose letters carry marks, besides any other text.
LETTERS = st.text(
    st.sampled_from("aéßİıøæ ΣςάᾳΪ йёЯ שׁלָום عَأؤ สวัสดีครับ नमस्ते हिन्दी がガｶﾞ한ᄒ ﬁ①Ａ≠´1️⃣\u0301\u0308\u200d\u00ad")
)
TEXTS = st.one_of(st.text(), LETTERS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ärzte", "arzte"), ("ÄRZTE", "ärzte"), ("CAFÉ", "cafe"), ("cafe\u0301", "café"), ("МОСКВА", "Москва"),
        ("Straße", "STRASSE"), ("STRAẞE", "strasse"), ("İSTANBUL", "ıstanbul"), ("Ὀδυσσεύς", "οδυσσευσ"),
        ("Ёлка", "елка"), ("Việt Nam", "viet nam"), ("Łódź", "lodz"), ("Søren", "soren"), ("Đà Nẵng", "da nang"),
        ("Œuvre", "OEUVRE"), ("ﬁsh", "fish"), ("ＡＢＣ１２", "abc12"), ("ﾀﾜｰ", "タワー"), ("ｶﾞ", "ガ"),
        ("か\u3099", "が"), ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"), ("שָׁלוֹם", "שלום"), ("مُحَمَّد", "محمد"),
        ("a\u00a0b\u3000c", "a b c"), (" a\n b\t", "a b"), ("Dampf\u00adschiff", "dampfschiff"), ("❤️", "❤"),
        ("मि\u200dल", "मिल"), ("①", "1"),
    ],
)  # fmt: skip
def test_texts_that_mean_the_same_fold_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("が", "か"), ("ガ", "カ"), ("ば", "ぱ"), ("ไม้", "ไม"), ("มา", "ม"), ("की", "का"), ("क", "क़"), ("한", "하"),
        ("ひらがな", "ヒラガナ"), ("東京", "京東"), ("أب", "اب"), ("≠", "="), ("c", "c++"), ("´", ""), ("a b", "ab"),
        ("о", "o"),
    ],
)  # fmt: skip
def test_texts_that_mean_something_else_stay_apart(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("A Quiet  Harbour", "a quiet harbour"), ("Ärzte", "arzte"), ("สวัสดี", "สวัสดี"), ("नमस्ते", "नमस्ते"),
        ("東京タワー", "東京タワー"), ("50 % d’été", "50 % d’ete"), ("", ""), (" \u200b\ufe0f", ""),
    ],
)  # fmt: skip
def test_folded_text_is_readable(text, folded):
    assert fold(text) == folded


@given(TEXTS)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_way_of_writing_a_letter_does_not_count(text):
    assert {fold(unicodedata.normalize(form, text)) for form in FORMS} == {fold(text)}


@given(st.lists(st.sampled_from("夕暮れの静かな港が光るガラス漢字가나다สวัสดีकिताब🙂"), max_size=12), st.data())
def test_part_of_a_text_without_case_is_found_in_it(letters, data):
    """Whatever a plain comparison finds in such a script is found folded too."""
    text = unicodedata.normalize("NFC", "".join(letters))
    first, last = (data.draw(st.integers(0, len(text))) for _ in range(2))

    assert fold(text[first:last]) in fold(text)
