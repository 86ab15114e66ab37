"""Names of files keep the letters of every script, and hold nothing that a system refuses or obeys."""

import unicodedata

import pytest

from generations.services.site.file_names import MAX_WORDS_BYTES, words_in_name

FAMILY = "👨‍👩‍👧‍👦"
KEPT = [
    "قطة على القمر", "חתול על הירח", "日本の港", "고양이", "แมวบนดวงจันทร์ น้ำ", "Ölberg Straße", "Κέρκυρα", "हिन्दी क्षेत्र",
    f"cat {FAMILY} moon", "🏳️‍🌈 flag", "🇯🇵 🇩🇪", "👍🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "می‌خواهم", "🪿",
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_letters_of_every_script_and_emoji_stay(text):
    assert words_in_name(text, "picture") == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Two boats, a “sign”", "Two boats a sign"), ("don’t", "dont"),
        ("a/b\\c:d*e?f\"g<h>i|j", "a b c d e f g h i j"),
        ("a\nb\tc\x00d\x7fe", "a b c d e"), ("\u202egnp.exe", "gnp exe"), ("a\u2066b\u200fc\u200bd\ufeffe", "abcde"),
        ("../../etc/passwd", "etc passwd"), ("-rf .", "rf"), (".htaccess", "htaccess"), ("~root", "root"),
        ("end. . .", "end"), ("a\uff0fb\u2044c\u2215d\uff1ae\u2100f", "a b c d e f"), ("a\ud800b", "a b"),
        ("$(touch evil) `id` | & ;", "touch evil id"), ("%2e%2e%2f", "2e 2e 2f"), ("e\u0301", "\u00e9"),
        ("\u0301\u0302", "picture"), ("", "picture"), ("a\u200d b\u200c", "a b"),
        ("...", "picture"), ("\ufffd", "picture"),
        ("a\U000e0061b", "ab"), ("con", "con_"), ("LPT1", "LPT1_"), ("aux.jpg", "aux jpg"), ("com²", "com²_"),
    ],
)  # fmt: skip
def test_what_a_system_refuses_or_obeys_is_left_out(text, name):
    assert words_in_name(text, "picture") == name


@pytest.mark.parametrize("sign", ["x", "é", "図", FAMILY, "🇯🇵", "👍🏽", "นี้", "e\u0323\u0302", "🏳️‍🌈"])
@pytest.mark.parametrize("shift", range(4))
def test_long_text_is_cut_between_what_a_reader_sees_as_one_character(sign, shift):
    whole = unicodedata.normalize("NFC", sign)

    name = words_in_name("x" * shift + sign * 500, "picture")

    assert MAX_WORDS_BYTES - len(whole.encode()) < len(name.encode()) <= MAX_WORDS_BYTES
    assert name.removeprefix("x" * shift if sign != "x" else "").replace(whole, "") == ""
