"""A page of the documentation as HTML, and its sections as plain text for the search.

The pages are part of the site and do not change while it runs, so each is rendered once in a process and language.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.token import Token

from generations.folding import fold
from generations.views.help import markup
from generations.views.help.pages import SLUG_OF, SOURCES, page_url, source, title_of

# Raw HTML in a page is shown as text. The renderer's other elements are those of CommonMark, and tables.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
for _name, _rule in markup.RULES.items():
    MARKDOWN.add_render_rule(_name, _rule)


@dataclass(frozen=True)
class HelpSection:
    """A heading and the text up to the next one; the first of a page has the page's own title, and no anchor."""

    slug: str
    heading: str
    anchor: str
    level: int
    text: str

    @property
    def url(self) -> str:
        return page_url(self.slug, self.anchor)

    @cached_property
    def folded(self) -> str:
        return fold(self.text)


@dataclass(frozen=True)
class HelpDocument:
    slug: str
    title: str
    html: SafeString
    sections: tuple[HelpSection, ...]

    @property
    def parts(self) -> list[HelpSection]:
        """Return the sections of the second level, which the table of contents lists."""
        return [one for one in self.sections if one.level == 2]


def document(slug: str) -> HelpDocument:
    """Return a page of the help. Raises KeyError when there is no such page."""
    return _document(slug, get_language() or "")


@lru_cache(maxsize=256)
def _document(slug: str, _language: str) -> HelpDocument:
    tokens = MARKDOWN.parse(source(slug))[3:]  # behind the heading of the first line, which the template shows
    anchors: Counter[str] = Counter()
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.children is None:
            continue
        token.children = list(_linked(token.children, SOURCES[slug]))
        if before and before.type == "heading_open":
            before.attrSet("id", _anchor(plain(token.children), anchors))
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return HelpDocument(slug, title_of(slug), mark_safe(html), tuple(_sections(slug, tokens)))  # noqa: S308  # ours


def plain(tokens: Iterable[Token]) -> str:
    """Return the text of inline tokens, without their marks and without what pictures show."""
    parts = (" " if one.type in {"softbreak", "hardbreak"} else one.content for one in tokens if one.type != "image")
    return " ".join("".join(parts).split())


def _anchor(heading: str, taken: Counter[str]) -> str:
    """Return the id of a heading, as repositories on the web make it, so that links are the same in both places."""
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    taken[anchor] += 1
    return f"{anchor}-{taken[anchor] - 1}" if taken[anchor] > 1 else anchor


def _sections(slug: str, tokens: Sequence[Token]) -> Iterator[HelpSection]:
    heading, anchor, level, texts = title_of(slug), "", 1, list[str]()
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before and before.type == "heading_open":
            yield HelpSection(slug, heading, anchor, level, " ".join(texts))
            heading, anchor, texts = plain(token.children or []), str(before.attrGet("id")), []
            level = int(before.tag[1:])
        elif token.children is not None or token.type in {"fence", "code_block"}:
            in_cell = before and before.type in {"th_open", "td_open"} and token.content
            texts.append(("· " if in_cell else "") + plain(token.children or [token]))
    yield HelpSection(slug, heading, anchor, level, " ".join(texts))


def _linked(tokens: Iterable[Token], page: str) -> Iterator[Token]:
    """Yield inline tokens with links that lead to pages of the help; a link to another file becomes its text."""
    kept, inside, title = True, False, ""
    for token in tokens:
        if token.type == "link_open":
            target, title = _target(str(token.attrGet("href")), page)
            kept, inside = bool(target), True
            token.attrSet("href", target)
        is_name = inside and token.type == "text" and token.content.endswith(".md")
        if kept or token.type not in {"link_open", "link_close"}:
            yield _named(token.content, title) if is_name else token
        if token.type == "link_close":
            kept, inside = True, False


def _named(file: str, title: str) -> Token:
    """Return the title of a page in place of the name of its file; of another file the name, as code."""
    return Token("text", "", 0, content=title) if title else Token("code_inline", "code", 0, content=file)


def _target(href: str, page: str) -> tuple[str, str]:
    """Return where a link of a page leads, and the title of the page of the help that is; empty for other files."""
    if ":" in href:
        return href, ""
    path, _, anchor = href.partition("#")
    if not path:
        return f"#{anchor}", ""
    slug = SLUG_OF.get(posixpath.normpath(posixpath.join(posixpath.dirname(page), path)))
    return (page_url(slug, anchor), title_of(slug)) if slug else ("", "")
