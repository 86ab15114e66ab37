"""The comments of a generation, prepared for the template."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from generations.models import Comment, Generation, User, name_in, parse_uuid
from generations.permissions import Verb, allows, may_change_comment, may_delete_comment
from generations.queries.activity.comments import comments_page
from generations.queries.activity.mentions import Mentionable, mentionable_people, parts
from generations.services.activity.comments import MAX_COMMENT_LENGTH, is_commentable
from generations.views.site.formatting import day_and_clock
from generations.views.site.requests import refused_text

MAX_SUGGESTED = 200


@dataclass(frozen=True)
class CommentRow:
    id: str
    author: str
    initials: str
    when: str
    edited: bool
    parts: list[tuple[str, bool]]
    # Content of the edit field: the saved text, or text that was submitted and refused.
    text: str
    typed: bool
    url: str
    delete_url: str
    changes: bool
    deletes: bool


@dataclass(frozen=True)
class CommentThread:
    """The comments on a picture; `people` are those who can be mentioned, `typed` is a comment that was refused."""

    lines: list[CommentRow]
    earlier_url: str
    latest_url: str
    url: str
    writes: bool
    people: list[Mentionable]
    typed: str
    longest: int = MAX_COMMENT_LENGTH


def comment_thread(request: HttpRequest, row: Generation, user: User, role: str | None) -> CommentThread | None:
    """Return the thread; None when the generation cannot be commented on (see `is_commentable`)."""
    if not is_commentable(row):
        return None
    earlier = parse_uuid(request.GET.get("earlier", ""))
    page = comments_page(row, earlier)
    people = mentionable_people(row, MAX_SUGGESTED)
    url = reverse("comment", args=[row.id])
    writes = allows(role, Verb.COMMENT)
    return CommentThread(
        lines=[
            _line(request, one, row, people, (may_change_comment(role, user, one), may_delete_comment(role, user, one)))
            for one in reversed(page.rows)
        ],
        earlier_url=f"/g/{row.id}/?earlier={page.older}#comments" if page.older else "",
        latest_url=f"/g/{row.id}/#comments" if earlier else "",
        url=url,
        writes=writes,
        people=[one for one in people if one.user != user.pk] if writes else [],
        typed=refused_text(request, url),
    )


def _line(
    request: HttpRequest, one: Comment, row: Generation, people: list[Mentionable], may: tuple[bool, bool]
) -> CommentRow:
    url = reverse("change_comment", args=[row.id, one.id])
    typed = refused_text(request, url)
    changes, deletes = may
    return CommentRow(
        id=str(one.id),
        author=name_in(one, "author"),
        initials=one.author.initials if one.author else "",
        when=day_and_clock(one.created_at),
        edited=one.edited_at is not None,
        parts=parts(one.text, people),
        text=typed or one.text,
        typed=bool(typed),
        url=url,
        delete_url=reverse("delete_comment", args=[row.id, one.id]),
        changes=changes,
        deletes=deletes,
    )
