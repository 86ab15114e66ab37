"""The banner: the pause that matters most, with what a person wants to know."""

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.models import BalanceReading, PauseCause, ProviderPause
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.worker.claim import claim
from generations.queries.provider.pauses import KEY, Banner, balance_readings, banner, clear_cache, pause_history
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": KEY}}


def test_there_is_no_banner_while_orders_are_sent():
    pauses.pause(PauseCause.KEY, "It is so.")
    pauses.end("mended")

    assert banner() is None


def test_banner_says_why_since_when_what_is_needed_and_how_many_wait(alice, charlie, team):
    first, *_ = order(alice, team, count=3)
    order(charlie, charlie.teams.get())
    claim(first.id)
    pauses.pause(PauseCause.CREDITS, "Empty.", needed=Decimal("0.015"))
    ProviderPause.objects.update(balance=Decimal("0.004"))
    row = ProviderPause.objects.get()

    found = banner()

    assert found == Banner(
        PauseCause.CREDITS, "Empty.", row.started_at, Decimal("0.004"), Decimal("0.015"), 3, row.probe_at
    )
    assert not found.by_hand


@settings(deadline=None)  # a busy machine is no mistake
@given(st.sets(st.sampled_from(list(PauseCause)), min_size=1))
def test_of_several_the_one_that_matters_most_is_shown(open_ones):
    rows = [ProviderPause(cause=cause, reason=cause) for cause in open_ones]
    try:
        ProviderPause.objects.bulk_create(rows)
        shown = banner()
    finally:
        ProviderPause.objects.all().delete()

    assert shown.cause == next(cause for cause in PauseCause if cause in open_ones)


def test_banner_is_remembered_until_somebody_changes_it(settings):
    settings.CACHES = LOCAL
    clear_cache()
    assert banner() is None
    pauses.pause(PauseCause.BY_HAND, "Enough.")
    remembered = banner()
    clear_cache()

    assert (remembered, banner().by_hand) == (None, True)
    clear_cache()


def test_history_and_readings_are_newest_first_and_short():
    for number in range(25):
        pauses.pause(PauseCause.KEY, str(number))
        pauses.end("mended")
        BalanceReading.objects.create(credits=number, free_credits=0, read_at=timezone.now())

    assert [one.reason for one in pause_history()] == [str(number) for number in range(24, 4, -1)]
    assert [one.credits for one in balance_readings(limit=2)] == [24, 23]
