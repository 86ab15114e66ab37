r"""Wildcards in prompts: `{red|blue}` and `{1..4}` stand for several prompts, one for each choice.

Braces around anything else are plain text, and `\{`, `\}` and `\|` are always the characters themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from django.utils.translation import gettext as _

from generations.errors import GalleryError

TOKEN = re.compile(r"\\[{|}]|[{}]")
ESCAPED = re.compile(r"\\([{|}])")
BAR = re.compile(r"(?<!\\)\|")
RANGE = re.compile(r"\s*(-?[0-9]{1,9})\s*\.\.\s*(-?[0-9]{1,9})\s*")
BEGUN_RANGE = re.compile(r"\s*-?[0-9]+\s*\.\.")
MAX_QUOTE_LENGTH = 40


class WildcardError(GalleryError):
    """The wildcards of a prompt cannot be read."""


@dataclass(frozen=True)
class Wording:
    """One prompt of several, and the choices that tell it apart from the others."""

    prompt: str
    choices: str


@dataclass(frozen=True)
class Template:
    """A prompt with wildcards: the plain texts around them, one more than there are wildcards."""

    texts: tuple[str, ...]
    wildcards: tuple[Sequence[object], ...]

    @property
    def count(self) -> int:
        """Return the number of combinations, without making them."""
        return prod(len(choices) for choices in self.wildcards)

    @property
    def wordings(self) -> list[Wording]:
        """Return the different prompts; ask for `count` first, there may be millions."""
        found: dict[str, Wording] = {}
        for chosen in product(*self.wildcards):
            words = [str(one) for one in chosen]
            prompt = "".join(part for pair in zip(self.texts, [*words, ""], strict=True) for part in pair)
            found.setdefault(prompt, Wording(prompt, " · ".join(words)))
        return list(found.values())


@dataclass
class _Brace:
    """An open brace, and the text in it that is in no other brace."""

    start: int
    own: str = ""
    holds_braces: bool = False


def parse(prompt: str) -> Template:
    """Return the prompt's plain texts and wildcards. Raises WildcardError."""
    texts: list[str] = []
    wildcards: list[Sequence[object]] = []
    taken, last, open_braces = 0, 0, list[_Brace]()
    for token in TOKEN.finditer(prompt):
        if open_braces:
            open_braces[-1].own += prompt[last : token.start()] + (token[0] if len(token[0]) > 1 else "")
        last = token.end()
        if token[0] == "{":
            open_braces.append(_Brace(token.start()))
        elif token[0] == "}" and open_braces:
            brace = open_braces.pop()
            choices = _choices(brace, prompt[brace.start : token.end()])
            if choices:
                texts.append(_plain(prompt[taken : brace.start]))
                wildcards.append(choices)
                taken = token.end()
            if open_braces:
                open_braces[-1].holds_braces = True
    if open_braces:
        open_braces[-1].own += prompt[last:]
    for brace in open_braces:
        _require_plain(brace, prompt)
    return Template((*texts, _plain(prompt[taken:])), tuple(wildcards))


def escape(text: str) -> str:
    """Return the prompt that stands for exactly this text, such as one that was generated before."""
    try:
        template = parse(text)
    except WildcardError:
        template = None
    if template and not template.wildcards and template.texts == (text,):
        return text
    return re.sub(r"[{|}]", r"\\\g<0>", text)


def _choices(brace: _Brace, text: str) -> Sequence[object]:
    """Return the choices between two braces; empty for plain text."""
    parts = BAR.split(brace.own)
    if len(parts) == 1:
        found = None if brace.holds_braces else RANGE.fullmatch(brace.own)
        return _numbers(int(found[1]), int(found[2])) if found else ()
    if brace.holds_braces:
        sentence = _("“%(text)s” has a wildcard inside another. Use one after the other, or write \\{ for a plain {.")
        raise WildcardError(sentence % {"text": _quoted(text)})
    words = [_plain(part.strip()) for part in parts]
    if not all(words):
        sentence = _("“%(text)s” has an empty choice. Enter something on both sides of each |.")
        raise WildcardError(sentence % {"text": _quoted(text)})
    return tuple(dict.fromkeys(words))


def _numbers(first: int, last: int) -> range:
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _require_plain(brace: _Brace, prompt: str) -> None:
    """Reject an open brace that begins a wildcard; others are plain text. Raises WildcardError."""
    if BAR.search(brace.own) or BEGUN_RANGE.match(brace.own):
        sentence = _("“%(text)s” isn't closed. Add a }, or write \\{ for a plain {.")
        raise WildcardError(sentence % {"text": _quoted(prompt[brace.start :])})


def _plain(text: str) -> str:
    return ESCAPED.sub(r"\1", text)


def _quoted(text: str) -> str:
    return text if len(text) <= MAX_QUOTE_LENGTH else f"{text[:MAX_QUOTE_LENGTH]}…"
