"""Outcomes of a generation when the provider's answer is no picture: every row of the table, in both versions.

What only version 2 can answer is in test_outcomes_v2.py.
"""

import json
import os
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.models import (
    SPENT,
    Attempt,
    AttemptState,
    Generation,
    LedgerEntry,
    PauseCause,
    ProviderPause,
    Rejection,
    State,
)  # fmt: skip
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.reconciliation.lookup import resolve_unknown_attempts
from generations.pipeline.worker.claim import MAX_DELAY_SECONDS, claim
from generations.pipeline.worker.downloads import FILE_EXPIRY
from generations.pipeline.worker.fulfil import DISK_ERROR, configured_provider, fulfil
from generations.pipeline.worker.outcomes import FEW_RETRIES, MAX_TRIES
from generations.storage import spool
from tests.eventually import eventually
from tests.factories import order
from tests.imaging.pictures import picture_file
from tests.pipeline.reconciliation.unknown_attempts import row, vendor
from tests.providers.loopback.hostile import Hostile, answer, free_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched")]


@dataclass(frozen=True)
class Spoilt:
    """A fault of the emulator, and what the user reads; `charge` in `options`: whether it is charged first."""

    fault: str
    sentence: str
    status: int = 0
    options: dict[str, object] = field(default_factory=dict)
    cause: PauseCause | None = None


REFUSALS = [
    Spoilt("400", "The provider rejected these settings", 400),
    Spoilt("404", "The provider doesn't know this model", 404),
    Spoilt("405", "The provider doesn't generate pictures at this model's URL", 405),
    Spoilt("406-content-type", "The provider couldn't read the request. The error is on this site's side", 406),
    Spoilt("406-value", "The provider rejected these settings: a value isn't allowed", 406),
    Spoilt("410", "The provider has retired this model", 410),
    Spoilt("422", "The provider rejected this prompt (content policy). Edit the prompt and try again.", 422),
    Spoilt("redirect", "The provider redirects requests to another URL", 302),
]
MENDED_BY_A_PERSON = [
    Spoilt("401", "The provider rejected this site's API key", 401, cause=PauseCause.KEY),
    Spoilt("401-missing", "The provider rejected this site's API key", 401, cause=PauseCause.KEY),
    Spoilt("402", "The provider account has no credits left", 402, cause=PauseCause.CREDITS),
    Spoilt("403", "The provider doesn't let this site's account use this model", 403, cause=PauseCause.ACCOUNT),
    Spoilt("406-credits", "The provider account has too few credits for this picture", 406, cause=PauseCause.CREDITS),
    Spoilt("406-spend-limit", "The spending limit set at the provider has been reached", 406, cause=PauseCause.LIMIT),
]
GATEWAY = "The provider timed out."
LOST = "The provider was called, but no complete response came back"
DOUBTS = [
    Spoilt("502", GATEWAY, 502),
    Spoilt("503", GATEWAY, 503),
    Spoilt("504", GATEWAY, 504),
    Spoilt("polling-error", "The provider stopped waiting for its own worker", 500),
]
CHARGED_DOUBTS = [
    *[Spoilt(row.fault, row.sentence, row.status, {"charge": True}) for row in DOUBTS],
    Spoilt("hang", LOST),
    Spoilt("drop", LOST),
    Spoilt("drop", LOST, 0, {"reset": True}),
]
NO_PICTURES = [Spoilt(name, "Paid, not delivered. ") for name in ("html", "json-error", "empty", "truncated")]
LOST_IN_TRANSIT = [
    Spoilt("cut", "Paid, lost in transit: the response was cut short. "),
    Spoilt("oversized", "Paid, lost in transit: the response has ", 200, {"megabytes": 40}),
]
ODD_PICTURES = [
    "other-format", "other-size", "black", "wrong-type", "no-type",
    "no-headers", "bad-headers", "json-base64", "json-url",
]  # fmt: skip


def names(row):
    return "-".join([row.fault, *row.options])


@pytest.fixture(params=["v1", "v2"])
def version(request, emulator, settings):
    settings.SEGMIND_API_VERSION = request.param
    return request.param


# Faults of an answer whose body is the picture itself.
V1 = pytest.mark.parametrize("version", ["v1"], indirect=True)


@pytest.fixture
def spend(emulator):
    """Return a function that sums the charges in the provider's own ledger since the test began."""
    # A picture that an earlier test no longer waits for is drawn, and charged, all the same.
    eventually(lambda: emulator.control.running == 0)
    before = len(emulator.control.ledger)
    return lambda: sum((e.cost for e in emulator.control.ledger[before:] if e.kind == "CHARGED"), Decimal(0))


@pytest.fixture
def meet(alice, team, emulator, version):
    """Return a function that generates a picture whose paid call meets the fault, and what was recorded of it."""

    def meet(row, **raw):
        (generation,) = order(alice, team, **raw)
        emulator.control.fault(row.fault, on=version, **row.options)
        fulfil(generation.id)
        generation.refresh_from_db()
        return generation, generation.attempts.get()

    return meet


@pytest.mark.parametrize("row", REFUSALS, ids=names)
def test_refusal_fails_and_costs_nothing(row, meet, spend):
    generation, attempt = meet(row)

    assert generation.state == State.FAILED
    assert generation.reason.startswith(row.sentence)
    assert (generation.cost, spend()) == (None, 0)
    assert generation.finished_at
    assert generation.lease is None
    assert (attempt.state, attempt.http_status, attempt.cost) == (AttemptState.NOT_BILLED, row.status, None)
    assert attempt.request_id


@pytest.mark.parametrize("row", MENDED_BY_A_PERSON, ids=names)
def test_trouble_of_the_account_waits_for_a_person(row, meet, spend):
    generation, attempt = meet(row)

    assert generation.state == State.QUEUED
    assert generation.reason.startswith(row.sentence)
    assert waits(generation) <= 0
    assert [one.cause for one in pauses.open_pauses()] == [row.cause]
    assert generation.tries == 0, "the order has no part in it"
    assert (attempt.state, attempt.http_status) == (AttemptState.NOT_BILLED, row.status)
    assert (generation.cost, spend()) == (None, 0)


def test_order_that_waited_long_for_a_person_is_drawn_afterwards(meet, emulator, version):
    row = Spoilt("402", "")
    generation, _ = meet(row)
    emulator.control.update({"balance": "0"})
    try:
        for _ in range(MAX_TRIES + 2):
            emulator.control.fault(row.fault, on=version)
            try_again(generation)
    finally:
        emulator.control.update({"balance": "25"})

    try_again(generation)

    assert generation.state == State.DONE
    assert generation.attempts.count() == MAX_TRIES + 4


def test_model_that_is_closed_to_this_site_fails(alice, team, settings, version):
    """A 403 about the model, not about the account, does not go away by itself."""
    (generation,) = order(alice, team)
    with Hostile(answer(403, b'{"error": "This model is private"}')) as server:
        settings.SEGMIND_BASE_URL = server.url
        fulfil(generation.id)

    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert generation.reason.startswith("The provider doesn't let this site use this model. Its response:")
    assert generation.attempts.get().state == AttemptState.NOT_BILLED


def test_rate_limit_waits_for_the_moment_it_names(meet, spend):
    generation, attempt = meet(Spoilt("429", "", 429, {"seconds": 30.0}))

    assert generation.state == State.QUEUED
    assert 25 < waits(generation) <= 30
    assert (attempt.state, attempt.http_status) == (AttemptState.NOT_BILLED, 429)
    assert spend() == 0


@pytest.mark.parametrize("fault", ["429-no-header", "429-past"])
def test_rate_limit_without_a_moment_to_come_backs_off(fault, meet):
    generation, _ = meet(Spoilt(fault, ""))

    assert generation.state == State.QUEUED
    assert -1 < waits(generation) <= 4


def test_rate_limit_far_in_the_future_does_not_hold_the_order_for_hours(meet):
    generation, _ = meet(Spoilt("429", "", options={"seconds": 7200.0}))

    assert generation.state == State.QUEUED
    assert -1 < waits(generation) <= 4


@pytest.mark.parametrize("fault", ["500", "500-traceback", "500-empty"])
def test_failed_worker_is_asked_once_more_and_then_believed(fault, meet, emulator, spend, version):
    generation, _ = meet(Spoilt(fault, ""))
    assert generation.state == State.QUEUED
    assert -1 < waits(generation) <= 4
    emulator.control.fault(fault, on=version)

    try_again(generation)

    assert generation.state == State.FAILED
    assert generation.reason.startswith("The provider failed. It says that failed requests aren't charged.")
    assert "Traceback" not in generation.reason
    assert states(generation) == [AttemptState.NOT_BILLED] * 2
    assert spend() == 0


def test_failed_worker_is_asked_once_more_whatever_happened_before(meet, emulator, version):
    generation, _ = meet(Spoilt("429", ""))
    for fault in ("429", "401", "500"):
        emulator.control.fault(fault, on=version)
        try_again(generation)
    assert generation.state == State.QUEUED

    try_again(generation)

    assert generation.state == State.DONE


def test_rate_limit_uses_up_no_try(meet, emulator, version):
    generation, _ = meet(Spoilt("429", ""))
    for _ in range(MAX_TRIES):
        emulator.control.fault("429", on=version)
        try_again(generation)

    assert (generation.state, generation.tries) == (State.QUEUED, 0)


def test_rate_limit_that_names_no_moment_is_met_with_growing_patience(meet, emulator, version):
    generation, _ = meet(Spoilt("429-no-header", ""))
    delays = []
    for _ in range(8):
        emulator.control.fault("429-no-header", on=version)
        try_again(generation)
        delays.append(waits(generation))

    assert max(delays) > 10, "eight draws, the last from up to five minutes"


def test_reason_of_an_earlier_try_goes_when_the_next_begins(meet):
    generation, _ = meet(Spoilt("402", ""))
    assert generation.reason
    Generation.objects.update(available_at=Now() - timedelta(seconds=1))

    claim(generation.id)

    assert Generation.objects.get().reason == ""


def test_failed_worker_that_recovers_draws_with_a_seed_of_its_own(meet, spend):
    generation, first = meet(Spoilt("500", ""))

    try_again(generation)

    last = generation.attempts.last()
    assert generation.state == State.DONE
    assert first.seed != last.seed == generation.seed == last.reported_seed
    assert generation.cost == spend() > 0


def test_chosen_seed_survives_a_second_try(meet):
    generation, first = meet(Spoilt("500", ""), seed="4711")

    try_again(generation)

    assert [first.seed, generation.attempts.last().seed] == [4711, 4711]


@pytest.mark.parametrize("row", DOUBTS, ids=names)
def test_gateway_that_gives_up_is_a_doubt(row, meet, spend):
    generation, attempt = meet(row)

    assert_doubt(row, generation, attempt)
    assert spend() == 0


@pytest.mark.parametrize("row", CHARGED_DOUBTS, ids=names)
def test_answer_lost_after_the_charge_is_a_doubt(row, meet, spend, settings):
    settings.SEGMIND_TIMEOUT = 1.5

    generation, attempt = meet(row)

    assert_doubt(row, generation, attempt)
    # A submitted picture is drawn even if no client waits for it any more.
    eventually(lambda: spend() > 0)


@pytest.mark.parametrize("version", ["v2"], indirect=True)
def test_acceptance_whose_body_is_lost_is_a_doubt(meet, spend):
    row = Spoilt("cut", LOST, 200)

    assert_doubt(row, *meet(row))
    eventually(lambda: spend() > 0)


@V1
@pytest.mark.parametrize("row", LOST_IN_TRANSIT, ids=names)
def test_picture_that_is_lost_in_transit_is_charged_exactly(row, meet, spend):
    generation, attempt = meet(row)

    assert (generation.state, attempt.state) == (State.FAILED, AttemptState.REJECTED)
    assert (attempt.rejection, attempt.http_status) == (Rejection.LOST_IN_TRANSIT, 200)
    assert generation.reason == attempt.reason
    assert generation.reason.startswith(row.sentence)
    assert "It said" not in generation.reason
    assert (generation.cost, attempt.cost, attempt.cost_estimated) == (spend(), spend(), False)
    assert attempt.request_id
    assert list(spool.waiting()) == []


@pytest.mark.parametrize("row", [*DOUBTS, *CHARGED_DOUBTS[-3:]], ids=names)
def test_doubt_is_not_asked_again(row, meet, emulator):
    generation, _ = meet(row)
    before = len(emulator.control.journal)

    try_again(generation)

    assert generation.state == State.UNKNOWN
    assert len(emulator.control.journal) == before


@V1
@pytest.mark.parametrize("row", NO_PICTURES, ids=names)
def test_paid_answer_without_a_picture_fails_and_its_bytes_are_kept(row, meet, spend, data_dir):
    generation, attempt = meet(row)

    assert generation.state == State.FAILED
    assert generation.reason.startswith(row.sentence)
    assert generation.reason.endswith("The provider's response is kept.")
    assert attempt.state == AttemptState.REJECTED
    assert generation.cost == attempt.cost == spend() > 0
    head, _, body = (data_dir / "rejected" / f"{attempt.id}.answer").read_bytes().partition(b"\n")
    assert json.loads(head)["length"] == len(body)
    assert list(spool.waiting()) == []
    assert not (data_dir / "originals").exists()


@V1
@pytest.mark.parametrize("fault", ODD_PICTURES)
def test_picture_in_an_odd_answer_is_stored(fault, meet):
    generation, attempt = meet(Spoilt(fault, ""))

    assert (generation.state, generation.reason) == (State.DONE, "")
    assert attempt.state == AttemptState.STORED
    assert attempt.cost > 0
    assert attempt.cost_estimated == generation.cost_estimated == (fault in {"no-headers", "bad-headers"})


def test_provider_out_of_reach_is_tried_six_times_with_growing_patience(alice, team, settings, version):
    settings.SEGMIND_BASE_URL = f"http://127.0.0.1:{free_port()}"
    (generation,) = order(alice, team)
    fulfil(generation.id)
    for tries in range(1, MAX_TRIES):
        generation.refresh_from_db()
        assert (generation.state, generation.tries) == (State.QUEUED, tries)
        assert -1 < waits(generation) <= 2 * 2**tries
        try_again(generation)

    assert generation.state == State.FAILED
    assert generation.reason.startswith("The provider couldn't be reached. Nothing was sent and nothing was charged.")
    assert states(generation) == [AttemptState.NOT_BILLED] * MAX_TRIES
    assert generation.cost is None


def test_order_that_waits_is_not_due_before_its_time(meet, emulator):
    generation, _ = meet(Spoilt("429", ""))

    fulfil(generation.id)

    assert generation.attempts.count() == 1


def test_answer_that_the_disk_cannot_take_is_a_doubt_with_its_price(
    alice, team, settings, emulator, data_dir, spend, version
):
    settings.STORE_SECONDS = 0.2
    (data_dir / "spool").write_text("no folder, so nothing can be written into it")
    (generation,) = order(alice, team)

    fulfil(generation.id)

    generation.refresh_from_db()
    attempt = generation.attempts.get()
    assert (generation.state, generation.reason) == (State.UNKNOWN, DISK_ERROR)
    assert (attempt.state, attempt.http_status) == (AttemptState.UNKNOWN, 200)
    assert attempt.request_id
    assert (attempt.cost, generation.cost, ledger.spent(team, generation.created_at)) == (spend(),) * 3
    assert ledger.held(team) == 0


def test_answer_is_kept_in_memory_until_the_disk_takes_it(alice, team, emulator, data_dir):
    blocked = data_dir / "spool"
    blocked.write_text("no folder, so nothing can be written into it")
    (generation,) = order(alice, team)

    with_room = threading.Timer(0.7, blocked.unlink)
    with_room.start()
    fulfil(generation.id)
    with_room.join()

    generation.refresh_from_db()
    assert generation.state == State.DONE
    assert ProviderPause.objects.get().cause == PauseCause.DISK


def test_part_file_that_somebody_takes_away_stops_nobody(alice, team, emulator, data_dir, monkeypatch):
    """The sweeper removes the part file of a writer suspended for a minute; the answer is written once more."""
    fsync, taken = os.fsync, []

    def takes_it_away(descriptor):
        fsync(descriptor)
        for part in [] if taken else (data_dir / "spool").glob("*.part"):
            taken.append(part.unlink())

    monkeypatch.setattr(os, "fsync", takes_it_away)
    (generation,) = order(alice, team)
    fulfil(generation.id)

    generation.refresh_from_db()
    assert (generation.state, len(taken)) == (State.DONE, 1)
    assert not ProviderPause.objects.exists()


def test_key_never_reaches_a_reason(alice, team, settings, emulator, version):
    settings.SEGMIND_API_KEY = "SG_secretsecretsecret"
    (generation,) = order(alice, team)
    with Hostile(answer(400, b'{"error": "bad key SG_secretsecretsecret"}')) as server:
        settings.SEGMIND_BASE_URL = server.url
        fulfil(generation.id)

    reasons = [Generation.objects.get().reason, Attempt.objects.get().reason]
    assert [("secretsecret" in reason, "[key]" in reason) for reason in reasons] == [(False, True)] * 2


def assert_doubt(row, generation, attempt):
    assert generation.state == State.UNKNOWN
    assert generation.reason.startswith(row.sentence)
    assert "charged" in generation.reason
    assert generation.finished_at
    assert generation.cost is None
    assert (attempt.state, attempt.http_status, attempt.cost) == (AttemptState.UNKNOWN, row.status, None)
    assert bool(attempt.request_id) == (row.status > 0)


def try_again(generation):
    """Run the generation again, as if its delay were over and the cause of a pause fixed."""
    pauses.end("mended")
    Generation.objects.filter(id=generation.id).update(available_at=Now() - timedelta(seconds=1))
    fulfil(generation.id)
    generation.refresh_from_db()


def waits(generation):
    """Return the seconds until the generation is due."""
    return (generation.available_at - timezone.now()).total_seconds()


def states(generation):
    return list(generation.attempts.order_by("number").values_list("state", flat=True))


def test_retries_beyond_the_budget_wait_as_long_as_any(meet, version):
    """Ten retries are free; later ones wait the longest delay, so that an outage does not cause a flood of calls."""
    delays = []
    for _ in range(FEW_RETRIES + 1):
        generation, _ = meet(Spoilt("500", ""))
        delays.append(waits(generation))
        pauses.end("told in another story")

    assert max(delays[:-1]) <= 4
    assert MAX_DELAY_SECONDS / 2 - 1 < delays[-1] <= MAX_DELAY_SECONDS


@V1
def test_refusals_use_up_no_budget(meet, version):
    for _ in range(FEW_RETRIES + 1):
        meet(Spoilt("422", ""))

    generation, _ = meet(Spoilt("500", ""))

    assert waits(generation) <= 4


@V1
def test_budget_grows_with_the_pictures_that_come(meet, alice, team, version):
    (pattern,) = order(alice, team)
    ended = [(0, "not_billed")] * (FEW_RETRIES + 1) + [(200, "stored")] * 10 * (FEW_RETRIES + 2)
    Attempt.objects.bulk_create(
        Attempt(generation=pattern, number=n, http_status=status, state=state, estimate=1, sent_at=timezone.now())
        for n, (status, state) in enumerate(ended, start=1)
    )

    generation, _ = meet(Spoilt("500", ""))

    assert waits(generation) <= 4


@V1
def test_picture_that_was_lost_in_transit_is_found_at_the_provider(meet, spend, settings):
    generation, attempt = meet(LOST_IN_TRANSIT[0])
    cost = spend()
    with Hostile(answer(body=picture_file("png"))) as files:
        listed = row(attempt, request_id=attempt.request_id, output=f"{files.url}/a.png", credits_deduction=None)
        with vendor(settings, [listed]):
            assert resolve_unknown_attempts(configured_provider()) == 1

    generation.refresh_from_db()
    attempt.refresh_from_db()
    assert (generation.state, generation.reason) == (State.DONE, "")
    assert (attempt.state, attempt.rejection, attempt.reason) == (AttemptState.STORED, "", "")
    assert generation.cost == attempt.cost == cost, "the exact price stays, whatever the list leaves out"
    assert (LedgerEntry.objects.filter(kind__in=SPENT).count(), attempt.cost_estimated) == (1, False)


@V1
def test_picture_that_the_provider_no_longer_has_stays_lost_and_is_asked_for_ever_later(meet, emulator, spend):
    generation, attempt = meet(LOST_IN_TRANSIT[0])
    emulator.control.update({"history_loses": [attempt.request_id]})
    waits = []
    for _ in range(3):
        began = timezone.now()
        assert resolve_unknown_attempts(configured_provider()) == 0
        attempt.refresh_from_db()
        waits.append(attempt.next_lookup_at - began)
        Attempt.objects.update(next_lookup_at=Now())

    assert waits == sorted(waits)
    assert (generation.state, attempt.state, attempt.cost) == (State.FAILED, AttemptState.REJECTED, spend())
    Attempt.objects.update(sent_at=Now() - FILE_EXPIRY)
    before = len(emulator.control.journal)
    assert resolve_unknown_attempts(configured_provider()) == 0
    assert len(emulator.control.journal) == before
