"""The audit log of one team, with the names that its owners know."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from generations.models import (
    AuditAction,
    AuditEvent,
    Invitation,
    Membership,
    ShareLink,
    Team,
    User,
    former_name,
    name_in,
)
from generations.queries.site.keyset import Cursor, Page, page

PAGE_SIZE = 100
# How the trail names the subject of an event, before its key.
USER, TEAM, INVITATION, LINK = "user ", "team ", "invitation ", "share link "


@dataclass(frozen=True)
class TeamEvent:
    """An event with names; `subject` is what it was about, by name where that is known, else as in the admin's trail.

    `action` is the stored code, `action_name` its name in the reader's language. `generation` or `collection` is what a
    share link shows.
    """

    id: str
    at: datetime
    action: str
    action_name: str
    actor: str
    subject: str
    detail: str
    generation: uuid.UUID | None = None
    collection: uuid.UUID | None = None


def events_of(team: Team) -> "QuerySet[AuditEvent]":
    """Return the events of the team, unordered."""
    return AuditEvent.objects.filter(team=team).select_related("actor")


def events_page(team: Team, cursor: Cursor) -> Page[AuditEvent]:
    """Return a page of the team's events, newest first."""
    return page(events_of(team), cursor, PAGE_SIZE)


def with_names(team: Team, rows: Sequence[AuditEvent]) -> list[TeamEvent]:
    """Return the events with the names of people and things; four queries, however many there are."""
    people = User.objects.in_bulk([int(key) for key in _keys(rows, USER) if key.isdecimal()])
    invitations = Invitation.objects.filter(team=team).in_bulk(_keys(rows, INVITATION))
    links = ShareLink.objects.filter(team=team).select_related("collection").in_bulk(_keys(rows, LINK))
    inside = _members(team, [row.actor for row in rows if row.actor])
    found = []
    for row in rows:
        kind, key = row.subject.rpartition(" ")[::2]
        link = links.get(uuid.UUID(key)) if f"{kind} " == LINK else None
        subject = row.subject
        if f"{kind} " == USER and key.isdecimal():
            subject = people[int(key)].display_name if int(key) in people else former_name(key)
        elif f"{kind} " == INVITATION and (invitation := invitations.get(uuid.UUID(key))):
            subject = invitation.email or subject
        elif f"{kind} " == TEAM:
            subject = team.name
        elif link is not None:
            subject = link.collection.name if link.collection else _("a picture")
        found.append(
            TeamEvent(
                str(row.pk), row.at, row.action, _action_name(row.action), _actor(row, inside), subject, row.detail,
                link.generation_id if link else None, link.collection_id if link else None,
            )
        )  # fmt: skip
    return found


def _action_name(action: str) -> str:
    """Return the name of an action; one of an older release is shown as it was stored."""
    return str(AuditAction(action).label) if action in AuditAction.values else action


def _keys(rows: Sequence[AuditEvent], kind: str) -> list[str]:
    return [row.subject.removeprefix(kind) for row in rows if row.subject.startswith(kind)]


def _members(team: Team, actors: Iterable[User]) -> set[int]:
    those = {actor.pk for actor in actors if actor.is_superuser}
    return set(Membership.objects.filter(team=team, user__in=those).values_list("user", flat=True)) if those else set()


def _actor(row: AuditEvent, inside: set[int]) -> str:
    """Name the actor; a superuser from outside of the team is not named to its owners."""
    if row.actor is not None and row.actor.is_superuser and row.actor.pk not in inside:
        return _("a site admin")
    return name_in(row, "actor", _("the site"))
