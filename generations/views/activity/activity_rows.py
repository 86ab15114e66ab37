"""Activity and notifications as rows of a list: who did what, when, and to which pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.models import (
    ApprovalRequest,
    Generation,
    NotificationKind,
    Report,
    RequestState,
    Team,
    User,
    format_estimate,
    name_in,
)
from generations.queries.activity.activity import ActivityGroup, excerpt
from generations.queries.activity.notifications import NotificationGroup
from generations.queries.spending.limit_alerts import headline, sentence
from generations.views.cards.cards import image_of
from generations.views.site.formatting import TimeText, day_and_clock, day_name, number, shortened, time_text

# One row of thumbnails; the rest opens below it.
MAX_SHOWN = 6
MAX_PROMPTS, MAX_PROMPT_LENGTH = 3, 160
MAX_COMMENTS = 3


@dataclass(frozen=True)
class ActivityImage:
    url: str
    src: str
    alt: str
    placeholder: str


@dataclass(frozen=True)
class ActivityLink:
    """A prompt or the beginning of a comment, which leads to its picture."""

    text: str
    url: str


@dataclass(frozen=True)
class ActivityRow:
    id: str
    kind: str
    who: str
    initials: str
    when: str
    count: int
    pictures: list[ActivityImage]
    rest: list[ActivityImage]
    prompts: list[ActivityLink]
    comments: list[ActivityLink]
    rest_of_comments: list[ActivityLink]
    collection: str
    collection_url: str
    continued: bool

    @property
    def more(self) -> int:
        return len(self.rest_of_comments) or len(self.rest)

    @property
    def comment(self) -> str:
        return self.comments[0].text if self.comments else ""


@dataclass(frozen=True)
class ActivityDay:
    day: TimeText
    activities: list[ActivityRow]


@dataclass(frozen=True)
class Notice:
    """The text of a notification about a limit, an approval request or a report."""

    headline: str
    sentence: str
    icon: str


@dataclass(frozen=True)
class NotificationRow:
    id: str
    kind: str
    # Who did it, or what it is about, to tell the rows apart.
    name: str
    unread: bool
    team: str
    when: str
    activity: ActivityRow | None
    text: Notice | None


def by_day(groups: Sequence[ActivityGroup], team: Team) -> list[ActivityDay]:
    days = groupby(groups, lambda group: group.day)
    return [
        ActivityDay(
            TimeText(day_name(day), day.isoformat()), [activity_text(one, team.slug, time_text(one.at)) for one in of]
        )
        for day, of in days
    ]


def notification_rows(rows: Sequence[NotificationGroup], reader: User) -> list[NotificationRow]:
    return [_notification(one, reader) for one in rows]


def _notification(one: NotificationGroup, reader: User) -> NotificationRow:
    when = day_and_clock(one.at)
    activity = activity_text(one.activity, "", when) if one.activity else None
    text = _of_limit_or_order(one, reader)
    return NotificationRow(
        id=str(one.id),
        kind=one.kind,
        name=activity.who if activity else text.headline if text else "",
        unread=one.unread,
        team=one.team,
        when=when,
        activity=activity,
        text=text,
    )


def _of_limit_or_order(one: NotificationGroup, reader: User) -> Notice | None:
    if one.alert:
        return Notice(headline(one.alert, reader), sentence(one.alert, reader), "gauge")
    if one.report:
        return Notice(_reported(one.report), str(one.report.get_reason_display()), "flag")
    if one.request is None:
        return None
    if one.kind == NotificationKind.DECIDED:
        note = _("“%(text)s”") % {"text": one.request.note} if one.request.note else ""
        return Notice(_decision_on_yours(one.request), note, "hourglass")
    return Notice(_asks(one.request), _waits_or(one.request), "hourglass")


def _reported(report: Report) -> str:
    if report.visitor:
        return _("Someone reported a picture through a share link")
    return _("%(name)s reports a picture") % {"name": name_in(report, "reporter")}


def _asks(request: ApprovalRequest) -> str:
    return ngettext(
        "%(name)s requests approval for %(count)s picture, %(estimate)s",
        "%(name)s requests approval for %(count)s pictures, %(estimate)s",
        len(request.cells),
    ) % {"name": request.requested_by.display_name, **_order(request)}


def _order(request: ApprovalRequest) -> dict[str, str]:
    return {"count": number(len(request.cells)), "estimate": format_estimate(request.estimate)}


def _waits_or(request: ApprovalRequest) -> str:
    by = {"name": name_in(request, "decided_by")}
    if request.state == RequestState.PENDING:
        return _("Nothing is charged until a manager decides.")
    if request.state == RequestState.WITHDRAWN:
        return _("Withdrawn.")
    if request.state == RequestState.APPROVED:
        return _("Approved by %(name)s.") % by
    return _("Declined by %(name)s.") % by


def _decision_on_yours(request: ApprovalRequest) -> str:
    """Return the decision on a request of the reader's own; a withdrawal names nobody."""
    if request.state == RequestState.WITHDRAWN:
        text = ngettext(
            "Your request for %(count)s picture, %(estimate)s, was withdrawn",
            "Your request for %(count)s pictures, %(estimate)s, was withdrawn",
            len(request.cells),
        )
    elif request.state == RequestState.APPROVED:
        text = ngettext(
            "%(name)s approved your request for %(count)s picture, %(estimate)s",
            "%(name)s approved your request for %(count)s pictures, %(estimate)s",
            len(request.cells),
        )
    else:
        text = ngettext(
            "%(name)s declined your request for %(count)s picture, %(estimate)s",
            "%(name)s declined your request for %(count)s pictures, %(estimate)s",
            len(request.cells),
        )
    return text % {"name": name_in(request, "decided_by"), **_order(request)}


def activity_text(group: ActivityGroup, slug: str, when: str) -> ActivityRow:
    pictures = [_picture(row) for row in group.generations]
    comments = [ActivityLink(excerpt(one), f"/g/{one.generation_id}/#comments") for one in group.comments]
    return ActivityRow(
        id=str(group.id),
        kind=group.kind,
        who=f"{group.who[0].upper()}{group.who[1:]}",
        initials=group.actor.initials if group.actor else "",
        when=when,
        count=len(group.comments) or len(pictures),
        pictures=pictures[:MAX_SHOWN],
        rest=pictures[MAX_SHOWN:],
        prompts=[] if group.comments else _prompts(group.generations),
        comments=comments[:MAX_COMMENTS],
        rest_of_comments=comments[MAX_COMMENTS:],
        collection=group.collection.name if group.collection else "",
        collection_url=reverse("collection", args=[slug, group.collection.pk]) if group.collection and slug else "",
        continued=group.continued,
    )


def _prompts(rows: Sequence[Generation]) -> list[ActivityLink]:
    """Return the first prompts, each once, with the newest picture that was made of it."""
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(shortened(row.prompt, MAX_PROMPT_LENGTH), f"/g/{row.id}/")
    return [ActivityLink(*one) for one in islice(found.items(), MAX_PROMPTS)]


def _picture(row: Generation) -> ActivityImage:
    image = image_of(row)
    return ActivityImage(
        url=f"/g/{row.id}/",
        src=f"/g/{row.id}/thumb/320.webp" if image else "",
        alt=_("AI-generated image: %(prompt)s") % {"prompt": shortened(row.prompt, 80)},
        placeholder=image.placeholder if image else "",
    )
