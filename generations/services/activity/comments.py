"""Write, change and delete comments; mentioned users and the picture's author are notified."""

from collections.abc import Collection as Some

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.errors import GalleryError
from generations.models import Activity, ActivityKind, Comment, Generation, NotificationKind, User
from generations.permissions import Verb, allows, may_change_comment, may_delete_comment, role_of
from generations.queries.activity.mentions import named_in, people_who_see
from generations.services.activity.notifications import notify, notify_authors
from generations.services.activity.record import record
from generations.services.site import rate_limits

MAX_COMMENT_LENGTH = 2000


@transaction.atomic
def write(*, actor: User, generation: Generation, text: str) -> tuple[Comment, list[str]]:
    """Add a comment; return it, and the @-mentions that match no user who can see the picture.

    Raises PermissionDenied, TooManyRequests, and GalleryError when the text is empty or too long or the picture cannot
    be commented on.
    """
    if not allows(role_of(actor, generation.team), Verb.COMMENT):
        raise PermissionDenied
    if not is_commentable(generation):
        raise GalleryError(_("You can only comment on finished pictures that aren't in the trash."))
    rate_limits.acquire("comment", user=actor)
    comment = Comment.objects.create(generation=generation, author=actor, text=clean_text(text))
    (told,) = record(
        actor=actor, team=generation.team, kind=ActivityKind.COMMENTED, generations=[generation], comment=comment
    )
    unknown = _tell_mentioned(actor, comment, told)
    notify_authors(actor=actor, team=generation.team, kind=NotificationKind.COMMENT, activity=[told])
    return comment, unknown


@transaction.atomic
def change(*, actor: User, comment: Comment, text: str) -> list[str]:
    """Change a comment's text and return its unmatched mentions; only newly mentioned users are notified.

    Raises PermissionDenied, TooManyRequests, and GalleryError when the text is empty or too long.
    """
    if not may_change_comment(role_of(actor, comment.generation.team), actor, comment):
        raise PermissionDenied
    rate_limits.acquire("comment", user=actor)
    comment.text = clean_text(text)
    Comment.objects.filter(pk=comment.pk).update(text=comment.text, edited_at=Now())
    told = Activity.objects.filter(comment=comment).first()
    return _tell_mentioned(actor, comment, told) if told else []


def delete(*, actor: User, comment: Comment) -> None:
    """Delete a comment permanently, with its notifications. Raises PermissionDenied."""
    if not may_delete_comment(role_of(actor, comment.generation.team), actor, comment):
        raise PermissionDenied
    comment.delete()


def is_commentable(generation: Generation) -> bool:
    """Return whether the picture is finished and not in the trash."""
    return not generation.waits and generation.deleted_at is None


def clean_text(text: str) -> str:
    """Return the text with uniform line ends. Raises GalleryError when it is empty or too long."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise GalleryError(_("Write something first. Empty comments aren't saved."))
    if len(text) > MAX_COMMENT_LENGTH:
        over = len(text) - MAX_COMMENT_LENGTH
        sentence = ngettext(
            "Your comment is %(over)s character too long; the maximum is %(most)s. Your text is still below.",
            "Your comment is %(over)s characters too long; the maximum is %(most)s. Your text is still below.",
            over,
        )
        most = number_format(MAX_COMMENT_LENGTH, force_grouping=True)
        raise GalleryError(sentence % {"over": number_format(over, force_grouping=True), "most": most})
    return text


def _tell_mentioned(actor: User, comment: Comment, told: Activity) -> list[str]:
    people: Some[User] = people_who_see(comment.generation) if "@" in comment.text else []
    named, unknown = named_in(comment.text, people)
    notify(NotificationKind.MENTION, [(user, told) for user in sorted(named - {actor.pk})])
    return unknown
