"""@-mentions: users who can be mentioned on a picture, and those that a text mentions."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from generations.folding import fold
from generations.models import MANAGERS, Generation, Membership, User, Visibility

# An email address is no mention, because its @ follows a word character.
MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]*\w(?:@[\w.-]*\w)?)")


@dataclass(frozen=True)
class Mentionable:
    """A user who can be mentioned; `handle` is what to write after the @."""

    user: int
    name: str
    handle: str


def people_who_see(generation: Generation) -> "QuerySet[User]":
    """Return the active users for whom `Generation.visible_to` finds this picture."""
    inside = Membership.objects.filter(team=generation.team_id, user=OuterRef("pk"))
    if generation.visibility == Visibility.TEAM and generation.hidden_at is None:
        return User.objects.filter(Exists(inside), is_active=True)
    return User.objects.filter(
        Q(Exists(inside), pk=generation.author_id) | Q(Exists(inside.filter(role__in=MANAGERS))), is_active=True
    )


def mentionable_people(generation: Generation, most: int) -> list[Mentionable]:
    """Return the first `most` users who see this picture, by name, with their handles."""
    return mentionable(people_who_see(generation).order_by("folded_name", "email")[:most])


def mentionable(people: Iterable[User]) -> list[Mentionable]:
    """Return the users with their shortest unambiguous handles."""
    people = list(people)
    known = _handles(people)
    return [Mentionable(one.pk, one.display_name, _shortest(one, known)) for one in people]


def named_in(text: str, people: Iterable[User]) -> tuple[set[int], list[str]]:
    """Return the primary keys of the users a text mentions, and the mentions that match no user."""
    words = {fold(word): word for _, _, word in _mentions(text)}
    known = _handles(people) if words else {}
    return {known[word] for word in words if word in known}, [said for word, said in words.items() if word not in known]


def parts(text: str, people: Iterable[Mentionable]) -> list[tuple[str, bool]]:
    """Split a text into pieces, each with whether it is a mention."""
    handles = {fold(handle) for one in people for handle in (one.handle, *_words(one.name))}
    pieces: list[tuple[str, bool]] = []
    end = 0
    for start, stop, word in _mentions(text):
        if fold(word) in handles:
            pieces += [(text[end:start], False), (text[start:stop], True)]
            end = stop
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def _mentions(text: str) -> Iterator[tuple[int, int, str]]:
    """Return where each mention begins and ends, and its word."""
    for found in MENTION.finditer(_lettered(text)):
        yield found.start(), found.end(), text[slice(*found.span(1))]


def _handles(people: Iterable[User]) -> dict[str, int]:
    """Return the folded handles that match exactly one user; an ambiguous one matches nobody."""
    fits: dict[str, set[int]] = defaultdict(set)
    for one in people:
        for word in _words_of(one):
            fits[fold(word)].add(one.pk)
    return {word: next(iter(keys)) for word, keys in fits.items() if len(keys) == 1}


def _shortest(user: User, known: dict[str, int]) -> str:
    return next((word for word in _words_of(user) if fold(word) in known), user.email)


def _words_of(user: User) -> list[str]:
    local = user.email.partition("@")[0]
    return [*_words(user.display_name), local, user.email]


def _words(name: str) -> list[str]:
    """Return the whole name and the first name as handles: `mara.kessler`, `mara`."""
    name = unicodedata.normalize("NFC", name).casefold()
    words = [name[slice(*found.span())] for found in re.finditer(r"\w+", _lettered(name))]
    return [".".join(words), words[0]] if words else []


def _lettered(text: str) -> str:
    r"""Return a text of the same length with a letter for each combining mark, which `\w` would end a word at."""
    return "".join("x" if unicodedata.category(one).startswith("M") else one for one in text)
