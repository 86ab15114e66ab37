"""Tags: add, remove, rename, merge and delete them."""

import unicodedata
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.folding import JOINERS, fold
from generations.models import Generation, Tag, Tagging, Team, User
from generations.queries.gallery.tags import find_tag
from generations.services.site import rate_limits

MAX_TAG_LENGTH = 40
MAX_AT_ONCE = 10


def words_of(text: str) -> list[str]:
    """Split a text at commas into lower-case tags, of those that fold the same the first.

    Raises GalleryError for none, too many, or one that is too long.
    """
    spelled: dict[str, str] = {}
    for word in map(_clean, text.split(",")):
        spelled.setdefault(fold(word), word)
    words = [word for folded, word in spelled.items() if folded]
    if not words:
        raise GalleryError(_("Enter a tag."))
    if len(words) > MAX_AT_ONCE:
        sentence = _("You entered %(count)s tags; the maximum at once is %(maximum)s. Enter fewer.")
        raise GalleryError(sentence % {"count": len(words), "maximum": MAX_AT_ONCE})
    for word in words:
        if len(word) > MAX_TAG_LENGTH:
            sentence = _("The tag “%(start)s…” has %(count)s characters; the maximum is %(maximum)s. Shorten it.")
            raise GalleryError(sentence % {"start": word[:20], "count": len(word), "maximum": MAX_TAG_LENGTH})
    return words


@transaction.atomic
def add(*, actor: User, team: Team, words: Sequence[str], generations: Sequence[Generation]) -> None:
    """Add each tag to each picture; new tags count against the rate limit. Raises TooManyRequests.

    A tag that folds the same is the same tag, however it is spelled.
    """
    spelled = {fold(word): word for word in words}
    known = set(Tag.objects.filter(team=team, folded_name__in=spelled).values_list("folded_name", flat=True))
    if fresh := spelled.keys() - known:
        rate_limits.acquire("tag", user=actor, times=len(fresh))
    for folded, word in spelled.items():
        tag, _ = Tag.objects.get_or_create(team=team, folded_name=folded, defaults={"name": word})
        Tagging.objects.bulk_create(
            (Tagging(tag=tag, generation=row, author=actor) for row in generations), ignore_conflicts=True
        )


@transaction.atomic
def remove(*, team: Team, words: Sequence[str], generations: Sequence[Generation]) -> int:
    """Remove tags from pictures and return how many were removed; tags without pictures are deleted."""
    ids, folded = [row.pk for row in generations], [fold(word) for word in words]
    gone, _ = Tagging.objects.filter(tag__team=team, tag__folded_name__in=folded, generation__in=ids).delete()
    Tag.objects.filter(team=team, folded_name__in=folded, taggings=None).delete()
    return gone


def rename(*, tag: Tag, name: str) -> None:
    """Rename a tag. Raises GalleryError when the name is invalid or taken: merging needs an explicit request."""
    word = one_word(name)
    try:
        with transaction.atomic():
            Tag.objects.filter(pk=tag.pk).update(name=word)
    # Only the database can decide, because two users may choose the same name at the same moment.
    except IntegrityError:
        there = find_tag(tag.team, word) or tag
        sentence = _("The tag “%(tag)s” already exists. To combine the two, merge them.")
        raise GalleryError(sentence % {"tag": there}) from None


@transaction.atomic
def merge(*, tag: Tag, into: Tag) -> None:
    """Give every picture tagged `tag` the tag `into` instead, and delete `tag`."""
    if tag == into:
        raise GalleryError(_("Choose a different tag to merge into."))
    both = Tagging.objects.filter(tag=into).values("generation")
    Tagging.objects.filter(tag=tag).exclude(generation__in=both).update(tag=into)
    tag.delete()


def delete(*, tag: Tag) -> None:
    """Delete a tag."""
    tag.delete()


def one_word(text: str) -> str:
    """Return the single tag in a text. Raises GalleryError when there is none, or more than one."""
    words = words_of(text)
    if len(words) > 1:
        raise GalleryError(_("A tag can't contain a comma. Enter one tag."))
    return words[0]


def _clean(text: str) -> str:
    """Return the text in lower case, without control characters, repeated spaces and a leading #."""
    printable = "".join(one if _is_visible(one) or one in JOINERS else " " for one in text)
    return " ".join(printable.split()).lower().lstrip("# ")


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ"
