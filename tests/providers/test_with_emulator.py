"""Both versions against the emulator: what the client says about money is what the provider's own books say.

Every fault that the emulator knows, on every route where it can be met. No list of expected errors here: the claim is
that a call which is said to be free was free, that a call with an answer was charged that price once, and that a doubt
with a request id can be settled for nothing.
"""

import itertools
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from generations import schema
from generations.emulator import Emulator
from generations.emulator.faults.script import FAULTS
from generations.emulator.requests.base import ROUTES
from generations.errors import ModelGone, OutOfCredits, ProviderError, RequestForgotten, StillGenerating, UnusableAnswer
from generations.imaging import inspect
from generations.providers import ImageRequest, Segmind, SegmindV2, account, segmind_v2
from tests.eventually import eventually
from tests.key import KEY, KEYS
from tests.providers.calls import SHORT, SOON

MODEL = schema.get()
VERSIONS = {"v1": Segmind, "v2": SegmindV2}
MET_BY = {"v1": ("v1", "files"), "v2": ("v2", "status", "result", "files")}
CASES = [
    (version, route, fault)
    for version, routes in MET_BY.items()
    for fault in FAULTS
    for route in routes
    if route in FAULTS[fault].routes and (version, route) != ("v1", "files")
]
SEEDS = itertools.count(1000)
# Of a tiny picture, in pixels.
SIDE = 1024 // 8


@pytest.fixture(scope="module")
def running():
    with Emulator(schema.load(), keys=KEYS, speed_up=10_000, rpm=1_000_000) as emulator:
        emulator.control.update({"drawing": "tiny", "balance": "1000"})
        yield emulator


@pytest.fixture
def emulator(running, monkeypatch):
    monkeypatch.setattr(account, "DOWNLOAD_SECONDS", SOON)
    running.control.clear()
    yield running
    running.control.clear()
    running.control.update({"speed_up": 10_000, "balance": "1000", "clock_offset": 0})


class Call:
    """One call: its answer or its error, the ids that were told, and what the books say of its seed."""

    def __init__(self, emulator, version, *, deadline=5.0, **changes):
        self.emulator = emulator
        self.provider: Any = VERSIONS[version](
            emulator.url, KEY, deadline=deadline, file_hosts=frozenset({"127.0.0.1"})
        )
        self.before = len(emulator.control.journal)
        self.seed = next(SEEDS)
        body = schema.body(MODEL, {**MODEL.defaults(), "prompt": "two boats", "seed": self.seed, **changes})
        self.began = datetime.now(UTC)
        self.told: list[str] = []
        self.answer = self.error = None
        try:
            self.answer = self.provider.call(ImageRequest(MODEL.slug, body), self.told.append)  # type: ignore[attr-defined]
        except ProviderError as error:
            self.error = error

    @property
    def charges(self):
        eventually(lambda: self.emulator.control.running == 0)
        ledger = self.emulator.control.ledger
        return [entry.cost for entry in ledger if entry.kind == "CHARGED" and entry.seed == self.seed]

    @property
    def posts(self):
        ours = [entry for entry in self.emulator.control.ledger if entry.seed == self.seed]
        return [entry.kind for entry in ours].count("RECEIVED")

    @property
    def listed(self):
        return [call for call in self.provider.past(self.began, datetime.now(UTC)) if call.seed == self.seed]


@pytest.mark.parametrize("version", VERSIONS)
def test_call_brings_the_picture_that_was_charged(emulator, version):
    call = Call(emulator, version)

    assert call.error is None
    assert (call.charges, call.answer.seed) == ([call.answer.cost], call.seed)
    found = inspect(call.provider.picture(call.answer))
    assert (found.format, found.width, found.height) == ("webp", SIDE, SIDE)
    (row,) = call.listed
    assert (row.request_id, row.model, row.cost, row.prompt) == (
        call.answer.request_id, MODEL.slug, call.answer.cost, "two boats",
    )  # fmt: skip
    assert (row.finished, row.failed) == (True, False)
    assert abs((row.at - call.began).total_seconds()) < 60
    assert call.told == ([call.answer.request_id] if version == "v2" else [])


@pytest.mark.parametrize(("version", "route", "fault"), CASES)
def test_word_about_money_is_true_whatever_goes_wrong(emulator, version, route, fault):
    options = {"after": 1.0} if "after" in FAULTS[fault].options else {}
    emulator.control.fault(fault, on=route, **options)
    call = Call(emulator, version, deadline=SHORT if fault in {"hang", "endless"} else 5.0)
    if call.answer:
        with suppress(UnusableAnswer):
            call.provider.picture(call.answer)

    assert fault in {request.fault for request in emulator.control.journal[call.before :]}
    charges = call.charges
    assert call.posts <= 1
    assert len(charges) <= 1
    if call.answer:
        assert len(charges) == 1
        assert call.answer.cost in {None, *charges}
    elif not call.error.maybe_charged:
        assert charges == []
    if call.listed:
        # The proof for a doubt: a row with a price, or one that failed.
        (row,) = call.listed
        assert (row.finished and not row.failed, row.cost or 0) == (bool(charges), sum(charges))


@pytest.mark.parametrize(("route", "fault"), [case[1:] for case in CASES if case[1] in {"status", "result"}])
def test_one_poll_that_goes_wrong_costs_no_picture(emulator, fault, route, monkeypatch):
    monkeypatch.setattr(segmind_v2, "POLL_SECONDS", 0.3)
    options = {"after": 1.0} if "after" in FAULTS[fault].options else {}
    emulator.control.fault(fault, on=route, **options)
    call = Call(emulator, "v2")

    assert call.error is None
    assert call.posts == 1
    if fault not in {"other-output", "no-output"}:
        assert inspect(call.provider.picture(call.answer)).width == SIDE


@pytest.mark.parametrize("polls", ["404-request", "502", "still-processing", "html", "401", "drop"])
def test_wait_that_ends_in_doubt_is_taken_up_later_for_nothing(emulator, polls):
    emulator.control.fault(polls, times=1000, on="status", **({"after": 0.0} if polls == "502" else {}))
    call = Call(emulator, "v2", deadline=SOON)
    emulator.control.clear()
    (charge,) = call.charges
    resumed = call.provider.resume(call.error.request_id)

    assert type(call.error) is (RequestForgotten if polls == "404-request" else StillGenerating)
    assert call.told == [call.error.request_id] == [resumed.request_id]
    assert (resumed.cost, call.posts) == (charge, 1)
    assert inspect(call.provider.picture(resumed)).width == SIDE


def test_call_that_takes_longer_than_the_deadline_is_found_when_it_is_done(emulator):
    emulator.control.update({"speed_up": 3})
    call = Call(emulator, "v2", deadline=SHORT)

    assert type(call.error) is StillGenerating
    patient = SegmindV2(emulator.url, KEY, deadline=30, file_hosts=frozenset({"127.0.0.1"}))
    assert [patient.resume(call.error.request_id).cost] == call.charges


def test_failed_call_says_why_and_costs_nothing(emulator):
    emulator.control.fault("failed", text="content_policy_violation: no")
    call = Call(emulator, "v2")

    assert (call.error.reason, call.error.maybe_charged) == ("content_policy_violation: no", False)
    assert (call.error.request_id, call.charges) == (call.told[0], [])
    (row,) = call.listed
    assert (row.failed, row.request_id) == (True, call.told[0])


def test_failed_call_that_is_resumed_says_the_same(emulator):
    emulator.control.fault("failed", text="no")
    call = Call(emulator, "v2")
    with pytest.raises(type(call.error)) as caught:
        call.provider.resume(call.told[0])

    assert (caught.value.reason, caught.value.maybe_charged) == ("no", False)


def test_parameter_the_model_does_not_know_fails_after_it_was_accepted(emulator):
    call = Call(emulator, "v2", resolution="1024 x 1024 (Square)")

    assert (call.error.status, call.error.maybe_charged, len(call.told)) == (422, False, 1)
    assert call.charges == []


@pytest.mark.parametrize("version", VERSIONS)
def test_account_without_credits_pays_nothing(emulator, version):
    emulator.control.update({"balance": "0.001"})
    call = Call(emulator, version)

    assert (type(call.error), call.charges) == (OutOfCredits, [])


def test_record_that_has_expired_is_forgotten_and_stands_in_the_history(emulator):
    call = Call(emulator, "v2")
    emulator.control.update({"clock_offset": 3700})
    hurried = SegmindV2(emulator.url, KEY, deadline=SOON, file_hosts=frozenset())
    with pytest.raises(RequestForgotten):
        hurried.resume(call.told[0])

    (row,) = call.listed
    assert (row.request_id, row.cost) == (call.told[0], call.answer.cost)


def test_answer_to_a_submit_that_was_lost_is_found_by_its_seed(emulator):
    emulator.control.fault("no-request-id")
    call = Call(emulator, "v2")
    (charge,) = call.charges
    (row,) = call.listed

    assert (call.told, call.error.maybe_charged) == ([], True)
    assert (row.cost, row.finished, row.failed) == (charge, True, False)
    assert call.provider.resume(row.request_id).cost == charge


def test_history_of_many_pages_is_whole():
    with Emulator(schema.load(), keys=KEYS, speed_up=10_000, rpm=1_000_000) as emulator:
        emulator.control.update({"drawing": "tiny", "history_page": 2})
        calls = [Call(emulator, version) for version in ("v1", "v2", "v1", "v2", "v1")]
        past = calls[0].provider.past(calls[0].began, datetime.now(UTC))

    assert sorted(row.seed for row in past) == [call.seed for call in calls]


def test_unknown_model_is_refused_by_both(emulator):
    for build in VERSIONS.values():
        with pytest.raises(ModelGone):
            build(emulator.url, KEY, file_hosts=frozenset()).call(ImageRequest("no-such-model", {"prompt": "x"}))  # type: ignore[attr-defined]


def test_every_route_of_the_emulator_is_a_route_of_the_client():
    assert set(ROUTES) == {"v1", "v2", "status", "result", "files", "history", "credits"}
