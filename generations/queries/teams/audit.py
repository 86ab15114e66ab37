"""The audit log of one team, with the names that its owners know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from generations.models import AuditEvent, Membership, Team, User, former_name, name_in
from generations.queries.site.keyset import Cursor, Page, page

PAGE_SIZE = 100
SITE = "the site"
SITE_PEOPLE = "somebody who runs this site"
# How the trail names a user as the subject of an event.
USER = "user "


@dataclass(frozen=True)
class TeamEvent:
    """An event with names; `subject` is what it was about, as in the admin's trail, or the name of a person."""

    id: str
    at: datetime
    action: str
    actor: str
    subject: str
    detail: str


def events_of(team: Team) -> "QuerySet[AuditEvent]":
    """Return the events of the team, unordered."""
    return AuditEvent.objects.filter(team=team).select_related("actor")


def events_page(team: Team, cursor: Cursor) -> Page[AuditEvent]:
    """Return a page of the team's events, newest first."""
    return page(events_of(team), cursor, PAGE_SIZE)


def with_names(team: Team, rows: Sequence[AuditEvent]) -> list[TeamEvent]:
    """Return the events with the names of people; two queries, however many there are."""
    subjects = {row.pk: number for row in rows if (number := _number(row.subject)) is not None}
    people = User.objects.in_bulk(set(subjects.values()))
    inside = _members(team, [row.actor for row in rows if row.actor])
    return [
        TeamEvent(
            str(row.pk), row.at, row.action, _actor(row, inside),
            _person(people, subjects[row.pk]) if row.pk in subjects else row.subject, row.detail,
        )
        for row in rows
    ]  # fmt: skip


def _number(subject: str) -> int | None:
    number = subject.removeprefix(USER)
    return int(number) if subject.startswith(USER) and number.isdecimal() else None


def _person(people: dict[int, User], number: int) -> str:
    return people[number].display_name if number in people else former_name(number)


def _members(team: Team, actors: Iterable[User]) -> set[int]:
    those = {actor.pk for actor in actors if actor.is_superuser}
    return set(Membership.objects.filter(team=team, user__in=those).values_list("user", flat=True)) if those else set()


def _actor(row: AuditEvent, inside: set[int]) -> str:
    """Name the actor; a superuser from outside of the team is not named to its owners."""
    if row.actor is not None and row.actor.is_superuser and row.actor.pk not in inside:
        return SITE_PEOPLE
    return name_in(row, "actor", SITE)
