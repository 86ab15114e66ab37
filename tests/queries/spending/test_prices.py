"""What a picture of each kind usually costs, from what was charged here."""

from decimal import Decimal

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations import schema
from generations.models import Attempt, AttemptState, Generation, State
from generations.queries.spending.prices import (
    MIN_SAMPLES,
    SAMPLE_SIZE,
    expected_costs,
    price_estimate,
    price_estimates,
    price_keys,
)
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
FAST = ("1024x1024", "juiced")


def charge(actor, team, cost, *, estimated=False, **raw):
    (generation,) = order(actor, team, **{"speed_mode": "juiced", **raw})
    Generation.objects.filter(id=generation.id).update(state=State.DONE, finished_at=timezone.now(), cost=cost)
    Attempt.objects.create(
        generation=generation, number=1, estimate=1, state=AttemptState.STORED, sent_at=Now(), cost=Decimal(cost),
        cost_estimated=estimated,
    )  # fmt: skip


def test_median_and_the_middle_eight_tenths_of_each_kind_are_found(alice, team):
    for thousandths in range(10, 21):
        charge(alice, team, f"0.0{thousandths}", speed_mode="juiced")
    for cost in ("0.020", "0.022", "0.024", "0.030", "0.021"):
        charge(alice, team, cost, speed_mode="unsqueezed")

    found = price_estimates(schema.get())

    assert len(found) == len(price_keys(schema.get())) == 28
    assert (found[FAST].usual, found[FAST].low, found[FAST].high) == tuple(map(Decimal, ("0.015", "0.011", "0.019")))
    assert found[FAST].pictures == 11
    assert found["1024x1024", "unsqueezed"].usual == Decimal("0.022")


def test_median_between_two_charges_is_exact(alice, team):
    for cost in ("0.0000000001", "0.0152127097", "0.0152127098", "0.9", "0.0000000002", "0.8"):
        charge(alice, team, cost)

    assert expected_costs(schema.get(), [FAST])[FAST] == Decimal("0.0152127098")  # half to even


def test_list_price_holds_until_there_are_enough_and_estimates_do_not_count(alice, team):
    for _ in range(MIN_SAMPLES - 1):
        charge(alice, team, "0.010")
    charge(alice, team, "0.010", estimated=True)

    found = price_estimate(schema.get(), *FAST)

    assert (found.usual, found.pictures) == (schema.get().list_price, 0)


def test_what_was_charged_long_ago_is_forgotten(alice, team, monkeypatch):
    monkeypatch.setattr("generations.queries.spending.prices.SAMPLE_SIZE", MIN_SAMPLES)
    for cost in ["0.9"] * 3 + ["0.010"] * MIN_SAMPLES:
        charge(alice, team, cost)

    assert SAMPLE_SIZE == 200
    assert expected_costs(schema.get(), [FAST])[FAST] == Decimal("0.010")


def test_page_asks_once_for_all_kinds_and_then_a_minute_not_at_all(alice, team, settings, django_assert_num_queries):
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["shared"]}
    with django_assert_num_queries(1):
        price_estimates(schema.get())
    with django_assert_num_queries(0):
        price_estimates(schema.get())
        price_estimate(schema.get(), *FAST)
