"""The text of a cost centre: one line, composed, and nothing in it that is not seen."""

import pytest

from generations.errors import GalleryError
from generations.services.site.cost_centres import clean_cost_centre


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  \t ", ""),
        ("\u200b\u2060", ""),
        ("  4711  /  Menus ", "4711 / Menus"),
        ("4711\r\nMenus", "4711 Menus"),
        ("47\x0011\x1b\x7f", "4711"),
        ("\u202e4711 \u200b a", "4711 a"),
        ("Marche\u0301", "Marché"),
        # A joiner parts the letters of Persian.
        ("\u0645\u06cc\u200c\u062f\u0647\u0645", "\u0645\u06cc\u200c\u062f\u0647\u0645"),
        ("会計一", "会計一"),
        ("x" * 60, "x" * 60),
        ("e\u0301" * 60, "é" * 60),
    ],
)
def test_text_is_kept_as_it_is_read(typed, kept):
    assert clean_cost_centre(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("x" * 61, "The cost centre has 61 characters; the maximum is 60. Shorten it."),
        ("*", "“*” contains no letters or digits. Enter a cost centre."),
    ],
)
def test_unusable_text_is_refused(typed, sentence):
    with pytest.raises(GalleryError) as refused:
        clean_cost_centre(typed)

    assert refused.value.message == sentence
