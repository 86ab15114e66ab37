"""What a team spent is a sum over ledger entries."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.models import Attempt, Generation
from generations.pipeline.charges import record_charge
from generations.queries.spending.team_totals import spent_this_month
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_nothing_is_spent_before_something_was_charged(alice, team):
    order(alice, team)

    assert spent_this_month(team) == 0


def test_sum_is_what_the_provider_charged_this_team(alice, charlie, team, emulator):
    before = emulator.control.spent
    pictures = [draw(alice, team) for _ in range(2)]
    charged = emulator.control.spent - before
    draw(charlie, charlie.teams.get())

    assert spent_this_month(team) == charged == sum(picture.cost for picture in pictures)


def test_every_attempt_counts_also_of_deleted_and_failed_pictures(alice, team):
    (row,) = order(alice, team)
    Generation.objects.filter(id=row.id).update(deleted_at=timezone.now(), state="failed")
    for n, cost in ((1, "0.01"), (2, "0.02"), (3, None)):
        attempt = Attempt.objects.create(
            generation=row, number=n, state="rejected", estimate=1, sent_at=timezone.now(), cost=None
        )
        if cost:
            record_charge(attempt, Decimal(cost), estimated=False)

    assert spent_this_month(team) == Decimal("0.03")


def test_last_month_does_not_count(alice, team, monkeypatch):
    first = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for moment in (first - timedelta(seconds=1), first):
        (row,) = order(alice, team)
        attempt = Attempt.objects.create(generation=row, number=1, state="stored", estimate=1, sent_at=moment)
        with monkeypatch.context() as patch:
            patch.setattr("generations.models.ids._ticks.read", lambda moment=moment: ticks(moment))
            record_charge(attempt, Decimal("0.5"), estimated=False)

    assert spent_this_month(team) == Decimal("0.5")


def ticks(moment):
    return int(moment.timestamp() * 1000) << 12
