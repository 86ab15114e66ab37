"""Catalogues of translations: `generations/locale/LANGUAGE/LC_MESSAGES/django.po`, and the `.mo` that Django reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import django
import polib
from django.utils.translation import to_locale

from generations.management.messages.extract import Message
from hidream_site.languages import is_compiled

LINE_LENGTH = 120


def path_of(folder: Path, language: str) -> Path:
    return folder / to_locale(language) / "LC_MESSAGES" / "django.po"


def update(path: Path, language: str, found: Mapping[Message, Sequence[str]]) -> polib.POFile:
    """Write the catalogue at `path` with the messages of today; translations are kept, what is gone is marked so."""
    today = polib.POFile(wrapwidth=LINE_LENGTH)
    today.extend(_entry(message, places) for message, places in sorted(found.items()))
    catalogue = polib.pofile(str(path), wrapwidth=LINE_LENGTH) if path.exists() else polib.POFile(wrapwidth=LINE_LENGTH)
    if not catalogue.metadata:
        catalogue.metadata = _header(language)
    catalogue.merge(today)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return catalogue


def _entry(message: Message, places: Sequence[str]) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.singular,
        msgctxt=message.context or None,
        occurrences=[(place, "") for place in places],
        flags=["python-format"] if "%(" in message.singular + message.plural else [],
    )
    if message.plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, {0: "", 1: ""}
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


def compile_all(folder: Path) -> list[Path]:
    """Compile every catalogue that is newer than its compiled form; return those that were."""
    stale = [path for path in sorted(folder.glob("*/LC_MESSAGES/django.po")) if not is_compiled(path)]
    for path in stale:
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return stale
