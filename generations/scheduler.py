"""The order in which queued pictures are sent: round-robin between teams and between the users of a team.

Within a user of a team it is first in, first out. Nothing is stored for it: an attempt is a turn, and the team or user
without one for longest is next. The places that pages show and the pictures that workers take come from one function.
"""

import uuid
from collections import deque
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import count, islice

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from generations.models import Attempt, AttemptState, Generation, State, Team, User, uuid7

# A user without one of the latest turns counts as new; new ones are served in the order of their oldest pictures.
REMEMBERED_TURNS = 200
MAX_PLACES = 200
# The ids of a team and of an author, who is None once they are deleted.
Owner = tuple[int, int | None]


def due() -> "QuerySet[Generation]":
    """Return the queued pictures whose time has come."""
    return Generation.objects.filter(state=State.QUEUED, available_at__lte=Now())


def next_up(most: int) -> list[uuid.UUID]:
    """Return the ids of the pictures that are sent next, at most so many, in this order; none that is not due yet."""
    return list(islice(_turns(_queues(most)), most))


def sent_before(team: Team, author: User, number: int) -> int:
    """Return how many due pictures are sent before the last of `number` new ones, which do not count.

    At most MAX_PLACES pictures of each user are looked at.
    """
    queues = _queues(MAX_PLACES)
    new = [uuid7() for _ in range(number)]
    queues.setdefault((team.pk, author.pk), deque()).extend(new)
    return list(_turns(queues)).index(new[-1]) - (number - 1)


def least_tried(rows: "QuerySet[Generation]") -> list[uuid.UUID]:
    """Return the id of the picture with the fewest attempts, which probes a provider that is paused; or nothing.

    The one that was refused last would be tried again and again, although the cause may be in it alone.
    """
    return list(rows.annotate(tried=Count("attempts")).order_by("tried", "id").values_list("id", flat=True)[:1])


def _queues(most: int) -> dict[Owner, deque[uuid.UUID]]:
    """Return the first `most` due pictures of each user in each team, oldest first."""
    rank = Window(RowNumber(), partition_by=[F("team"), F("author")], order_by=F("id").asc())
    rows = due().annotate(rank=rank).filter(rank__lte=most).order_by("id")
    queues: dict[Owner, deque[uuid.UUID]] = {}
    for id_, team, author in rows.values_list("id", "team", "author"):
        queues.setdefault((team, author), deque()).append(id_)
    return queues


def _turns(queues: dict[Owner, deque[uuid.UUID]]) -> Iterator[uuid.UUID]:
    """Yield the ids in the order of the turns, and empty the queues."""
    turns = _latest_turns() if len(queues) > 1 else {}
    users: dict[int, list[tuple[int, uuid.UUID, Owner]]] = {}
    for owner, ids in queues.items():
        users.setdefault(owner[0], []).append((turns.get(owner, 0), ids[0], owner))
    # The id decides between those who never had a turn.
    teams = [(turns.get(team, 0), min(one[1] for one in waiting), team) for team, waiting in users.items()]
    heapify(teams)
    for waiting in users.values():
        heapify(waiting)
    for turn in count(REMEMBERED_TURNS + 1):
        if not teams:
            return
        team = heappop(teams)[2]
        owner = heappop(users[team])[2]
        ids = queues[owner]
        yield ids.popleft()
        if ids:
            heappush(users[team], (turn, ids[0], owner))
        if users[team]:
            heappush(teams, (turn, users[team][0][1], team))


def _latest_turns() -> dict[Owner | int, int]:
    """Return the latest turn of teams (by id) and of users in a team, from 1; the greatest number is the latest."""
    sent = Attempt.objects.exclude(state=AttemptState.RELEASED).order_by("-id")
    owners = sent.values_list("generation__team", "generation__author")[:REMEMBERED_TURNS]
    latest: dict[Owner | int, int] = {}
    for back, owner in enumerate(owners):
        for who in (owner[0], owner):
            latest.setdefault(who, REMEMBERED_TURNS - back)
    return latest
