"""Activity and notifications as rows of a list: who did what, when, and to which pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from generations.models import (
    ApprovalRequest,
    Generation,
    NotificationKind,
    RequestState,
    Team,
    User,
    format_estimate,
    name_in,
)
from generations.queries.activity.activity import ActivityGroup
from generations.queries.activity.notifications import NotificationGroup
from generations.queries.spending.limit_alerts import headline, sentence
from generations.views.cards.cards import image_of
from generations.views.site.formatting import clock, day_name, pictures, shortened, since

# One row of thumbnails; if there are more pictures, the last place shows how many.
MAX_SHOWN = 6


@dataclass(frozen=True)
class ActivityImage:
    url: str
    src: str
    alt: str
    placeholder: str


@dataclass(frozen=True)
class ActivityRow:
    id: str
    kind: str
    who: str
    initials: str
    when: str
    count: int
    # Such as `a picture` or `3 pictures`.
    what: str
    pictures: list[ActivityImage]
    more: int
    collection: str
    collection_url: str
    comment: str
    comment_url: str


@dataclass(frozen=True)
class ActivityDay:
    name: str
    activities: list[ActivityRow]


@dataclass(frozen=True)
class Notice:
    """The text of a notification about a limit or an approval request."""

    headline: str
    sentence: str
    icon: str


@dataclass(frozen=True)
class NotificationRow:
    id: str
    kind: str
    unread: bool
    team: str
    when: str
    activity: ActivityRow | None
    text: Notice | None


def by_day(groups: Sequence[ActivityGroup], team: Team) -> list[ActivityDay]:
    days = groupby(groups, lambda group: group.day)
    return [
        ActivityDay(day_name(day), [activity_text(one, team.slug, clock(one.at)) for one in of]) for day, of in days
    ]


def notification_rows(rows: Sequence[NotificationGroup], reader: User) -> list[NotificationRow]:
    return [
        NotificationRow(
            id=str(one.id),
            kind=one.kind,
            unread=one.unread,
            team=one.team,
            when=since(one.at),
            activity=activity_text(one.activity, "", since(one.at)) if one.activity else None,
            text=_of_limit_or_order(one, reader),
        )
        for one in rows
    ]


def _of_limit_or_order(one: NotificationGroup, reader: User) -> Notice | None:
    if one.alert:
        return Notice(headline(one.alert, reader), sentence(one.alert, reader), "gauge")
    if one.request is None:
        return None
    order = f"{pictures(len(one.request.cells))}, {format_estimate(one.request.estimate)}"
    if one.kind == NotificationKind.DECIDED:
        note = f"“{one.request.note}”" if one.request.note else ""
        return Notice(f"{_decided(one.request)}: your order of {order}", note, "hourglass")
    asks = f"{one.request.requested_by.display_name} asks for {order}"
    return Notice(asks, _waits_or(one.request), "hourglass")


def _waits_or(request: ApprovalRequest) -> str:
    waits = request.state == RequestState.PENDING
    return "It waits until a manager decides; nothing is charged before that." if waits else f"{_decided(request)}."


def _decided(request: ApprovalRequest) -> str:
    """Return the decision and who made it, such as `Refused by Mona`; a withdrawal names nobody."""
    by = name_in(request, "decided_by")
    return "Withdrawn" if request.state == RequestState.WITHDRAWN else f"{request.state.capitalize()} by {by}"


def activity_text(group: ActivityGroup, slug: str, when: str) -> ActivityRow:
    count = len(group.generations)
    places = MAX_SHOWN if count <= MAX_SHOWN else MAX_SHOWN - 1
    first = group.generations[0] if group.generations else None
    return ActivityRow(
        id=str(group.id),
        kind=group.kind,
        who=f"{group.who[0].upper()}{group.who[1:]}",
        initials=group.actor.initials if group.actor else "",
        when=when,
        count=count,
        what="a picture" if count == 1 else pictures(count),
        pictures=[_picture(row) for row in group.generations[:places]],
        more=max(0, count - places),
        collection=group.collection.name if group.collection else "",
        collection_url=reverse("collection", args=[slug, group.collection.pk]) if group.collection and slug else "",
        comment=group.excerpt,
        comment_url=f"/g/{first.id}/#comments" if first else "",
    )


def _picture(row: Generation) -> ActivityImage:
    image = image_of(row)
    return ActivityImage(
        url=f"/g/{row.id}/",
        src=f"/g/{row.id}/thumb/320.webp" if image else "",
        alt=f"AI-generated image: {shortened(row.prompt, 80)}",
        placeholder=image.placeholder if image else "",
    )
