"""What a picture of each kind usually costs, from what was charged here."""

from decimal import Decimal

import pytest
from django.db.models.functions import Now

from generations.models import Attempt, AttemptState
from generations.queries.prices import usual_prices
from tests.factories import order

pytestmark = pytest.mark.django_db
MODEL = "hidream-l1-fast"


def charge(actor, team, cost, *, estimated=False, **raw):
    (generation,) = order(actor, team, **raw)
    Attempt.objects.create(
        generation=generation, n=1, estimate=1, state=AttemptState.STORED, sent_at=Now(), cost=Decimal(cost),
        cost_estimated=estimated,
    )  # fmt: skip


def test_median_of_each_kind_is_found(alice, team):
    for cost in ("0.010", "0.012", "0.050"):
        charge(alice, team, cost, speed_mode="juiced")
    for cost in ("0.020", "0.022", "0.024"):
        charge(alice, team, cost, speed_mode="unsqueezed")

    assert usual_prices(MODEL) == {
        ("1024x1024", "juiced"): Decimal("0.012"), ("1024x1024", "unsqueezed"): Decimal("0.022"),
    }  # fmt: skip


def test_two_pictures_are_not_enough_and_estimates_do_not_count(alice, team):
    charge(alice, team, "0.010")
    charge(alice, team, "0.010")
    charge(alice, team, "0.010", estimated=True)

    assert usual_prices(MODEL) == {}
