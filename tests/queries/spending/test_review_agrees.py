"""Review totals: every figure is the sum over the ledger to its last digit.

By every grouping, for every period and person, over random histories, in time zones whose clocks change; and the same
before and after days are rolled up.
"""

import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import ledger
from generations.models import (
    SPENT,
    CollectionItem,
    Generation,
    LedgerEntry,
    SpendingDay,
    SpendingWatermark,
    State,
    Tagging,
    User,
    uuid7_time,
)
from generations.queries.spending.review import (
    COUNTED_TWICE,
    DIMENSIONS,
    KEEP_RATE_DIMENSIONS,
    Period,
    Scope,
    by_day,
    entries,
    keep_rate,
    month_around,
    spent_by,
    sum_of_entries,
    totals,
)
from generations.services.spending.sign_off import sign_off
from tests.factories import make_team
from tests.queries.spending.histories import History

pytestmark = pytest.mark.django_db
STEPS = 45
# Clocks change in these months: at night, at midnight, by half an hour, and not at all.
ZONES = {
    "Europe/Berlin": datetime(2026, 10, 20, tzinfo=UTC),
    "America/Havana": datetime(2026, 10, 25, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 9, 25, tzinfo=UTC),
    "UTC": datetime(2026, 2, 20, tzinfo=UTC),
}
# At each commit the two hardest: a midnight that does not exist, on PostgreSQL, and half an hour, on SQLite.
EACH_COMMIT = {"America/Havana": [pytest.mark.sqlite_nightly], "Australia/Lord_Howe": []}
# For each zone; `HISTORIES=8 make test k=review` runs more of them.
SEEDS = range(int(os.environ.get("HISTORIES", "1")))


CASES = [
    pytest.param((zone, seed), id=f"{zone}-{seed}", marks=EACH_COMMIT.get(zone, [pytest.mark.nightly]))
    for zone in ZONES
    for seed in SEEDS
]


@pytest.fixture(params=CASES)
def history(request, settings):
    zone, seed = request.param
    settings.TIME_ZONE = zone
    first = ZONES[zone]
    team, other = make_team(), make_team("Other", "other")
    for whose, number in ((other, 1000 + seed), (team, seed)):
        history = History(whose, number, first=first, last=first + timedelta(days=21))
        history.live(STEPS)
    return history


class Oracle:
    """The rows themselves, added up one by one."""

    def __init__(self, team):
        self.rows = list(
            LedgerEntry.objects.filter(team=team, kind__in=SPENT).select_related("generation").order_by("id")
        )
        self.places = {
            "collection": _several(CollectionItem.objects.values_list("generation", "collection")),
            "tag": _several(Tagging.objects.values_list("generation", "tag__name")),
        }

    def inside(self, period, person=None):
        return [
            row for row in self.rows
            if period.since <= uuid7_time(row.id) < period.until
            and (person is None or (row.generation and row.generation.author_id == person.pk))
        ]  # fmt: skip

    def keys(self, row, by):
        if by == "day":
            return [timezone.localdate(uuid7_time(row.id)).isoformat()]
        if by in self.places:
            return self.places[by].get(row.generation_id) or [""]
        if row.generation is None:
            return [""]
        found = {
            "person": row.generation.author_id or row.generation.former_author,
            "size": row.generation.size, "speed": row.generation.speed,
            "prompt_group": row.generation.prompt_group, "outcome": row.generation.state,
            "cost_centre": row.generation.cost_centre,
        }[by]  # fmt: skip
        return ["" if found is None else {"queued": "waiting", "running": "waiting"}.get(str(found), str(found))]

    def sums(self, rows, by):
        found = defaultdict(Decimal)
        for row in rows:
            for key in self.keys(row, by):
                found[key] -= row.amount
        return dict(found)


def _several(pairs):
    found = defaultdict(list)
    for generation, key in pairs:
        found[generation].append(str(key))
    return found


def periods(history):
    """Return whole months, days around each border, and the whole time."""
    first, last = timezone.localdate(history.first), timezone.localdate(history.last)
    border = last.replace(day=1)
    return [
        Period(first, last), month_around(first), month_around(last), Period(border, border),
        Period(border - timedelta(days=1), border - timedelta(days=1)), Period(first + timedelta(days=4), border),
    ]  # fmt: skip


def check(history):
    oracle = Oracle(history.team)
    whole = Scope(history.team)
    scopes = [whole, *(Scope(history.team, person) for person in history.people)]
    for period in periods(history):
        for scope in scopes:
            rows = oracle.inside(period, scope.person)
            check_one(oracle, rows, scope, period)
        assert sum(line.spent for line in spent_by(Scope(), period, "team")) == totals(Scope(), period).spent
        spent_by_all = ledger.spent(history.team, period.since, period.until)
        assert spent_by_all == totals(whole, period).spent


def check_one(oracle, rows, scope, period):
    spent = -sum((row.amount for row in rows), Decimal(0))
    found = totals(scope, period)
    assert (found.spent, found.charges) == (spent, sum(row.kind == "charge" for row in rows))
    failed = [row for row in rows if row.generation and row.generation.state == "failed"]
    assert found.failed == -sum(row.amount for row in failed)
    assert found.failed_count == sum(row.kind == "charge" for row in failed)
    assert sum(day.spent for day in by_day(scope, period)) == spent
    for by in DIMENSIONS:
        lines = spent_by(scope, period, by)
        assert sum(line.spent for line in lines) == spent, by
        assert sum(line.charges for line in lines) == found.charges, by
        told = {line.key: line.spent for line in lines if line.key != COUNTED_TWICE and (by != "day" or line.spent)}
        expected = oracle.sums(rows, by)
        assert told == {key: sum_ for key, sum_ in expected.items() if by != "day" or sum_}, by
        for key, sum_ in expected.items():
            assert sum_of_entries(entries(scope, period, by, key)) == sum_, (by, key)
    for by in ("", *KEEP_RATE_DIMENSIONS):
        about = [row for row in rows if row.generation_id]
        assert sum(line.spent for line in keep_rate(scope, period, by)) == -sum(row.amount for row in about)


def test_every_grouping_adds_up_to_the_ledger(history):
    """From the entries, from daily totals, and from daily totals that were rebuilt."""
    assert LedgerEntry.objects.filter(kind__in=SPENT).count() > 10
    check(history)

    ledger.rebuild()
    assert SpendingDay.objects.exists()
    check(history)

    before = rolled()
    SpendingDay.objects.filter(Q(size="") | Q(day__gte=timezone.localdate(history.first) + timedelta(days=9))).delete()

    ledger.rebuild()

    assert rolled() == before != []


def ended(history, moment):
    """Move the end of all finished generations to this moment."""
    Generation.objects.filter(finished_at__isnull=False).update(finished_at=moment)


def test_pictures_that_end_otherwise_after_their_day_was_added_up(history):
    """Failed ones arrive, finished and unknown ones fail; figures come from the entries, then from daily totals."""
    ended(history, timezone.now() - timedelta(days=5))
    ledger.rebuild()
    assert ledger.outdated() == set()
    before = rolled()

    for source, target in (State.FAILED, State.DONE), (State.DONE, State.FAILED), (State.UNKNOWN, State.FAILED):
        untouched = Generation.objects.filter(state=source, finished_at__lt=timezone.now() - timedelta(days=4))
        some = list(untouched.order_by("id").values_list("id", flat=True)[:3])
        Generation.objects.filter(id__in=some).update(state=target, finished_at=timezone.now())
    assert ledger.outdated()
    check(history)
    assert rolled() == before

    SpendingWatermark.objects.update(through=ledger.rolled_through() - timedelta(days=1))
    assert ledger.roll_up() == 1
    ended(history, timezone.now() - timedelta(days=5))
    assert ledger.outdated() == set()
    assert rolled() != before
    check(history)
    after = rolled()
    ledger.rebuild()
    assert rolled() == after


def test_figures_cost_the_same_however_many_days_are_outdated(history):
    ended(history, timezone.now() - timedelta(days=5))
    ledger.rebuild()
    period = Period(timezone.localdate(history.first), timezone.localdate(history.last))

    def cost():
        with CaptureQueriesContext(connection) as asked:
            totals(Scope(history.team), period)
        return len(ledger.outdated()), len(asked)

    charged = LedgerEntry.objects.filter(kind="charge", generation__isnull=False).first()
    Generation.objects.filter(pk=charged.generation_id).update(finished_at=timezone.now())
    few, cost_of_few = cost()
    ended(history, timezone.now())
    many, cost_of_many = cost()

    assert 0 < few < many
    assert cost_of_many == cost_of_few


def test_failures_of_days_that_are_over_are_read_from_their_sums(history):
    """Control of the test above: it does not compare the entries with themselves."""
    ended(history, timezone.now() - timedelta(days=5))
    ledger.rebuild()
    period = Period(timezone.localdate(history.first), timezone.localdate(history.last))
    before = totals(Scope(history.team), period)

    SpendingDay.objects.update(failed=0, failed_charges=1)

    found = totals(Scope(history.team), period)
    lines = SpendingDay.objects.filter(team=history.team, day__gte=period.first, day__lte=period.last).count()
    assert (found.spent, found.failed, found.failed_count) == (before.spent, 0, lines)


def test_figures_are_the_same_when_somebody_has_left_and_a_collection_is_gone(history):
    ledger.rebuild()
    history.somebody_leaves()
    history.collections.pop().delete()

    check(history)
    told = dict(totals_by_day(history))
    ledger.rebuild()
    assert told == dict(totals_by_day(history))


def test_another_time_zone_moves_entries_to_other_days(history, settings):
    ledger.rebuild()
    settings.TIME_ZONE = "Pacific/Kiritimati"

    check(history)
    ledger.roll_up()
    assert ledger.rolled_through()
    check(history)


def test_signed_month_stays_and_the_admin_says_the_same(history, client):
    """The open month goes on: pictures move, estimates of the signed month are corrected."""
    client.force_login(User.objects.create_superuser("root@example.test", "x"))
    month, scope = month_around(timezone.localdate(history.first)), Scope(history.team)
    signed = sign_off(actor=history.people[0], team=history.team, month=month, despite_doubts=True)
    before = {by: spent_by(scope, month, by) for by in ("day", "person", "size", "speed")}
    assert signed.spent == totals(scope, month).spent == said_in_the_admin(client, history.team, month)

    began, history.first = history.first, month.until
    history.live(STEPS)
    history.first = began

    check(history)
    assert {by: spent_by(scope, month, by) for by in before} == before
    signed.refresh_from_db()
    assert signed.spent == totals(scope, month).spent == said_in_the_admin(client, history.team, month)
    for by, lines in signed.statement["by"].items():
        assert sum(Decimal(line["spent"]) for line in lines) == signed.spent, by


def said_in_the_admin(client, team, period):
    page = client.get(f"/admin/generations/ledgerentry/?team={team.slug}&from={period.first}&to={period.last}")
    parts = page.context["cl"].totals.parts
    return -parts["charge"] - parts["adjust"]


def rolled():
    fields = (
        "team", "day", "author", "former_author", "collection", "model", "size", "speed", "spent", "charges",
        "failed", "failed_charges",
    )  # fmt: skip
    return sorted(map(str, SpendingDay.objects.values_list(*fields)))


def totals_by_day(history):
    period = Period(timezone.localdate(history.first), timezone.localdate(history.last))
    return [(line.day, line.spent) for line in by_day(Scope(history.team), period)]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("day", "yesterday"),
        ("person", "x"),
        ("collection", "x"),
        ("outcome", "x"),
        ("colour", "red"),
        ("person", "9" * 30),
    ],
)
def test_key_that_names_nothing_has_no_entries(team, by, key):
    period = Period(date(2026, 1, 1), date(2026, 1, 31))

    assert sum_of_entries(entries(Scope(team), period, by, key)) == 0
    assert not entries(Scope(team), period, by, key).exists()


def test_what_is_no_dimension_is_refused(team):
    with pytest.raises(ValueError, match="'colour'; it is by one of person, day"):
        spent_by(Scope(team), month_around(date(2026, 1, 1)), "colour")
