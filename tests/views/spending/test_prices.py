"""The button says what the chosen kind has cost here lately, and the words under it how that is known."""

import json
from decimal import Decimal

import pytest

from tests.queries.spending.test_prices import charge

pytestmark = pytest.mark.django_db
WIDE_FAST = "1360 × 768 (Landscape)|Extra Juiced 🔥 (more speed)"


def test_price_of_the_chosen_kind_comes_from_history(as_, alice, team):
    for cost in ("0.0070", "0.0077", "0.0077", "0.0077", "0.0090"):
        charge(alice, team, cost, speed_mode="extra-juiced")

    composer = as_(alice).get("/t/harbour/").context["composer"]

    learnt = {price for price in map(Decimal, json.loads(composer.price.all).values()) if price < Decimal("0.01")}
    assert learnt == {Decimal("0.0077")}
    assert (composer.price.text, composer.price.hint) == ("≈ $0.015", "list price")
    assert composer.price.fields == "resolution speed_mode"
    assert "usually $0.0070–0.0090, from the last 5 pictures on this site" in json.loads(composer.price.hints).values()


def test_refused_form_keeps_the_price_of_what_was_chosen(as_, alice, team):
    for _ in range(5):
        charge(alice, team, "0.0077", speed_mode="extra-juiced")

    answer = as_(alice).post("/t/harbour/generations/", {"prompt": "", "speed_mode": "extra-juiced"})

    assert answer.status_code == 422
    assert answer.context["composer"].price.text == "≈ $0.008"
    assert answer.context["composer"].price.hint == "usually $0.0077, from the last 5 pictures on this site"
