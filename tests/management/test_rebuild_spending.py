"""`manage.py rebuild_spending` puts right what somebody did to the sums of days."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from generations import ledger
from generations.models import Attempt, SpendingDay
from generations.pipeline.charges import record_charge
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_sums_of_days_are_made_again(alice, team):
    before = timezone.now() - timedelta(days=3)
    (row,) = order(alice, team)
    attempt = Attempt.objects.create(generation=row, number=1, state="stored", estimate=1, sent_at=before)
    with ledger.backdated_entries(before):
        record_charge(attempt, row.estimate, estimated=False)
    ledger.roll_up()
    SpendingDay.objects.update(spent=1)

    out = StringIO()
    call_command("rebuild_spending", stdout=out)

    assert SpendingDay.objects.get().spent == row.estimate == ledger.spent(team, before - timedelta(days=2))
    assert out.getvalue() in {"Added up 3 days again.\n", "Added up 2 days again.\n"}


def test_day_is_added_up_when_it_is_over_and_an_hour_has_passed(alice, team):
    order(alice, team)

    ledger.roll_up()

    assert ledger.rolled_through() == timezone.localdate(timezone.now() - timedelta(hours=1))
    assert not SpendingDay.objects.exists()
