"""Sums of days that are over, so that a year costs what a month does.

Entries are never changed and are numbered by the time they were written, so the sum of a day that is over is final: it
is made once, and made again it is the same. What is not added up yet is read from the entries themselves.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from generations.models import SPENT, Kind, LedgerEntry, SpendingDay, SpendingMark, Total, first_id_at, time_of

# A transaction that was begun before midnight may still write with an id from before it; clocks of machines differ.
GRACE = timedelta(hours=1)
MOST_AT_ONCE = 400
GROUPS = {
    "author": "generation__author", "collection": "generation__ordered_for", "model": "generation__model",
    "size": "generation__size", "speed": "generation__speed",
}  # fmt: skip


def midnight(day: date) -> datetime:
    """The first moment of a day in the site's time zone."""
    # fold=0: where clocks go back at midnight, a day may begin twice.
    return timezone.make_aware(datetime.combine(day, time.min))


def rolled_through() -> date | None:
    """Every day before this one is added up; None: no day is, or by another time zone's clocks."""
    mark = SpendingMark.objects.filter(pk=1, zone=timezone.get_default_timezone_name()).first()
    return mark.through if mark else None


def roll_up() -> int:
    """Add up the days that are over; how many. May be called at any time, by several at once."""
    over = timezone.localdate(timezone.now() - GRACE)
    done = 0
    while done < MOST_AT_ONCE and _next_day(over):
        done += 1
    return done


@transaction.atomic
def rebuild() -> int:
    """Make every day again from the entries; how many days. In one step: a mark without its days would be a gap."""
    SpendingMark.objects.filter(pk=1).delete()
    done = 0
    while more := roll_up():
        done += more
    return done


def sums_of_entries(rows: "QuerySet[LedgerEntry]", *groups: str) -> "QuerySet[LedgerEntry, dict[str, Any]]":
    """What entries add up to, by some of GROUPS and `team`: the `total`, signed as the ledger is, so what was spent is
    negative, and how many `charges`."""
    grouped: QuerySet[LedgerEntry, dict[str, Any]] = (
        rows.order_by()
        .values(*(GROUPS.get(name, name) for name in groups))
        .annotate(total=Total("amount"), charges=Count("id", Q(kind=Kind.CHARGE)))
    )
    return grouped


@transaction.atomic
def _next_day(over: date) -> bool:
    """Add up the first day that is not, if it lies before `over`.

    The mark is held while it is done: two sweepers take turns, and the second one finds the day done.
    """
    zone = timezone.get_default_timezone_name()
    mark = SpendingMark.objects.select_for_update().filter(pk=1).first()
    if mark is None or mark.zone != zone:
        first = LedgerEntry.objects.order_by("id").values_list("id", flat=True).first()
        through = min(over, timezone.localdate(time_of(first))) if first else over
        SpendingDay.objects.all().delete()
        mark, _ = SpendingMark.objects.update_or_create(pk=1, defaults={"through": through, "zone": zone})
    if mark.through >= over:
        return False
    _write(mark.through)
    mark.through += timedelta(days=1)
    mark.save(update_fields=["through"])
    return True


def _write(day: date) -> None:
    ids = {"id__gte": first_id_at(midnight(day)), "id__lt": first_id_at(midnight(day + timedelta(days=1)))}
    rows = sums_of_entries(LedgerEntry.objects.filter(kind__in=SPENT, **ids), "team", *GROUPS)
    SpendingDay.objects.filter(day=day).delete()
    SpendingDay.objects.bulk_create(
        [
            SpendingDay(
                day=day, team_id=row["team"], author_id=row[GROUPS["author"]],
                collection_id=row[GROUPS["collection"]], model=row[GROUPS["model"]] or "",
                size=row[GROUPS["size"]] or "", speed=row[GROUPS["speed"]] or "",
                spent=-row["total"], charges=row["charges"],
            )
            for row in rows
        ],
        batch_size=500,
    )  # fmt: skip
