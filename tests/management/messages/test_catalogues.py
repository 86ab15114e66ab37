"""A language is added with the commands that docs/writing.md names, and its sentences are shown."""

import io
from pathlib import Path

import polib
import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext, ngettext, trans_real

from generations.checks import catalogues_are_compiled
from generations.management.messages import extract
from generations.management.messages.extract import Message
from hidream_site import languages


@pytest.fixture
def locale(settings, tmp_path):
    """Return the folder of the catalogues, empty; Django forgets what it read there."""
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("pl", "polski")]
    yield tmp_path
    trans_real._translations.clear()  # type: ignore[attr-defined]


def run(name, *words):
    said = io.StringIO()
    call_command(name, *words, stdout=said)
    return said.getvalue()


def catalogue(locale):
    return polib.pofile(str(locale / "pl" / "LC_MESSAGES" / "django.po"))


def translate(locale, message, *words):
    found = catalogue(locale)
    entry = found.find(message)
    if entry.msgid_plural:
        entry.msgstr_plural = dict(enumerate(words))
    else:
        entry.msgstr = words[0]
    found.save()


def test_language_is_translated_compiled_and_shown(locale):
    assert "messages" in run("makemessages", "-l", "pl")
    assert sorted(catalogue(locale).find("%(count)s picture").msgstr_plural) == [0, 1, 2, 3]
    translate(locale, "Yesterday", "Wczoraj")
    translate(locale, "%(count)s picture", "%(count)s obraz", "%(count)s obrazy", "%(count)s obrazów")

    assert [warning.id for warning in catalogues_are_compiled()] == ["generations.W023"]
    assert "Compiled" in run("compilemessages")
    assert catalogues_are_compiled() == []
    assert run("compilemessages") == ""

    with translation.override("pl"):
        assert gettext("Yesterday") == "Wczoraj"
        assert [ngettext("%(count)s picture", "%(count)s pictures", count) for count in (1, 3, 5)] == [
            "%(count)s obraz", "%(count)s obrazy", "%(count)s obrazów",
        ]  # fmt: skip


def test_translations_are_kept_and_messages_that_are_gone_are_marked(locale, monkeypatch):
    run("makemessages", "-l", "pl")
    translate(locale, "Yesterday", "Wczoraj")
    monkeypatch.setattr(extract, "messages", lambda root: {Message("Yesterday"): ["a.py"], Message("New"): ["b.py"]})

    assert "2 messages, 1 not translated yet" in run("makemessages", "-l", "pl")

    found = catalogue(locale)
    assert found.find("Yesterday").msgstr == "Wczoraj"
    assert "Today" in {entry.msgid for entry in found.obsolete_entries()}


def test_translation_with_another_value_stays_english(locale):
    run("makemessages", "-l", "pl")
    translate(locale, "today %(time)s", "dziś %(czas)s")
    translate(locale, "as of %(time)s", "o 100% %(time)s")
    translate(locale, "yesterday %(time)s", "wczoraj %(time)s")

    wrong = io.StringIO()
    call_command("compilemessages", stdout=io.StringIO(), stderr=wrong)

    assert "names other values: today %(time)s" in wrong.getvalue()
    with translation.override("pl"):
        assert [gettext(text) for text in ("today %(time)s", "as of %(time)s", "yesterday %(time)s")] == [
            "today %(time)s", "as of %(time)s", "wczoraj %(time)s",
        ]  # fmt: skip


def test_message_must_be_written_out():
    assert list(extract.of_python('_("Hi, %(name)s")\nngettext("one", "more", n)', "a.py")) == [
        Message("Hi, %(name)s"), Message("one", "more"),
    ]  # fmt: skip
    with pytest.raises(extract.NotAMessage, match=r"a.py:1: _\(\) needs its text written out"):
        list(extract.of_python('_(f"Hi, {name}")', "a.py"))


def test_messages_of_templates_and_schemas():
    template = (
        '{% translate "It\'s here" %}<p title="{{ _("Copy") }}">{% blocktranslate %}{{ n }} of 3{% endblocktranslate %}'
    )
    assert list(extract.of_template(template, "a.html")) == [
        Message("It's here"), Message("Copy"), Message("%(n)s of 3"),
    ]  # fmt: skip
    schema = {"x-label": "Size", "enum": ["a"], "x-options": [{"label": "Wide", "value": 1}]}
    assert list(extract.of_schema(schema)) == [
        Message("Size"), Message("Wide"),
    ]  # fmt: skip


def test_languages_are_those_with_a_catalogue(tmp_path):
    for name in ("pt_BR", "de"):
        folder = tmp_path / name / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.po").touch()

    assert languages.available(tmp_path) == [
        ("en", "English"), ("de", "Deutsch"), ("pt-br", "Português Brasileiro"),
    ]  # fmt: skip
    assert site.LANGUAGES[0] == ("en", "English")
    assert languages.available(Path("nowhere")) == [("en", "English")]
