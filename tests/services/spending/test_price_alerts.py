"""Price alerts: administrators are notified when the usual price of a size and speed has changed."""

from decimal import Decimal

import pytest
from django.core import mail

from generations import schema
from generations.models import UsualPrice
from generations.services.spending.price_alerts import check_prices
from tests.factories import make_person
from tests.faults.together import together
from tests.queries.spending.test_prices import charge

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db):
    root = make_person("Root")
    root.is_superuser = True
    root.save()
    return root


def draw_at(alice, team, cost, count=5):
    for _ in range(count):
        charge(alice, team, cost, speed_mode="juiced")


def test_first_known_median_is_where_it_begins(alice, team, root):
    draw_at(alice, team, "0.0100")

    assert check_prices() == []
    assert (UsualPrice.objects.get().price, mail.outbox) == (Decimal("0.0100"), [])


def test_move_of_more_than_fifteen_per_cent_is_told_once(alice, team, root):
    draw_at(alice, team, "0.0100")
    check_prices()
    draw_at(alice, team, "0.0115", count=9)
    assert check_prices() == []  # just fifteen
    draw_at(alice, team, "0.0120", count=30)

    (change,) = check_prices()

    assert (change.before, change.now) == (Decimal("0.0100"), Decimal("0.0120"))
    (letter,) = mail.outbox
    assert letter.to == [root.email]
    assert "Square 1:1, Fast: $0.0100 → $0.0120 (+20%)" in letter.body.replace("Faster", "Fast")
    assert check_prices() == []
    assert len(mail.outbox) == 1


def test_page_of_the_provider_shows_what_moved(as_, alice, team, root):
    draw_at(alice, team, "0.0100")
    check_prices()
    draw_at(alice, team, "0.0050", count=20)
    check_prices()

    page = as_(root).get("/provider/").content.decode()

    assert "$0.0100 → $0.0050 (-50%)" in page


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_tell_once(alice, team, root):
    draw_at(alice, team, "0.0100")
    check_prices()
    draw_at(alice, team, "0.0200", count=20)
    schema.get()

    told = together(check_prices, check_prices, check_prices)

    assert sorted(map(len, told)) == [0, 0, 1]
