"""Outcomes of a generation of version 2 after it was accepted: every fault of a job, its polls and its file."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models.functions import Now

from generations.models import (
    UNLISTED_EXPIRY,
    AdminAlertThrottle,
    Attempt,
    AttemptState,
    Generation,
    LedgerEntry,
    PauseCause,
    State,
    User,
)
from generations.pipeline.admin_alerts import ALERT_INTERVAL
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.reconciliation.lookup import resolve_unknown_attempts
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.storage import spool
from tests.eventually import eventually
from tests.factories import order
from tests.pipeline.reconciliation.unknown_attempts import holds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched")]
LATE = "The provider hasn't finished this picture yet. It's still generating; checking again is free."
# Route and fault of one poll; the next poll gets the correct answer.
PASSING = [
    *[("status", fault) for fault in ("404-request", "500", "502", "503", "429", "drop", "cut", "still-processing")],
    *[("result", fault) for fault in ("404-request", "500", "502", "429", "drop", "cut", "still-processing")],
    ("status", "401"),
    ("result", "401"),
    ("status", "html"),
    ("result", "html"),
]
NO_PICTURE = ["no-output", "other-output"]
NOT_YET = ["404-request", "500", "502", "429", "drop", "cut"]


@pytest.fixture
def emulator(emulator, settings):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT = "v2", 5
    return emulator


@pytest.fixture
def spend(emulator):
    """Return a function that sums the charges in the provider's own ledger since the test began."""
    # A picture that an earlier test no longer waits for is drawn, and charged, all the same.
    eventually(lambda: emulator.control.running == 0)
    before = emulator.control.spent
    return lambda: emulator.control.spent - before


@pytest.fixture
def meet(alice, team, emulator):
    """Return a function that generates a picture whose call meets the fault, and what was recorded of it."""

    def meet(fault, on, times=1, **options):
        (generation,) = order(alice, team)
        if fault:
            emulator.control.fault(fault, times=times, on=on, **options)
        fulfil(generation.id)
        generation.refresh_from_db()
        return generation, generation.attempts.get()

    return meet


def test_picture_is_stored_with_the_price_in_the_answer(meet, spend):
    generation, attempt = meet("", "v2")

    assert (generation.state, attempt.state) == (State.DONE, AttemptState.STORED)
    assert generation.cost == attempt.cost == spend() > 0
    assert (attempt.cost_estimated, attempt.reported_seed) == (False, attempt.seed)
    assert attempt.request_id
    assert holds(generation) == set()


def test_job_that_failed_is_free_and_says_why(meet, spend):
    generation, attempt = meet("failed", "v2", text="content_policy_violation: no <b>harbours</b>")

    assert (generation.state, attempt.state, attempt.http_status) == (State.FAILED, AttemptState.NOT_BILLED, 422)
    assert "content_policy_violation: no <b>harbours</b>" in generation.reason, "pages escape it"
    assert (generation.cost, spend(), holds(generation)) == (None, 0, set())
    assert pauses.open_pauses() == []


@pytest.mark.parametrize("text", ["Insufficient credits", "invalid api key", "rate_limit_exceeded"])
def test_job_that_failed_with_the_words_of_another_trouble_stops_nobody(text, meet):
    """The words come from a worker behind the account check, and concern one request."""
    generation, _ = meet("failed", "v2", text=text)

    assert generation.attempts.get().state == AttemptState.NOT_BILLED
    assert not {one.cause for one in pauses.open_pauses()} & {PauseCause.KEY, PauseCause.ACCOUNT}


@pytest.mark.parametrize("charge", [False, True])
def test_job_that_never_ends_is_a_doubt_with_its_id(charge, meet, settings):
    settings.SEGMIND_TIMEOUT = 1.5

    generation, attempt = meet("endless", "v2", charge=charge)

    assert (generation.state, generation.reason) == (State.UNKNOWN, LATE)
    assert (attempt.state, attempt.http_status, attempt.cost) == (AttemptState.UNKNOWN, 0, None)
    assert attempt.request_id
    assert holds(generation) == {1}


def test_order_that_was_taken_without_an_id_is_a_doubt(meet, spend):
    generation, attempt = meet("no-request-id", "v2")

    assert (generation.state, attempt.state, attempt.http_status) == (State.UNKNOWN, AttemptState.UNKNOWN, 200)
    assert "without an ID" in generation.reason
    eventually(lambda: spend() > 0)


@pytest.mark.parametrize(("on", "fault"), PASSING)
def test_poll_that_goes_wrong_is_asked_again(on, fault, meet, spend):
    generation, attempt = meet(fault, on)

    assert (generation.state, attempt.state) == (State.DONE, AttemptState.STORED)
    assert generation.cost == spend()
    assert pauses.open_pauses() == []


@pytest.mark.parametrize("fault", ["404-request", "500", "drop", "401", "429"])
def test_polls_that_all_go_wrong_leave_a_doubt_that_is_settled_later(fault, meet, emulator, settings, spend):
    settings.SEGMIND_TIMEOUT = 1.2
    generation, attempt = meet(fault, "status", times=100)
    assert (generation.state, attempt.state, bool(attempt.request_id)) == (State.UNKNOWN, AttemptState.UNKNOWN, True)
    emulator.control.clear()

    resolve_unknown_attempts(configured_provider())

    generation.refresh_from_db()
    assert (generation.state, generation.cost) == (State.DONE, spend())
    assert generation.attempts.count() == 1


@pytest.mark.parametrize("fault", NO_PICTURE)
def test_paid_answer_without_a_picture_is_kept(fault, meet, spend, data_dir):
    generation, attempt = meet(fault, "result")

    assert (generation.state, attempt.state) == (State.FAILED, AttemptState.REJECTED)
    assert generation.reason.startswith("Paid, not delivered. ")
    assert generation.cost == spend() > 0
    assert (data_dir / "rejected" / f"{attempt.id}.answer").exists()


@pytest.mark.parametrize("fault", ["no-metrics", "bad-metrics"])
def test_answer_without_its_price_is_booked_as_an_estimate(fault, meet, team):
    generation, attempt = meet(fault, "result")

    assert (generation.state, generation.cost_estimated) == (State.DONE, True)
    assert attempt.cost == attempt.estimate == -LedgerEntry.objects.get(kind="charge").amount


@pytest.mark.parametrize("fault", NOT_YET)
def test_file_that_cannot_be_downloaded_yet_is_downloaded_by_the_sweeper(fault, meet, emulator, spend):
    generation, attempt = meet(fault if fault != "404-request" else "404", "files")
    assert (generation.state, attempt.state) == (State.RUNNING, AttemptState.ANSWERED)
    assert generation.attempts.get().cost == spend() > 0

    due()
    recover.recover(configured_provider())

    generation.refresh_from_db()
    assert (generation.state, generation.attempts.get().state) == (State.DONE, AttemptState.STORED)
    assert list(spool.waiting()) == []


def due():
    """Make the next download due."""
    Attempt.objects.update(next_download_at=Now())


@pytest.fixture
def elsewhere(meet, settings):
    """Return a picture on a host that the settings do not name, and its attempt; create a superuser."""
    User.objects.create_superuser("root@example.test", "a long password")
    settings.SEGMIND_FILE_HOSTS = ["files.example.test"]
    generation, attempt = meet("", "v2")
    return generation, attempt


def states():
    return Generation.objects.get().state, Attempt.objects.get().state


def test_picture_on_a_host_that_is_not_named_is_told_once_an_hour_and_waits(elsewhere, data_dir):
    _, attempt = elsewhere
    Attempt.objects.update(answered_at=Now() - UNLISTED_EXPIRY + timedelta(hours=1))
    for _ in range(3):
        due()
        recover.recover(configured_provider())
    told = [one.body for one in mail.outbox]
    AdminAlertThrottle.objects.update(alerted_at=Now() - ALERT_INTERVAL)
    due()
    recover.recover(configured_provider())

    assert states() == (State.RUNNING, AttemptState.ANSWERED)
    assert list(spool.waiting()) == [attempt.id]
    assert len(told) == 1
    assert "The file is on 127.0.0.1, a host this site doesn't download from." in told[0]
    assert len(mail.outbox) == 2


def test_picture_is_fetched_as_soon_as_its_host_is_named(spend, elsewhere, settings):
    settings.SEGMIND_FILE_HOSTS = []
    due()

    recover.recover(configured_provider())

    assert states() == (State.DONE, AttemptState.STORED)
    assert Attempt.objects.get().cost == spend() > 0


def test_picture_whose_host_is_not_named_for_a_day_is_given_up_and_kept(elsewhere, data_dir):
    Attempt.objects.update(answered_at=Now() - UNLISTED_EXPIRY, next_download_at=Now())

    recover.recover(configured_provider())

    assert states() == (State.FAILED, AttemptState.REJECTED)
    assert "SEGMIND_FILE_HOSTS" in Generation.objects.get().reason
    assert (data_dir / "rejected" / f"{Attempt.objects.get().id}.answer").exists()
