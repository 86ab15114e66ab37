"""The button says what the chosen kind has cost here lately."""

import json
from decimal import Decimal

import pytest

from tests.queries.test_prices import charge

pytestmark = pytest.mark.django_db


def test_price_of_the_chosen_kind_comes_from_history(as_, alice, team):
    for _ in range(3):
        charge(alice, team, "0.0077", speed_mode="extra-juiced")

    composer = as_(alice).get("/t/harbour/").context["composer"]

    assert composer["price_text"] == "≈ $0.015"
    assert [Decimal(price) for price in json.loads(composer["prices"]).values()] == [Decimal("0.0077")]
    assert composer["price_fields"] == "resolution speed_mode"
