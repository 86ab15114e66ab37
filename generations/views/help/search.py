"""The search of the help: over the sections of its pages, in memory."""

import re
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from generations.folding import fold
from generations.views.help.documents import HelpSection, document
from generations.views.help.pages import SLUGS, title_of

# Tells what was, so it comes behind what is.
HISTORY = "changelog"
MOST_WORDS = 12
MOST_HITS = 30
# Characters of an excerpt before and behind the first word that was found.
BEFORE, BEHIND = 70, 170
# What a word counts in the heading of a section, in the title of its page, and in its text, there once or more often.
HEADING, TITLE, TEXT, AGAIN = 40, 20, 10, 1
MOST_AGAIN = 9
AROUND_WORDS = " .,:;!?()[]\"'`“”‘’…"
PIECE = re.compile(r"\w(?:[\w.'’-]*\w)?")
# Words of a question that say nothing about its subject. The documentation is in English.
SILENT = {
    "a", "am", "an", "and", "are", "be", "can", "could", "do", "does", "for", "from", "get", "how", "i", "in", "is",
    "it", "me", "my", "of", "on", "or", "should", "that", "the", "there", "this", "to", "was", "we", "what", "when",
    "where", "which", "who", "why", "will", "with", "you", "your",
}  # fmt: skip


@dataclass(frozen=True)
class HelpHit:
    url: str
    title: str
    heading: str
    passage: SafeString


@dataclass(frozen=True)
class HelpAnswer:
    """What was found; `has_all` says whether each of it has all words, or only the most that any has."""

    hits: list[HelpHit]
    total: int
    has_all: bool


def search(query: str) -> HelpAnswer:
    """Return the sections that have the most of the words, the best first."""
    words = [_at_its_start(word) for word in _words(query)]
    sections = (section for slug in SLUGS for section in document(slug).sections if section.text)
    ranked = [(*_rank(section, words), section) for section in sections]
    most = max((found for found, _, _ in ranked), default=0)
    best = [(points, section) for found, points, section in ranked if found == most > 0]
    best.sort(key=lambda one: (one[1].slug == HISTORY, -one[0]))
    hits = [_hit(section, words) for _, section in best[:MOST_HITS]]
    return HelpAnswer(hits, len(best), has_all=most == len(words))


def _words(query: str) -> list[str]:
    words = [word for part in fold(query).split() if (word := part.strip(AROUND_WORDS))]
    return list(dict.fromkeys([word for word in words if word not in SILENT] or words))[:MOST_WORDS]


def _at_its_start(word: str) -> re.Pattern[str]:
    """Return what finds a word that begins so, or is so when it is short; a word of a name such as SITE_URL counts."""
    end = r"(?![^\W_])" if len(word) < 3 else ""
    return re.compile(rf"(?<![^\W_]){re.escape(word)}{end}")


def _rank(section: HelpSection, words: list[re.Pattern[str]]) -> tuple[int, int]:
    """Return how many of the words a section has, and its points."""
    title, heading = fold(title_of(section.slug)), fold(section.heading)
    found = points = 0
    for word in words:
        times = len(word.findall(section.folded))
        own = HEADING * bool(word.search(heading)) + TEXT * bool(times) + AGAIN * min(times, MOST_AGAIN)
        of_page = TITLE * bool(word.search(title))
        found += bool(own or of_page)
        points += own + of_page
    return found, points


def _hit(section: HelpSection, words: list[re.Pattern[str]]) -> HelpHit:
    return HelpHit(section.url, title_of(section.slug), section.heading, _excerpt(section.text, words))


def _excerpt(text: str, words: list[re.Pattern[str]]) -> SafeString:
    """Return the text around the first word that was found, with all such words marked."""
    marked = [one.span() for one in PIECE.finditer(text) if any(word.search(fold(one[0])) for word in words)]
    first = marked[0][0] if marked else 0
    begin = text.rfind(" ", 0, first - BEFORE) + 1 if first > BEFORE else 0
    end = text.find(" ", first + BEHIND)
    end = len(text) if end < 0 else end
    parts, at = [("", "…" if begin else "")], begin
    for start, stop in marked:
        if start < end:
            parts.append((text[at:start], format_html("<mark>{}</mark>", text[start:stop])))
            at = stop
    rest = text[at:end] + ("…" if end < len(text) else "")
    return format_html_join("", "{}{}", [*parts, (rest, "")])
