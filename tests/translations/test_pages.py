"""Every page in a made-up language: what stands in no message would stay English in every language."""

import re

import pytest
from django.apps import apps
from django.db.models import CharField, TextField

from tests.authorisation.asking import ask
from tests.authorisation.row import GET
from tests.authorisation.rows import ROWS
from tests.authorisation.world import PEOPLE
from tests.translations.pseudo_locale import outside

pytestmark = pytest.mark.django_db
WORD = re.compile(r"[A-Za-z]{2,}")
# Names, file formats, units, keys, ids, what is stored as JSON, and what the world's own people wrote.
NAMES = re.compile(
    r"HiDream[\w() -]*|Segmind|Django|JavaScript|JSON|CSV|FOCUS|ZIP|XMP|IPTC|EXIF|C2PA|UTC|AI|png|jpg|jpeg|avif|"
    r"(?i:webp)|SHA-256|API v1|trainedAlgorithmicMedia|Ctrl|Shift|Enter|Esc|Del|Home|End|English|made up|https?://\S+|\S+@\S+|"
    r"/[\w/.-]+|…?[0-9a-f]{4,}(?:[-…][0-9a-f]*)*|\{.*\}|[\w@]*osaur\w*|(?:\w+ )?wordsof\w+"
)
# Of Django and allauth: not in their own catalogues either.
OF_LIBRARIES = re.compile(
    r"^True$|^False$|^Whether the user will be able to auth|If disabled, the current password|^Authenticators: "
)


def strongest(row):
    return next((who for who in reversed(PEOPLE) if row.expected(who) == row.ok), None)


PAGES = [row for row in ROWS if row.method == GET and row.ok == 200 and strongest(row)]


@pytest.fixture(scope="module")
def own_words(built):
    """Return what people wrote: names, prompts, comments, tags, the longest first."""
    found = set()
    for model in apps.get_models():
        texts = [
            field.name for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField) and not field.choices
        ]  # fmt: skip
        for row in model._default_manager.values_list(*texts) if texts else []:
            found |= {text for text in row if text and WORD.search(text)}
        found |= {str(row) for row in model._default_manager.all()}  # for developers, in the admin
    return sorted(found, key=len, reverse=True)


FILES = [row for row in PAGES if "csv" in row.name or "export" in row.name or "file" in row.name]


@pytest.mark.parametrize("row", FILES, ids=str)
def test_file_for_a_program_is_the_same_in_every_language(row, world):
    body = ask(row, strongest(row), world).body.partition("\n\n")[2]

    assert "⟦" not in body
    assert not re.search(r'"-?\d+,\d', body)


def page_of(answer):
    """Return the page without its headers; empty for a file."""
    return answer[answer.index("<") :] if "text/html" in answer.partition("<")[0] else ""


def is_prose(text, own_words):
    if OF_LIBRARIES.search(text):
        return False
    for word in own_words:
        text = text.replace(word, " ")
    return bool(WORD.search(NAMES.sub(" ", text)))


@pytest.mark.nightly  # at each commit tests/translations/test_translations.py reads every template and module instead
@pytest.mark.parametrize("row", PAGES, ids=str)
def test_page_has_no_text_outside_of_messages(row, world, own_words):
    answer = ask(row, strongest(row), world)
    left = [text for text in outside(page_of(answer.body)) if is_prose(text, own_words)]

    assert "\n".join(left) == ""
