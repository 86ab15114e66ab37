"""Blocked words: words and phrases that a team does not allow in prompts. Checked before anything is reserved."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from generations import schema
from generations.errors import BlockedWordInPrompt, GalleryError
from generations.folding import fold
from generations.models import AuditAction, BlockedWord, Team, User
from generations.permissions import Verb, require_verb
from generations.services.site import audit

MAX_WORDS, MAX_WORD_LENGTH = 500, 100
# Between the words of a phrase these are the same.
SEPARATORS = re.compile(r"[\s_\u2010-\u2015-]+")
# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese kana, Chinese characters.
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def require_allowed(*, team: Team, model: str, each: Iterable[schema.Values]) -> None:
    """Reject values with a blocked word in the prompt or in any other free text. Raises BlockedWordInPrompt."""
    parameters = [p for p in schema.is_known(model).parameters if p.type == "string" and not p.options]
    texts = dict.fromkeys((p.name, str(values.get(p.name) or "")) for values in each for p in parameters)
    words = {word: _comparable(word) for word in list_of(team)}
    for name, text in texts if words else ():
        if found := _first_in(text, words):
            sentence = _("Your team doesn't allow “%(word)s” in prompts. Edit the prompt and try again.")
            raise BlockedWordInPrompt(sentence % {"word": found}, field=name, word=found)


def find(words: Iterable[str], text: str) -> str:
    """Return the first of these words that the text contains as a whole word or phrase; empty if it has none."""
    return _first_in(text, {word: _comparable(word) for word in words})


def _first_in(text: str, words: Mapping[str, str]) -> str:
    """Return the first word of which the text contains the comparable form; empty if it has none."""
    comparable = _comparable(text)
    return next((word for word, form in words.items() if _contains(comparable, form)), "")


def set_blocked_words(*, actor: User, team: Team, words: Sequence[str]) -> list[str]:
    """Replace the team's list and return it; of words that are compared alike the first is kept.

    Raises NotAllowed, and GalleryError when there are too many, or one is too long or has no letters or digits.
    """
    require_verb(actor, team, Verb.MODERATE)
    wanted = {_comparable(word): " ".join(word.split()) for word in reversed(words) if word.strip()}
    _require_usable(wanted)
    with transaction.atomic():
        # Locked, so that of two changes at the same time the later one replaces the whole list.
        Team.objects.select_for_update(no_key=True).only("pk").get(pk=team.pk)
        before = set(BlockedWord.objects.filter(team=team).values_list("text", flat=True))
        if before != set(wanted.values()):
            BlockedWord.objects.filter(team=team).delete()
            BlockedWord.objects.bulk_create(BlockedWord(team=team, text=text) for text in wanted.values())
            audit.record_event(
                AuditAction.SET_BLOCKED_WORDS, actor=actor, subject=team, team=team, detail=_detail(before, wanted)
            )
    return sorted(wanted.values(), key=fold)


def list_of(team: Team) -> list[str]:
    """Return the team's blocked words in the order of their folded text."""
    return list(BlockedWord.objects.filter(team=team).values_list("text", flat=True))


def _detail(before: set[str], wanted: dict[str, str]) -> str:
    """Return what the audit log says, in English and without the words."""
    after = set(wanted.values())
    return f"{len(after)} in the list, {len(after - before)} added, {len(before - after)} removed"


def _require_usable(wanted: dict[str, str]) -> None:
    if len(wanted) > MAX_WORDS:
        sentence = _("The list has %(count)s words and phrases; the maximum is %(most)s. Remove some.")
        raise GalleryError(sentence % {"count": len(wanted), "most": MAX_WORDS})
    for comparable, text in wanted.items():
        if len(text) > MAX_WORD_LENGTH:
            sentence = _("“%(word)s…” has %(count)s characters; the maximum is %(most)s. Shorten it.")
            raise GalleryError(sentence % {"word": text[:30], "count": len(text), "most": MAX_WORD_LENGTH})
        if not comparable:
            raise GalleryError(
                _("“%(word)s” contains no letters or digits. Enter a word or a phrase.") % {"word": text}
            )


def _comparable(text: str) -> str:
    return SEPARATORS.sub(" ", fold(text)).strip()


def _contains(text: str, word: str) -> bool:
    start = text.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        if not (_joined(text[start - 1 : start], word[0]) or _joined(word[-1], text[end : end + 1])):
            return True
        start = text.find(word, start + 1)
    return False


def _joined(before: str, after: str) -> bool:
    """Return whether two neighbouring characters belong to one word; in scripts without spaces none do."""
    if not before or not after or UNSPACED.match(before) or UNSPACED.match(after):
        return False
    return all(unicodedata.category(one)[0] in "LMN" for one in (before, after))
