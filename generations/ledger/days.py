"""Stored sums of past days, so that the sum of a year is as fast as that of a month.

Entries are immutable and their ids hold the time of writing, so the sum of a past day is final and can be rebuilt at
any time. Days that are not summed yet are read from the entries.

The outcome of a picture is not final: one that was given up as lost may arrive, an unknown outcome may turn out to be a
failure. Each such change sets `finished_at`. The days of pictures that ended since the last check are outdated: they
are read from the entries, and rebuilt with the next day.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from generations.models import (
    SPENT,
    EntryType,
    Generation,
    LedgerEntry,
    SpendingDay,
    SpendingWatermark,
    State,
    Total,
    uuid7_min,
    uuid7_time,
)

# A transaction from before midnight may still write with an id from before midnight; clocks of machines differ.
GRACE = timedelta(hours=1)
MAX_AT_ONCE = 400
IDS_AT_ONCE = 500
HAS_FAILED = Q(generation__state=State.FAILED)
GROUPS = {
    "author": "generation__author", "former_author": "generation__former_author",
    "collection": "generation__ordered_for", "model": "generation__model",
    "size": "generation__size", "speed": "generation__speed",
}  # fmt: skip


def midnight(day: date) -> datetime:
    """Return the first moment of a day in the site's time zone."""
    # fold=0: where clocks go back at midnight, a day may begin twice.
    return timezone.make_aware(datetime.combine(day, time.min))


def rolled_through() -> date | None:
    """Return the day before which every day is summed; None when no day is, or only in another time zone."""
    mark = _mark()
    return mark.through if mark else None


def outdated() -> set[date]:
    """Return the summed days, of any team, whose sums of failed pictures may be outdated; mostly none."""
    mark = _mark()
    return _outdated(mark) if mark else set()


def roll_up() -> int:
    """Sum the past days that are not summed; return how many. Safe to call at any time, also concurrently."""
    over = timezone.localdate(timezone.now() - GRACE)
    done = 0
    while done < MAX_AT_ONCE and _next_day(over):
        done += 1
    return done


@transaction.atomic
def rebuild() -> int:
    """Sum every day again from the entries; return how many days. Atomic, since a mark without its days is a gap."""
    SpendingWatermark.objects.filter(pk=1).delete()
    done = 0
    while more := roll_up():
        done += more
    return done


@transaction.atomic
def _next_day(over: date) -> bool:
    """Sum the first day that is not summed; return False if it is not before `over`.

    The mark is locked meanwhile: two sweepers take turns, and the second one finds the day summed.
    """
    zone = timezone.get_default_timezone_name()
    # Taken before anything is read, minus a margin for changes whose transaction is not committed yet.
    outcomes_checked_at = timezone.now() - GRACE
    mark = SpendingWatermark.objects.select_for_update().filter(pk=1).first()
    if mark is None or mark.zone != zone:
        first = LedgerEntry.objects.order_by("id").values_list("id", flat=True).first()
        through = min(over, timezone.localdate(uuid7_time(first))) if first else over
        SpendingDay.objects.all().delete()
        start = {"through": through, "zone": zone, "outcomes_checked_at": outcomes_checked_at}
        mark, _ = SpendingWatermark.objects.update_or_create(pk=1, defaults=start)
    if mark.through >= over:
        return False
    days = {mark.through}
    # After a gap of many days only the last one rebuilds outdated days; until then these are read from entries.
    if mark.through + timedelta(days=1) == over:
        days |= _outdated(mark)
        mark.outcomes_checked_at = outcomes_checked_at
    for day in days:
        _write(day)
    mark.through += timedelta(days=1)
    mark.save(update_fields=["through", "outcomes_checked_at"])
    return True


def _mark() -> SpendingWatermark | None:
    zone = timezone.get_default_timezone_name()
    return SpendingWatermark.objects.filter(pk=1, zone=zone).first()


def _outdated(mark: SpendingWatermark) -> set[date]:
    """Return the outdated days, found from the few pictures that ended to their entries.

    A picture is created before it is charged, so pictures created after the last summed day are left out.
    """
    border = uuid7_min(midnight(mark.through))
    late = Generation.objects.filter(finished_at__gte=mark.outcomes_checked_at, id__lt=border)
    ids = list(late.order_by("finished_at").values_list("id", flat=True))
    found: set[date] = set()
    for start in range(0, len(ids), IDS_AT_ONCE):
        rows = LedgerEntry.objects.filter(generation__in=ids[start : start + IDS_AT_ONCE]).values_list("id", "kind")
        found |= {timezone.localdate(uuid7_time(id_)) for id_, kind in rows if kind in SPENT and id_ < border}
    return found


def _write(day: date) -> None:
    ids = {"id__gte": uuid7_min(midnight(day)), "id__lt": uuid7_min(midnight(day + timedelta(days=1)))}
    # The totals are signed as the ledger is: money spent is negative.
    rows = (
        LedgerEntry.objects.filter(kind__in=SPENT, **ids)
        .order_by()
        .values("team", *GROUPS.values())
        .annotate(
            total=Total("amount"),
            charges=Count("id", Q(kind=EntryType.CHARGE)),
            failed=Total("amount", filter=HAS_FAILED),
            failed_charges=Count("id", HAS_FAILED & Q(kind=EntryType.CHARGE)),
        )
    )
    SpendingDay.objects.filter(day=day).delete()
    SpendingDay.objects.bulk_create(
        [
            SpendingDay(
                day=day, team_id=row["team"], author_id=row[GROUPS["author"]],
                former_author=row[GROUPS["former_author"]],
                collection_id=row[GROUPS["collection"]], model=row[GROUPS["model"]] or "",
                size=row[GROUPS["size"]] or "", speed=row[GROUPS["speed"]] or "",
                spent=-row["total"], charges=row["charges"], failed=-row["failed"],
                failed_charges=row["failed_charges"],
            )
            for row in rows
        ],
        batch_size=500,
    )  # fmt: skip
