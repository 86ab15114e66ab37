"""What each end of a generation leaves in the books: a charge or none, and an open hold only where there is doubt."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db.models import Sum
from django.utils import timezone

from generations import ledger
from generations.models import (
    HELD,
    SPENT,
    Attempt,
    AttemptState,
    EntryType,
    Generation,
    LedgerEntry,
    State,
    User,
)  # fmt: skip
from generations.pipeline.charges import record_charge
from tests.factories import order
from tests.pipeline import stories

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CENT = Decimal("0.01")
ENDS = [
    # the story, the state it ends in, open holds, charges
    (stories.drawn, State.DONE, 0, 1),
    (stories.refused, State.FAILED, 0, 0),
    (stories.out_of_tries, State.FAILED, 0, 0),
    (stories.waits_for_another_try, State.QUEUED, 1, 0),
    (stories.tried_again, State.DONE, 0, 1),
    (stories.paid_and_no_picture, State.FAILED, 0, 1),
    (stories.cancelled, State.CANCELLED, 0, 0),
    (stories.cancelled_after_a_try, State.CANCELLED, 0, 0),
    (stories.model_gone, State.FAILED, 0, 0),
    (stories.lost, State.UNKNOWN, 1, 0),
    (stories.in_doubt, State.UNKNOWN, 1, 0),
    (stories.answered_late, State.DONE, 0, 1),
    (stories.claimed_and_died, State.QUEUED, 1, 0),
    (stories.lost_disk, State.FAILED, 0, 1),
    (stories.second_charge_accepted, State.QUEUED, 2, 0),
    (stories.second_try_cancelled, State.UNKNOWN, 1, 0),
    (stories.second_try_cancelled_from_an_old_page, State.UNKNOWN, 1, 0),
    (stories.second_try_drawn, State.DONE, 1, 1),
    (stories.second_try_refused, State.FAILED, 1, 0),
    (stories.second_try_in_doubt_as_well, State.UNKNOWN, 2, 0),
    (stories.second_try_drawn_and_the_first_answered_late, State.DONE, 0, 2),
]


@pytest.mark.parametrize(
    ("tell", "state", "open_holds", "charges"), ENDS, ids=lambda value: getattr(value, "__name__", "")
)
def test_end_leaves_the_right_holds_and_charges(tell, state, open_holds, charges, alice, team, emulator, watched):
    story = stories.Story(order(alice, team)[0], emulator)
    before = emulator.control.spent

    tell(story)

    row = Generation.objects.get()
    assert row.state == state
    assert ledger.held(team) == open_holds * row.estimate == -total(kind__in=HELD)
    assert LedgerEntry.objects.filter(kind=EntryType.CHARGE).count() == charges
    if charges:
        assert ledger.spent(team, timezone.now() - timedelta(days=1)) == emulator.control.spent - before == row.cost
    else:
        assert row.cost is None


def test_what_is_held_is_the_sum_of_all_holds_and_releases(alice, charlie, team, emulator):
    """`held` adds up a few rows; here every story has left its own, and another team's besides."""
    dice = random.Random(11)
    for tell, *_ in dice.sample(ENDS, len(ENDS)) + dice.choices(ENDS, k=10):
        for person, whose in ((alice, team), (charlie, charlie.teams.get())):
            tell(stories.Story(order(person, whose)[0], emulator))
            assert ledger.held(whose) == -total(kind__in=HELD, team=whose), tell.__name__
            assert ledger.balance(whose) == total(team=whose)

    assert ledger.held(team) > 0


def total(**which):
    return (LedgerEntry.objects.filter(**which).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)).quantize(CENT**5)


# --- book -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def attempt(alice, team):
    (row,) = order(alice, team)
    return Attempt.objects.create(
        generation=row, number=1, state=AttemptState.UNKNOWN, estimate=row.estimate, sent_at=timezone.now()
    )


def entries():
    rows = LedgerEntry.objects.order_by("id").values_list("kind", "amount", "estimated")
    return [(kind, amount, estimated) for kind, amount, estimated in rows if kind in SPENT]


def test_booking_twice_is_booking_once(attempt, caplog):
    record_charge(attempt, CENT, estimated=False)
    record_charge(attempt, CENT, estimated=False)

    assert entries() == [("charge", -CENT, False)]
    assert caplog.messages == []


def test_second_figure_is_not_booked_without_being_asked_to_mend(attempt, caplog):
    record_charge(attempt, CENT, estimated=True)
    record_charge(attempt, 2 * CENT, estimated=False)

    assert entries() == [("charge", -CENT, True)]
    assert Attempt.objects.values_list("cost", "cost_estimated").get() == (CENT, True)
    assert Generation.objects.values_list("cost", "cost_estimated").get() == (CENT, True)
    assert "another figure came for it" in caplog.text


def test_estimate_is_corrected_when_the_figure_is_known(attempt, team):
    record_charge(attempt, CENT, estimated=True, note="never answered")
    record_charge(attempt, 3 * CENT, estimated=False, mend=True, note="found in the history")

    assert entries() == [("charge", -CENT, True), ("adjust", -2 * CENT, False)]
    assert Attempt.objects.values_list("cost", "cost_estimated").get() == (3 * CENT, False)
    assert Generation.objects.values_list("cost", "cost_estimated").get() == (3 * CENT, False)
    assert ledger.held(team) == 0


def test_estimate_that_was_right_is_confirmed_without_an_entry(attempt):
    record_charge(attempt, CENT, estimated=True)
    record_charge(attempt, CENT, estimated=False, mend=True)

    assert entries() == [("charge", -CENT, True)]
    assert not Attempt.objects.get().cost_estimated


def test_generation_is_an_estimate_while_one_of_its_attempts_is(attempt):
    other = Attempt.objects.create(
        generation=attempt.generation, number=2, state="stored", estimate=1, sent_at=timezone.now()
    )
    record_charge(attempt, CENT, estimated=True)
    record_charge(other, 2 * CENT, estimated=False)
    assert Generation.objects.values_list("cost", "cost_estimated").get() == (3 * CENT, True)

    record_charge(attempt, 4 * CENT, estimated=False, mend=True)

    assert Generation.objects.values_list("cost", "cost_estimated").get() == (6 * CENT, False)


@pytest.mark.parametrize(("times", "told"), [("10", 0), ("10.01", 1)])
def test_price_far_above_the_estimate_is_booked_and_told_at_once(
    times, told, alice, team, emulator, django_capture_on_commit_callbacks
):
    User.objects.create_superuser("root@example.test", "a long password")
    attempt = Attempt.objects.create(
        generation=order(alice, team)[0], number=1, state=AttemptState.SENT, estimate=CENT, sent_at=timezone.now()
    )
    cost = CENT * Decimal(times)

    with django_capture_on_commit_callbacks(execute=True):
        record_charge(attempt, cost, estimated=False)

    assert -LedgerEntry.objects.get(kind=EntryType.CHARGE).amount == cost
    assert [f"charged ${cost:.4f}" in one.body for one in mail.outbox] == [True] * told


def test_estimate_of_ours_is_no_unusual_price(alice, team, django_capture_on_commit_callbacks):
    User.objects.create_superuser("root@example.test", "a long password")
    attempt = Attempt.objects.create(
        generation=order(alice, team)[0], number=1, state=AttemptState.SENT, estimate=CENT, sent_at=timezone.now()
    )

    with django_capture_on_commit_callbacks(execute=True):
        record_charge(attempt, CENT * 20, estimated=True)

    assert mail.outbox == []
