"""Catalogues of translations: `generations/locale/LANGUAGE/LC_MESSAGES/django.po`, and the `.mo` that Django reads."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import django
import polib
from django.utils.translation import to_locale

from generations.management.messages.extract import Message
from hidream_site.languages import is_compiled

LINE_LENGTH = 120
VALUE = re.compile(r"%\(\w+\)[sd]")


def path_of(folder: Path, language: str) -> Path:
    return folder / to_locale(language) / "LC_MESSAGES" / "django.po"


def update(path: Path, language: str, found: Mapping[Message, Sequence[str]]) -> polib.POFile:
    """Write the catalogue at `path` with the messages of today; translations are kept, what is gone is marked so."""
    today = polib.POFile(wrapwidth=LINE_LENGTH)
    catalogue = polib.pofile(str(path), wrapwidth=LINE_LENGTH) if path.exists() else polib.POFile(wrapwidth=LINE_LENGTH)
    if not catalogue.metadata:
        catalogue.metadata = _header(language)
    forms = int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])[1])  # type: ignore[index]
    today.extend(_entry(message, places, forms) for message, places in sorted(found.items()))
    catalogue.merge(today)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return catalogue


def _entry(message: Message, places: Sequence[str], forms: int) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.singular,
        msgctxt=message.context or None,
        occurrences=[(place, "") for place in places],
        flags=["python-format"] if "%(" in message.singular + message.plural else [],
    )
    if message.plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, dict.fromkeys(range(forms), "")
    return entry


def _header(language: str) -> dict[str, str]:
    """Return the header of a new catalogue, with the plural forms that Django's own catalogue of the language has."""
    own = Path(django.__file__).parent / "conf" / "locale" / to_locale(language) / "LC_MESSAGES" / "django.po"
    plurals = polib.pofile(str(own)).metadata.get("Plural-Forms") if own.exists() else None
    return {
        "Project-Id-Version": "HiDream Gallery",
        "Language": to_locale(language),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plurals or "nplurals=2; plural=(n != 1);",
    }


def compile_all(folder: Path) -> dict[Path, list[str]]:
    """Compile every catalogue that is newer than its compiled form.

    Returns those that were, each with its messages whose translation names other values than they do: with these a page
    would fail, so they stay English.
    """
    stale = [path for path in sorted(folder.glob("*/LC_MESSAGES/django.po")) if not is_compiled(path)]
    left_out: dict[Path, list[str]] = {}
    for path in stale:
        catalogue = polib.pofile(str(path))
        wrong = [entry for entry in catalogue if not _values_agree(entry)]
        for entry in wrong:
            catalogue.remove(entry)
        catalogue.save_as_mofile(str(path.with_suffix(".mo")))
        left_out[path] = [entry.msgid for entry in wrong]
    return left_out


def _values_agree(entry: polib.POEntry) -> bool:
    """Return whether a translation names no value that its message does not, and has no stray per cent sign."""
    known = set(VALUE.findall(entry.msgid + entry.msgid_plural))
    texts = [text for text in (entry.msgstr, *entry.msgstr_plural.values()) if text]
    strays = bool(known) and any("%" in VALUE.sub("", text).replace("%%", "") for text in texts)
    return not strays and all(set(VALUE.findall(text)) <= known for text in texts)
