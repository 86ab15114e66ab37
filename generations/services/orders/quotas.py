"""Quotas: how many pictures one user may have in progress, and generate within a minute."""

import math
import uuid
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import ngettext

from generations.errors import TooManyWaiting
from generations.models import (
    Attempt,
    AttemptState,
    EntryType,
    Generation,
    LedgerEntry,
    Team,
    User,
    uuid7_min,
    uuid7_time,
)  # fmt: skip

# MAX_IN_FLIGHT applies to each user over all teams, so that a runaway script cannot fill the queue and run up costs.
# MAX_PER_MINUTE is the highest value a team can set.
MAX_IN_FLIGHT = 200
MAX_PER_MINUTE = 1_000
MINUTE = timedelta(minutes=1)


def lock(user: User) -> None:
    """Lock the user until the transaction ends, so that simultaneous requests of one user are counted in turn.

    The lock leaves the key free (FOR NO KEY UPDATE), because other transactions write rows that refer to the user.
    SQLite has no such lock and needs none: there a transaction begins with the right to write.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def require(*, actor: User, team: Team, count: int, approved: bool) -> None:
    """Reject `count` more pictures that exceed a quota; call after `lock`. Raises TooManyWaiting.

    Requests that a manager approved keep to the site's quota alone, because a large request would otherwise never fit.
    """
    _require_of_site(actor, count)
    if approved:
        return
    # Read again, because the team's quotas may have changed since the request began.
    limits = Team.objects.filter(pk=team.pk).values_list("person_in_flight", "person_per_minute")
    in_flight, per_minute = limits.first() or (None, None)
    if in_flight is not None:
        _require_in_flight(actor, team, count, in_flight)
    if per_minute is not None:
        _require_pace(actor, team, count, per_minute)


def _require_of_site(actor: User, count: int) -> None:
    waiting = _in_progress(actor)[:MAX_IN_FLIGHT].count()
    if waiting + count > MAX_IN_FLIGHT:
        text = ngettext(
            "You already have %(count)s picture in progress (the maximum is %(most)s). Wait for some to finish, or "
            "cancel some that are queued.",
            "You already have %(count)s pictures in progress (the maximum is %(most)s). Wait for some to finish, "
            "or cancel some that are queued.",
            waiting,
        )
        raise TooManyWaiting(text % {"count": waiting, "most": MAX_IN_FLIGHT})


def _require_in_flight(actor: User, team: Team, count: int, most: int) -> None:
    if count > most:
        text = ngettext(
            "You asked for %(count)s picture; %(team)s allows %(most)s in progress per person. Select fewer.",
            "You asked for %(count)s pictures; %(team)s allows %(most)s in progress per person. Select fewer.",
            count,
        )
        raise TooManyWaiting(text % {"count": count, "team": team.name, "most": most})
    waiting = _in_progress(actor).filter(team=team)[:MAX_IN_FLIGHT].count()
    if waiting + count > most:
        text = ngettext(
            "You have %(count)s picture in progress; %(team)s allows %(most)s per person. Wait for some to finish, "
            "or cancel some that are queued.",
            "You have %(count)s pictures in progress; %(team)s allows %(most)s per person. Wait for some to "
            "finish, or cancel some that are queued.",
            waiting,
        )
        raise TooManyWaiting(text % {"count": waiting, "team": team.name, "most": most})


def _require_pace(actor: User, team: Team, count: int, most: int) -> None:
    if count > most:
        text = ngettext(
            "You asked for %(count)s picture; %(team)s allows %(most)s a minute per person. Select fewer.",
            "You asked for %(count)s pictures; %(team)s allows %(most)s a minute per person. Select fewer.",
            count,
        )
        raise TooManyWaiting(text % {"count": count, "team": team.name, "most": number_format(most)})
    now = timezone.now()
    ordered = _ordered_since(actor, team, uuid7_min(now - MINUTE))
    over = len(ordered) + count - most
    if over <= 0:
        return
    # They fit as soon as `over` of the earlier ones are a minute old.
    until = uuid7_time(ordered[over - 1]) + MINUTE
    seconds = max(1, math.ceil((until - now).total_seconds()))
    generated = ngettext(
        "You generated %(count)s picture in the last minute; %(team)s allows %(most)s a minute per person.",
        "You generated %(count)s pictures in the last minute; %(team)s allows %(most)s a minute per person.",
        len(ordered),
    ) % {"count": len(ordered), "team": team.name, "most": number_format(most)}
    again = ngettext("Try again in %(count)s second.", "Try again in %(count)s seconds.", seconds) % {"count": seconds}
    raise TooManyWaiting(f"{generated} {again}", until=until)


def _in_progress(actor: User) -> "QuerySet[Generation]":
    """Return the user's unfinished pictures, without charged ones that wait for their file, perhaps for hours."""
    charged = Attempt.objects.filter(state=AttemptState.ANSWERED, next_download_at__isnull=False)
    return Generation.objects.waiting().filter(author=actor).exclude(id__in=charged.values("generation"))


def _ordered_since(actor: User, team: Team, first: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of new pictures, and of the holds of second charges the actor accepted; the earliest first."""
    new = Generation.objects.filter(team=team, author=actor, id__gte=first).values_list("id", flat=True)
    holds = LedgerEntry.objects.filter(team=team, actor=actor, kind=EntryType.HOLD, id__gte=first)
    again = holds.exclude(idempotency_key__endswith=":1").filter(generation__isnull=False).values_list("id", flat=True)
    return sorted([*new, *again])
