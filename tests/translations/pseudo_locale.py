"""A made-up language: each message in brackets and a third longer, so that text outside of messages can be seen.

Its numbers and dates are written as in German, so that a number in the wrong place is seen as well.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
import polib

from generations.management.messages import catalogues, extract
from generations.management.messages.extract import Message

LANGUAGE = "en-xa"
ROOT = Path(__file__).resolve().parents[2]
# Elements that end with the text are to hold what is added, because some are hidden where there is no room.
ENDS = re.compile(r"(?:</\w+>)*$")
FORMATS = {"date format", "time format"}
# Attributes whose text a reader sees or hears.
READ = {"title", "alt", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label"}
# For scripts, without a word for the reader.
NAMES_OF_FIELDS = {"data-price-fields"}
SILENT = {"script", "style", "svg", "template"}
EMPTY = {"input", "img", "meta", "link", "br", "hr", "source", "wbr", "path", "rect", "col", "area"}


def bracketed(text: str) -> str:
    """Return the text in brackets and a third longer, by words of four signs, which break as words do."""
    more = "~" * max(1, len(text) // 3)
    words = " ".join(more[place : place + 4] for place in range(0, len(more), 5))
    end = ENDS.search(text)[0]
    return f"⟦{text.removesuffix(end)} {words}{end}⟧"


def write(folder: Path) -> None:
    """Write and compile the language's catalogue, with the messages of the site and of what it is built on."""
    found = {message: [""] for message in _of_libraries()} | extract.messages(ROOT)
    path = catalogues.path_of(folder, LANGUAGE)
    catalogue = catalogues.update(path, LANGUAGE, found)
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: bracketed(entry.msgid), 1: bracketed(entry.msgid_plural)}
        else:
            entry.msgstr = entry.msgid if entry.msgctxt in FORMATS else bracketed(entry.msgid)
    catalogue.save()
    catalogues.compile_all(folder)


def _of_libraries() -> Iterator[Message]:
    for library in (django, allauth):
        for path in Path(library.__file__).parent.rglob("locale/en/LC_MESSAGES/django.po"):
            for entry in polib.pofile(str(path)):
                yield Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


class Outside(HTMLParser):
    """Collects the texts of a page that stand in no message. A message may hold elements, so brackets are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.depth = 0
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        # The docs are in English, and the help says so.
        is_english = tag != "html" and named.get("lang") == "en"
        if self.silent or tag in SILENT or named.get("translate") == "no" or is_english:
            if tag not in EMPTY:
                self.silent.append(tag)
            return
        read = [named[name] for name in READ if name in named]
        if tag == "input" and named.get("type") in {"submit", "button", "reset"}:
            read.append(named.get("value", ""))
        if tag == "meta" and (
            named.get("name") == "description" or named.get("property") in {"og:title", "og:description"}
        ):
            read.append(named.get("content", ""))
        data = [value for name, value in named.items() if name.startswith("data-") and name not in NAMES_OF_FIELDS]
        read += [value for value in data if " " in value.strip() and value[0] not in "{["]
        for text in read:
            self._take(text, self.depth)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.depth = self._take(data, self.depth)

    def _take(self, text: str, depth: int) -> int:
        outside = ""
        for character in text:
            depth += {"⟦": 1, "⟧": -1}.get(character, 0)
            outside += character if depth <= 0 and character != "⟧" else " "
        if outside.strip():
            self.found.append(" ".join(outside.split()))
        return depth


def outside(page: str) -> list[str]:
    """Return the texts of a page that stand in no message."""
    parser = Outside()
    parser.feed(page)
    parser.close()
    assert parser.depth == 0, "a message is cut off, and what follows it looks translated"
    return parser.found
