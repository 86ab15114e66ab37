"""The languages of the site: English, in which it is written, and those with a catalogue of translations."""

from pathlib import Path

from django.conf.locale import LANG_INFO


def available(folder: Path) -> list[tuple[str, str]]:
    """Return the code and the own name of each language, English first."""
    codes = sorted(path.parts[-3].lower().replace("_", "-") for path in folder.glob("*/LC_MESSAGES/django.po"))
    return [("en", "English"), *((code, _own_name(code)) for code in codes if code != "en")]


def _own_name(code: str) -> str:
    return str(LANG_INFO.get(code, {}).get("name_local", code))


def is_compiled(catalogue: Path) -> bool:
    """Return whether the `.mo` that Django reads is as new as its `.po`."""
    compiled = catalogue.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime
