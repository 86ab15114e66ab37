"""The first live picture: the balance before, the charge, and the balance after that the sweeper reads."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from generations import ledger
from generations.errors import NotAllowed, NotLive, OverLimit, ProviderError
from generations.models import Budget, FirstPicture, Generation, LedgerEntry, Role, Span, State
from generations.pipeline.reconciliation.first_pictures import read_balances_after
from generations.pipeline.worker.cancel import cancel_queued
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.services.orders.first_picture import costs_of, order_first_picture
from tests.factories import make_person
from tests.faults.together import together

pytestmark = pytest.mark.django_db
PROMPT = "a small round stone"


@pytest.fixture(autouse=True)
def live(emulator, settings):
    """Take the emulator for the real provider, as with a key."""
    settings.EMULATED = False
    return emulator


def finished(actor, team):
    found = order_first_picture(actor=actor, team=team, prompt=PROMPT)
    fulfil(found.generation_id)
    return found


def known(team):
    return FirstPicture.objects.select_related("generation").get(team=team)


def test_charge_and_fall_of_the_balance_agree_to_the_last_digit(live, alice, team):
    before = live.control.balance

    finished(alice, team)
    assert read_balances_after(configured_provider()) == 1

    found, costs = known(team), costs_of(known(team))
    (charge,) = [entry.cost for entry in live.control.ledger if entry.kind == "CHARGED"][-1:]
    assert (found.balance_before, found.balance_after) == (before, before - charge)
    assert (costs.charge, costs.decrease, costs.difference) == (charge, charge, 0)
    assert costs.estimate == -LedgerEntry.objects.get(kind="hold").amount
    assert (found.generation.state, found.generation.prompt, ledger.held(team)) == (State.DONE, PROMPT, 0)
    assert read_balances_after(configured_provider()) == 0


def test_picture_in_progress_or_done_is_not_ordered_again(alice, team):
    first = order_first_picture(actor=alice, team=team, prompt=PROMPT)

    assert order_first_picture(actor=alice, team=team, prompt="another") == first
    fulfil(first.generation_id)
    assert order_first_picture(actor=alice, team=team, prompt="another").generation_id == first.generation_id
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_owners_who_order_at_the_same_time_get_one_picture(alice, team):
    anna = make_person("Anna", team, Role.OWNER)

    orders = together(
        *(lambda who=who: order_first_picture(actor=who, team=team, prompt=PROMPT) for who in (alice, anna, alice))
    )

    assert len({found.generation_id for found in orders}) == 1
    assert Generation.objects.count() == LedgerEntry.objects.filter(kind="hold").count() == 1


def test_picture_that_failed_or_was_cancelled_may_be_tried_again(live, alice, team):
    live.control.fault("400")
    failed = finished(alice, team)
    assert known(team).generation.state == State.FAILED

    second = order_first_picture(actor=alice, team=team, prompt=PROMPT)
    cancel_queued(second.generation_id, actor=alice)
    third = finished(alice, team)

    assert len({failed.generation_id, second.generation_id, third.generation_id}) == 3
    assert read_balances_after(configured_provider()) == 1
    assert (known(team).generation_id, costs_of(known(team)).difference) == (third.generation_id, 0)


def test_balance_that_cannot_be_read_orders_nothing(live, settings, alice, team):
    settings.SEGMIND_API_KEY = "SG_0000000000000000"

    with pytest.raises(ProviderError):
        order_first_picture(actor=alice, team=team, prompt=PROMPT)

    assert not Generation.objects.exists()
    assert not FirstPicture.objects.exists()


def test_refusals_leave_nothing_behind(settings, alice, bob, team):
    with pytest.raises(NotAllowed):
        order_first_picture(actor=bob, team=team, prompt=PROMPT)
    Budget.objects.create(team=team, span=Span.MONTH, hard=Decimal("0.001"))
    with pytest.raises(OverLimit):
        order_first_picture(actor=alice, team=team, prompt=PROMPT)
    settings.EMULATED = True
    with pytest.raises(NotLive):
        order_first_picture(actor=alice, team=team, prompt=PROMPT)

    assert not Generation.objects.exists()
    assert not FirstPicture.objects.exists()


def test_balance_that_has_not_fallen_yet_is_read_again_for_a_minute(alice, team):
    finished(alice, team)
    cost = known(team).generation.cost
    FirstPicture.objects.update(balance_before=F("balance_before") + Decimal("0.5"))

    assert read_balances_after(configured_provider()) == 0
    Generation.objects.update(finished_at=F("finished_at") - timedelta(seconds=61))
    assert read_balances_after(configured_provider()) == 1

    costs = costs_of(known(team))
    assert (costs.charge, costs.difference) == (cost, Decimal("0.5"))


def test_balance_is_not_read_any_more_after_an_hour_or_without_a_key(settings, alice, team):
    finished(alice, team)
    settings.EMULATED = True
    assert read_balances_after(configured_provider()) == 0
    settings.EMULATED = False
    Generation.objects.update(finished_at=F("finished_at") - timedelta(minutes=61))

    assert read_balances_after(configured_provider()) == 0
    assert costs_of(known(team)).decrease is None
