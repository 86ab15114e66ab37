"""The ledger's own functions: signs, causes that count once, and the sums."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations import ledger
from generations.errors import OverLimit
from generations.models import Attempt, AttemptState, Budget, EntryType, Generation, LedgerEntry, uuid7_at
from generations.pipeline.charges import record_charge
from generations.services.orders.submit import GenerationRequest, submit
from tests.factories import clean_values, make_team, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CENT = Decimal("0.01")


@pytest.fixture
def picture(alice, team):
    return order(alice, team)[0]


@pytest.fixture
def attempt(picture):
    return sent(picture)


def sent(picture, n=1, **more):
    fields = {"state": AttemptState.SENT, "estimate": picture.estimate, "sent_at": timezone.now(), **more}
    return Attempt.objects.create(generation=picture, number=n, **fields)


def amounts(**which):
    return [(row.kind, row.amount) for row in LedgerEntry.objects.filter(**which).order_by("id")]


# --- holds and releases -------------------------------------------------------------------------------------------


def test_order_holds_the_estimate_of_each_picture(alice, team):
    rows = order(alice, team, count=3)

    entries = LedgerEntry.objects.order_by("id")
    assert [(row.kind, row.amount, row.generation, row.actor, row.team) for row in entries] == [
        (EntryType.HOLD, -row.estimate, row, alice, team) for row in rows
    ]
    assert all(row.estimated and row.attempt is None for row in entries)
    assert ledger.held(team) == sum(row.estimate for row in rows) > 0


def test_hold_of_nothing_is_nothing(alice):
    ledger.hold([], actor=alice)

    assert not LedgerEntry.objects.exists()


def test_hold_is_placed_once_for_each_number(alice, picture):
    ledger.hold([picture], actor=alice)
    picture.hold_count = 2
    ledger.hold([picture], actor=alice)

    assert list(LedgerEntry.objects.order_by("id").values_list("idempotency_key", flat=True)) == [
        f"hold:{picture.id}:1",
        f"hold:{picture.id}:2",
    ]


def test_release_gives_back_what_was_held_once(alice, team, picture):
    Generation.objects.update(estimate=7)  # an estimate that was changed since has no part in it

    for _ in range(2):
        ledger.release(picture.id, 1, actor=alice)

    assert amounts() == [(EntryType.HOLD, -picture.estimate), (EntryType.RELEASE, picture.estimate)]
    assert ledger.held(team) == ledger.balance(team) == 0


def test_release_of_a_hold_that_was_never_placed_is_nothing(team, picture):
    ledger.release(picture.id, 2)
    ledger.release(uuid.uuid4(), 1)

    assert amounts(kind=EntryType.RELEASE) == []
    assert ledger.held(team) == picture.estimate


# --- charges, adjustments, top-ups --------------------------------------------------------------------------------


def test_charge_is_booked_once_and_in_the_name_of_who_ordered(alice, bob, team, attempt):
    first = ledger.charge(attempt, CENT, estimated=False, note="why")
    again = ledger.charge(attempt, CENT, estimated=True, actor=bob)

    assert (first, again) == (True, False)
    (entry,) = LedgerEntry.objects.filter(kind=EntryType.CHARGE)
    assert (entry.amount, entry.actor, entry.estimated, entry.note) == (-CENT, alice, False, "why")
    assert (entry.team, entry.generation, entry.attempt) == (team, attempt.generation, attempt)


def test_another_figure_for_a_booked_cause_is_logged_and_not_booked(attempt, caplog):
    ledger.charge(attempt, CENT, estimated=False)
    ledger.charge(attempt, CENT, estimated=False)
    assert caplog.messages == []

    ledger.charge(attempt, 2 * CENT, estimated=False)

    assert amounts(kind=EntryType.CHARGE) == [(EntryType.CHARGE, -CENT)]
    assert caplog.messages == [
        f"charge:{attempt.id} is booked with -0.0100000000; another figure came for it: -0.0200000000"
    ]


def test_figure_with_more_places_than_the_books_is_the_same_figure(attempt, caplog):
    exact = Decimal("0.012345678949999")

    for _ in range(2):
        ledger.charge(attempt, exact, estimated=True)

    assert amounts(kind=EntryType.CHARGE) == [(EntryType.CHARGE, Decimal("-0.0123456789"))]
    assert caplog.messages == []
    assert not ledger.adjust(attempt, exact, estimated=False, note="same")


def test_charge_of_nothing_is_an_entry(team, attempt):
    assert ledger.charge(attempt, Decimal(0), estimated=False)

    assert amounts(kind=EntryType.CHARGE) == [(EntryType.CHARGE, Decimal(0))]


def test_adjustments_are_differences_and_numbered(team, attempt):
    ledger.charge(attempt, 3 * CENT, estimated=True)

    booked = [ledger.adjust(attempt, n * CENT, estimated=False, note="found") for n in (5, 5, 1, 0)]

    entries = LedgerEntry.objects.filter(kind=EntryType.ADJUST).order_by("id")
    assert booked == [True, False, True, True]
    assert [entry.idempotency_key for entry in entries] == [f"adjust:{attempt.id}:{n}" for n in (1, 2, 3)]
    assert [entry.amount for entry in entries] == [-2 * CENT, 4 * CENT, CENT]
    assert ledger.spent(team, timezone.now() - timedelta(hours=1)) == 0


def test_adjustment_to_the_same_figure_is_none_however_the_database_adds(attempt):
    """SQLite's sums are floating-point numbers."""
    figures = [Decimal(text) for text in ("0.0152127097", "0.0152127096", "0.1", "0.3000000001", "0.0000000001")]
    ledger.charge(attempt, figures[0], estimated=True)

    for figure in figures:
        ledger.adjust(attempt, figure, estimated=False, note="found")
        assert not ledger.adjust(attempt, figure, estimated=False, note="found"), figure

    assert LedgerEntry.objects.filter(kind=EntryType.ADJUST, amount=0).count() == 0
    assert LedgerEntry.objects.filter(kind=EntryType.ADJUST).count() == len(figures) - 1


def test_top_up_is_booked_once_for_each_invoice_and_team(alice, team):
    other = make_team("Other", "other")

    booked = [ledger.top_up(whose, Decimal(25), idempotency_key="INV-7", actor=alice) for whose in (team, team, other)]

    assert booked == [True, False, True]
    assert amounts() == [(EntryType.TOP_UP, Decimal(25))] * 2
    assert (ledger.balance(team), ledger.balance(other)) == (25, 25)


def test_balance_is_what_was_given_less_what_is_held_and_spent(alice, team, attempt):
    ledger.top_up(team, Decimal(1), idempotency_key="INV-7", actor=alice)
    estimate = attempt.generation.estimate
    assert ledger.balance(team) == 1 - estimate

    record_charge(attempt, CENT, estimated=False)

    assert ledger.balance(team) == 1 - CENT


# --- sums -----------------------------------------------------------------------------------------------------------


def test_spent_is_of_one_team_and_from_a_moment_to_just_before_another(charlie, team, attempt):
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    entry_at(attempt, noon - timedelta(milliseconds=1), CENT)
    entry_at(attempt, noon, 2 * CENT)
    entry_at(attempt, noon + timedelta(hours=1), 4 * CENT)
    stranger = order(charlie, charlie.teams.get())[0]
    entry_at(sent(stranger), noon, 8 * CENT)

    assert ledger.spent(team, noon) == 6 * CENT
    assert ledger.spent(team, noon, noon + timedelta(hours=1)) == 2 * CENT
    assert ledger.spent(team, noon - timedelta(days=1), noon) == CENT
    assert ledger.spent(team, noon + timedelta(days=1)) == 0


def test_estimates_count_and_are_told_apart(team, attempt):
    record_charge(attempt, 3 * CENT, estimated=True)
    flagged = LedgerEntry.objects.get(kind=EntryType.CHARGE).estimated

    record_charge(attempt, 2 * CENT, estimated=False, mend=True, note="its answer came")

    entries = LedgerEntry.objects.filter(kind__in=[EntryType.CHARGE, EntryType.ADJUST]).order_by("id")
    assert flagged
    assert [(entry.amount, entry.estimated) for entry in entries] == [(-3 * CENT, True), (CENT, False)]
    assert ledger.spent(team, timezone.now() - timedelta(hours=1)) == 2 * CENT
    assert Generation.objects.values_list("cost", "cost_estimated").get() == (2 * CENT, False)


def entry_at(attempt, moment, cost):
    LedgerEntry.objects.create(
        id=uuid7_at(moment), team=attempt.generation.team, kind=EntryType.CHARGE, amount=-cost, attempt=attempt,
        idempotency_key=f"test:{moment}:{attempt.id}", generation=attempt.generation,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "moment", "first", "after"),
    [
        ("UTC", "2026-12-31T23:59:59.999", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("UTC", "2028-02-29T12:00", "2028-02-01T00:00", "2028-03-01T00:00"),
        # Summer time begins on 29 March: the month is an hour shorter, and both its ends are local midnights.
        ("Europe/Berlin", "2026-03-31T21:59", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("Europe/Berlin", "2026-03-31T22:00", "2026-03-31T22:00", "2026-04-30T22:00"),
        ("Europe/Berlin", "2026-10-31T23:00", "2026-10-31T23:00", "2026-11-30T23:00"),
        ("America/New_York", "2026-11-01T03:59", "2026-10-01T04:00", "2026-11-01T04:00"),
        ("Pacific/Kiritimati", "2026-12-31T10:00", "2026-12-31T10:00", "2027-01-31T10:00"),
        # Clocks go back at 01:00 on 1 November: its first hour comes twice, the month begins with the first of them.
        ("America/Havana", "2026-11-01T05:30", "2026-11-01T04:00", "2026-12-01T05:00"),
        ("America/Havana", "2026-11-01T04:30", "2026-11-01T04:00", "2026-12-01T05:00"),
    ],
)
def test_month_is_the_local_calendars(settings, zone, moment, first, after):
    settings.TIME_ZONE = zone

    found = ledger.month_of(at(moment))

    assert [edge.astimezone(UTC) for edge in found] == [at(first), at(after)]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- the limit ------------------------------------------------------------------------------------------------------


def test_team_without_a_limit_is_not_limited(alice, team):
    Budget.objects.create(team=make_team("Other", "other"), hard=0)

    assert len(order(alice, team, count=8)) == 8


def test_limit_may_be_reached_and_not_passed(alice, team, picture):
    Budget.objects.create(team=team, hard=3 * picture.estimate)

    order(alice, team, count=2)
    with pytest.raises(OverLimit):
        order(alice, team)

    assert Generation.objects.count() == 3
    assert ledger.held(team) == 3 * picture.estimate


def test_refusal_addresses_its_reader(alice, bob, team):
    Budget.objects.create(team=team, person=bob, hard=0, span="day")
    order_of_bob = GenerationRequest(clean_values(), 1)

    with pytest.raises(OverLimit) as of_bob:
        submit(actor=bob, team=team, order=order_of_bob)
    with pytest.raises(OverLimit) as of_alice:
        submit(actor=bob, team=team, order=order_of_bob, reader=alice)

    said = (
        "This request needs about $0.0152, but none of {} daily limit ($0.00) is left. It resets at midnight. "
        "An owner (Alice) can raise it."
    )
    assert (of_bob.value.message, of_alice.value.message) == (said.format("your"), said.format("Bob's"))


def test_order_over_the_limit_leaves_no_part_of_itself(alice, team, picture):
    Budget.objects.create(team=team, hard=3 * picture.estimate)

    with pytest.raises(OverLimit):
        order(alice, team, count=3)

    assert list(Generation.objects.all()) == [picture]
    assert LedgerEntry.objects.count() == 1


def test_limit_counts_this_months_charges_and_every_hold(alice, team, attempt):
    limit = Budget.objects.create(team=team, hard=1)
    record_charge(attempt, Decimal("0.6"), estimated=False)
    first, _ = ledger.month_of(timezone.now())
    entry_at(attempt, first - timedelta(milliseconds=1), Decimal(100))
    entry_at(attempt, first, Decimal("0.3"))
    (waiting,) = order(alice, team)

    with pytest.raises(OverLimit) as refused:
        order(alice, team, count=8)

    free = 1 - Decimal("0.9") - waiting.estimate
    needed = (
        f"This request needs about ${8 * waiting.estimate:.4f}, but only ${free:.4f} of the monthly limit of Harbour"
    )
    assert refused.value.message.startswith(needed)
    assert f" ${waiting.estimate:.4f} is reserved for pictures in progress. It resets" in refused.value.message
    limit.hard = 1 + 8 * waiting.estimate - free
    limit.save()
    assert len(order(alice, team, count=8)) == 8
