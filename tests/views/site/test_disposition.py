"""A file's name reaches every browser: whole where the header's newer form is read, as ASCII elsewhere."""

import re
from urllib.parse import unquote

import pytest

from generations.views.site.disposition import disposition


def test_ascii_name_stands_alone():
    assert disposition("two boats 41.jpg") == 'attachment; filename="two boats 41.jpg"'
    assert disposition("a.png", inline=True) == 'inline; filename="a.png"'


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("日本の港 7 1024x768.webp", "7 1024x768.webp"), ("Ölberg 🏳️‍🌈 7.png", "Olberg 7.png"),
        ("港.zip", "download.zip"), ("قطة.jpg", "download.jpg"), ('a"b%41;c.csv', "a b 41 c.csv"),
    ],
)  # fmt: skip
def test_name_in_another_script_has_an_ascii_form_beside_it(name, plain):
    found = re.fullmatch(r'attachment; filename="([^"%]+)"; filename\*=UTF-8\'\'([\w.%~-]+)', disposition(name), re.A)

    assert found[1] == plain
    assert unquote(found[2]) == name
