"""Sums of days that are over, so that a year costs what a month does.

Entries are never changed and are numbered by the time they were written, so the sum of a day that is over is final: it
is made once, and made again it is the same. What is not added up yet is read from the entries themselves.

What became of a picture is not final: one that was given up as lost may come, a doubt may turn out to have failed. Each
such change sets the time of its end. So the days of pictures that ended since somebody looked are outdated: they are
read from the entries, and made again with the next day.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from generations.models import (
    SPENT,
    EntryType,
    Generation,
    LedgerEntry,
    SpendingDay,
    SpendingMark,
    State,
    Total,
    uuid7_min,
    uuid7_time,
)

# A transaction that was begun before midnight may still write with an id from before it; clocks of machines differ.
GRACE = timedelta(hours=1)
MAX_AT_ONCE = 400
IDS_AT_ONCE = 500
HAS_FAILED = Q(generation__state=State.FAILED)
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
    mark = _mark()
    return mark.through if mark else None


def outdated() -> set[date]:
    """Days that are added up, of any team, whose sums may not say any more what was charged for pictures that failed.
    Mostly none."""
    mark = _mark()
    return _outdated(mark) if mark else set()


def roll_up() -> int:
    """Add up the days that are over; how many. May be called at any time, by several at once."""
    over = timezone.localdate(timezone.now() - GRACE)
    done = 0
    while done < MAX_AT_ONCE and _next_day(over):
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
    negative, and how many `charges`; the same of pictures that have failed."""
    grouped: QuerySet[LedgerEntry, dict[str, Any]] = (
        rows.order_by()
        .values(*(GROUPS.get(name, name) for name in groups))
        .annotate(
            total=Total("amount"),
            charges=Count("id", Q(kind=EntryType.CHARGE)),
            failed=Total("amount", filter=HAS_FAILED),
            failed_charges=Count("id", HAS_FAILED & Q(kind=EntryType.CHARGE)),
        )
    )
    return grouped


@transaction.atomic
def _next_day(over: date) -> bool:
    """Add up the first day that is not, if it lies before `over`.

    The mark is held while it is done: two sweepers take turns, and the second one finds the day done.
    """
    zone = timezone.get_default_timezone_name()
    # Before anything is read, and with room for an end whose transaction is not committed yet.
    looked_at = timezone.now() - GRACE
    mark = SpendingMark.objects.select_for_update().filter(pk=1).first()
    if mark is None or mark.zone != zone or mark.looked_at is None:
        first = LedgerEntry.objects.order_by("id").values_list("id", flat=True).first()
        through = min(over, timezone.localdate(uuid7_time(first))) if first else over
        SpendingDay.objects.all().delete()
        start = {"through": through, "zone": zone, "looked_at": looked_at}
        mark, _ = SpendingMark.objects.update_or_create(pk=1, defaults=start)
    if mark.through >= over:
        return False
    days = {mark.through}
    # Of many days in a row the last one mends what is outdated; until then it stays so, and is read from entries.
    if mark.through + timedelta(days=1) == over:
        days |= _outdated(mark)
        mark.looked_at = looked_at
    for day in days:
        _write(day)
    mark.through += timedelta(days=1)
    mark.save(update_fields=["through", "looked_at"])
    return True


def _mark() -> SpendingMark | None:
    zone = timezone.get_default_timezone_name()
    return SpendingMark.objects.filter(pk=1, zone=zone, looked_at__isnull=False).first()


def _outdated(mark: SpendingMark) -> set[date]:
    """From the end of few pictures to their entries, whatever a database thinks is shorter: a picture was ordered
    before it was charged, so those that were ordered since the last of these days have nothing in them."""
    border = uuid7_min(midnight(mark.through))
    late = Generation.objects.filter(finished_at__gte=mark.looked_at, id__lt=border)
    ids = list(late.order_by("finished_at").values_list("id", flat=True))
    found: set[date] = set()
    for start in range(0, len(ids), IDS_AT_ONCE):
        rows = LedgerEntry.objects.filter(generation__in=ids[start : start + IDS_AT_ONCE]).values_list("id", "kind")
        found |= {timezone.localdate(uuid7_time(id_)) for id_, kind in rows if kind in SPENT and id_ < border}
    return found


def _write(day: date) -> None:
    ids = {"id__gte": uuid7_min(midnight(day)), "id__lt": uuid7_min(midnight(day + timedelta(days=1)))}
    rows = sums_of_entries(LedgerEntry.objects.filter(kind__in=SPENT, **ids), "team", *GROUPS)
    SpendingDay.objects.filter(day=day).delete()
    SpendingDay.objects.bulk_create(
        [
            SpendingDay(
                day=day, team_id=row["team"], author_id=row[GROUPS["author"]],
                collection_id=row[GROUPS["collection"]], model=row[GROUPS["model"]] or "",
                size=row[GROUPS["size"]] or "", speed=row[GROUPS["speed"]] or "",
                spent=-row["total"], charges=row["charges"], failed=-row["failed"],
                failed_charges=row["failed_charges"],
            )
            for row in rows
        ],
        batch_size=500,
    )  # fmt: skip
