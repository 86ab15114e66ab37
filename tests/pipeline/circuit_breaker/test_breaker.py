"""Five of the latest ten within two minutes: what counts, and what does not."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models.functions import Now

from generations.models import Attempt, Generation, PauseCause, ProviderPause, Rejection, State, User
from generations.pipeline.circuit_breaker import breaker, pauses
from generations.pipeline.recovery import recover
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from tests.factories import order
from tests.providers.loopback.hostile import free_port
from tests.stateful.world import Interrupted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched")]


@pytest.fixture
def meet(alice, team, emulator):
    """So many orders, each of which meets the fault."""

    def meet(fault, times=1, **options):
        for _ in range(times):
            (generation,) = order(alice, team)
            if fault:
                emulator.control.fault(fault, **options)
            fulfil(generation.id)

    return meet


def is_open():
    return [one.cause for one in pauses.open_pauses()] == [PauseCause.FAILING]


@pytest.mark.parametrize("fault", ["500", "500-traceback", "500-empty", "502", "503", "504", "polling-error", "drop"])
def test_fifth_failure_stops_everything_and_the_fourth_does_not(fault, meet):
    meet(fault, 4)
    after_four = is_open()

    meet(fault)

    assert (after_four, is_open()) == (False, True)


def test_silence_counts(meet, settings):
    settings.SEGMIND_TIMEOUT = 1

    meet("hang", 5)

    assert is_open()


def test_provider_out_of_reach_counts(alice, team, settings):
    settings.SEGMIND_BASE_URL = f"http://127.0.0.1:{free_port()}"
    for generation in order(alice, team, count=5):
        fulfil(generation.id)

    assert is_open()


def test_picture_that_is_never_ready_counts(meet, settings):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT = "v2", 1.5

    meet("endless", 5)

    assert is_open()


def test_five_among_ten_stop_everything(meet):
    meet("", 5)
    meet("500", 5)

    assert is_open()


def test_four_among_ten_do_not(meet):
    meet("500")
    meet("", 6)
    meet("500", 4)

    assert not is_open()


def test_refusals_do_not_count(meet):
    for fault in ("422", "400", "406-value", "410", "429"):
        meet(fault, 2)
    meet("500", 1)

    assert (breaker.failures(), is_open()) == (1, False)


def test_failures_of_more_than_two_minutes_ago_do_not_count(meet):
    meet("500", 4)
    Attempt.objects.update(finished_at=Now() - breaker.WINDOW)

    meet("500")

    assert (breaker.failures(), is_open()) == (1, False)


def test_death_of_workers_is_no_fault_of_the_provider(alice, team, meet):
    for generation in order(alice, team, count=5):
        assert mark_sent(claim(generation.id))
    Generation.objects.update(lease_until=Now() - timedelta(seconds=1))
    recover.recover(configured_provider())

    meet("500", 4)

    assert Attempt.objects.filter(state="unknown").count() == 5
    assert (breaker.failures(), is_open()) == (4, False)


def test_counting_begins_anew_after_a_pause(meet):
    meet("500", 5)
    pauses.end("somebody looked")

    meet("500", 4)
    after_four = is_open()
    meet("500")

    assert (after_four, is_open()) == (False, True)


def test_failing_provider_is_tried_after_half_a_minute(meet, settings):
    settings.BREAKER_SECONDS = 30
    meet("500", 5)

    paused = ProviderPause.objects.get()
    assert 25 < (paused.probe_at - paused.started_at).total_seconds() < 35
    assert "keeps failing. Last error: The provider failed" in paused.reason


def test_orders_in_flight_are_finished(alice, team, meet, emulator):
    """What was sent before the pause brings its picture all the same."""
    (generation,) = order(alice, team)

    fulfil(generation.id, Interrupted(configured_provider(), before=lambda: meet("500", 5)))

    generation.refresh_from_db()
    assert (generation.state, is_open()) == (State.DONE, True)


def is_paying_for_nothing():
    return [one.cause for one in pauses.open_pauses()] == [PauseCause.UNUSABLE]


@pytest.mark.parametrize("fault", ["html", "truncated", "json-error", "cut"])
def test_third_answer_without_a_picture_stops_everything_and_the_second_does_not(fault, meet):
    User.objects.create_superuser("root@example.test", "a long password")
    meet(fault, 2)
    after_two = pauses.open_pauses()

    meet(fault)

    assert (after_two, is_paying_for_nothing()) == ([], True)
    assert "3 requests in a row were charged but returned no picture" in ProviderPause.objects.get().reason
    assert [one.subject for one in mail.outbox] == [
        "[HiDream Gallery] Generation is paused: charged pictures aren't delivered"
    ]


def test_picture_between_shows_that_answers_hold_some(meet):
    for fault in ("html", "html", "", "html", "html"):
        meet(fault)

    assert pauses.open_pauses() == []


def test_answers_of_more_than_ten_minutes_ago_do_not_count(meet):
    meet("html", 2)
    Attempt.objects.update(answered_at=Now() - breaker.UNDELIVERED_WINDOW)

    meet("html", 2)

    assert pauses.open_pauses() == []


def test_answer_that_came_after_another_try_is_not_unusable(meet):
    meet("html", 2)
    Attempt.objects.update(rejection=Rejection.SUPERSEDED)

    meet("html")

    assert pauses.open_pauses() == []


def test_try_that_is_paid_for_nothing_again_goes_on_at_a_growing_distance(meet, alice, team):
    meet("html", 3)
    first = ProviderPause.objects.get()
    meet("")
    waiting = Generation.objects.filter(state=State.QUEUED).count()
    ProviderPause.objects.update(probe_at=Now())

    meet("html")

    paused = ProviderPause.objects.get()
    assert (waiting, paused.ended_at, paused.probes) == (1, None, 1)
    assert paused.probe_at > first.probe_at
    assert Generation.objects.filter(state=State.QUEUED).count() == 1


def test_picture_that_was_ordered_before_the_pause_does_not_end_it(alice, team, meet):
    (generation,) = order(alice, team)

    fulfil(generation.id, Interrupted(configured_provider(), before=lambda: meet("html", 3)))

    generation.refresh_from_db()
    assert (generation.state, is_paying_for_nothing()) == (State.DONE, True)


def test_two_answers_after_such_a_pause_are_two_and_not_five(meet):
    meet("html", 3)
    pauses.end("somebody looked")

    meet("html", 2)
    after_two = pauses.open_pauses()
    meet("html")

    assert (after_two, is_paying_for_nothing()) == ([], True)
