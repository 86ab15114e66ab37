"""What a free question ends: an empty account that was topped up, a key that is accepted again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now

from generations.models import BalanceReading, PauseCause, ProviderPause, State
from generations.pipeline.circuit_breaker import pauses, probes
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from tests.factories import order

pytestmark = pytest.mark.django_db
NEEDED = Decimal("0.02")


@pytest.fixture
def emulator(emulator):
    emulator.control.balance = Decimal(25)
    yield emulator
    emulator.control.update({"balance": "25", "account_exists": True, "free_credits": "0"})


@pytest.fixture
def asked(emulator):
    """How often the balance was asked for since the test began."""

    def count():
        return sum(request.path == "/v1/get-user-credits" for request in emulator.control.journal)

    before = count()
    return lambda: count() - before


def paused(cause, *, minutes=2, **values):
    pauses.pause(cause, "It is so.", **values)
    ProviderPause.objects.filter(cause=cause).update(started_at=Now() - timedelta(minutes=minutes))


def look():
    ProviderPause.objects.update(probe_at=Now())
    probes.probe_open_pauses(configured_provider())
    return {PauseCause(one.cause) for one in pauses.open_pauses()}


@pytest.mark.parametrize(("balance", "stays"), [("0.0199", True), ("0.02", False), ("7", False), ("-0.5", True)])
def test_pause_for_credits_ends_with_a_balance_that_covers_what_is_needed(balance, stays, emulator):
    emulator.control.balance = Decimal(balance)
    paused(PauseCause.CREDITS, needed=NEEDED)

    assert look() == ({PauseCause.CREDITS} if stays else set())
    assert ProviderPause.objects.get().balance == Decimal(balance)


def test_free_credits_count(emulator):
    emulator.control.update({"balance": "0.01", "free_credits": "0.01"})
    paused(PauseCause.CREDITS, needed=NEEDED)

    assert look() == set()


def test_account_that_the_provider_does_not_know_stays_paused(emulator):
    emulator.control.update({"account_exists": False})
    paused(PauseCause.CREDITS, needed=NEEDED)

    assert look() == {PauseCause.CREDITS}


@pytest.mark.parametrize("cause", [PauseCause.CREDITS, PauseCause.KEY])
def test_balance_that_cannot_be_read_ends_nothing(cause, emulator):
    paused(cause, needed=NEEDED)
    emulator.control.fault("500", on="credits")

    assert look() == {cause}


def test_pause_for_the_key_ends_when_the_balance_is_told(emulator, settings):
    paused(PauseCause.KEY)
    settings.SEGMIND_API_KEY = "SG_no0such0key0"
    before = look()
    settings.SEGMIND_API_KEY = ""

    assert (before, look()) == ({PauseCause.KEY}, set())


@pytest.mark.parametrize("cause", [PauseCause.KEY, PauseCause.CREDITS])
def test_refusal_in_spite_of_the_balance_is_not_tried_again_at_once(cause, emulator):
    """The provider reserves for calls that run, and may ask for more than is needed here; the balance shows neither."""
    paused(cause, minutes=0, needed=NEEDED)

    assert look() == {cause}
    if cause == PauseCause.CREDITS:
        assert ProviderPause.objects.get().balance == 25, "what a person wants to read is there at once"


@pytest.mark.parametrize("cause", [PauseCause.ACCOUNT, PauseCause.LIMIT, PauseCause.FAILING, PauseCause.BY_HAND])
def test_what_the_balance_does_not_show_is_not_ended_by_it(cause, emulator, asked):
    paused(cause)

    assert look() == {cause}
    assert asked() == 0


def test_one_question_serves_all_and_is_asked_once_a_minute(emulator, asked, settings):
    settings.PROBE_SECONDS = 60
    emulator.control.balance = Decimal(0)
    paused(PauseCause.CREDITS, needed=NEEDED)
    paused(PauseCause.KEY)

    for _ in range(3):
        probes.probe_open_pauses(configured_provider())

    assert asked() == 1
    assert {one.cause for one in pauses.open_pauses()} == {PauseCause.CREDITS}
    again = ProviderPause.objects.filter(ended_at=None, probe_at__gt=Now() + timedelta(seconds=50))
    assert again.filter(probe_at__lte=Now() + timedelta(seconds=60)).exists()


def test_order_that_met_an_empty_account_is_drawn_after_the_top_up(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.balance = Decimal(0)
    fulfil(generation.id)
    ProviderPause.objects.update(started_at=Now() - timedelta(minutes=2))
    before = look()
    emulator.control.balance = Decimal(5)

    after = look()
    fulfil(generation.id)

    generation.refresh_from_db()
    assert (before, after, generation.state) == ({PauseCause.CREDITS}, set(), State.DONE)


def test_same_balance_is_read_once(emulator):
    for balance in ("3", "3", "2", "3"):
        emulator.control.balance = Decimal(balance)
        probes.read_balance(configured_provider())

    assert [reading.credits for reading in BalanceReading.objects.all()] == [3, 2, 3]


def test_balance_is_read_every_hour_also_when_it_is_the_same(emulator):
    for _ in range(2):
        probes.read_hourly(configured_provider())
    BalanceReading.objects.update(read_at=Now() - timedelta(hours=1))
    probes.read_hourly(configured_provider())

    assert BalanceReading.objects.count() == 2


def test_hourly_reading_that_fails_is_left_out(emulator):
    emulator.control.fault("500", on="credits")

    probes.read_hourly(configured_provider())

    assert BalanceReading.objects.count() == 0
