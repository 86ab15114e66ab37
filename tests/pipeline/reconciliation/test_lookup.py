"""Asking the provider about unknown outcomes: what settles one, and everything that must not."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now

from generations.imaging import inspect
from generations.models import Attempt, AttemptState, Generation, LedgerEntry, State
from generations.pipeline.reconciliation import lookup
from generations.pipeline.reconciliation.lookup import DELIVERED_NOT, NOT_DRAWN, mark_not_billed
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.outcomes import MAX_TRIES
from generations.providers import history
from generations.services.generations.unknown_outcome import retry_accepting_second_charge
from generations.services.orders.submit import cancel
from generations.storage import files
from tests.eventually import eventually
from tests.factories import order
from tests.pipeline.reconciliation.unknown_attempts import (
    COST,
    HISTORY,
    OLD,
    around,
    doubt,
    holds,
    row,
    second_doubt,
    spent,
    vendor,
)
from tests.providers.loopback.hostile import answer, error_body
from tests.providers.loopback.routes import as_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched")]
FIVE_DOLLARS = "5.00"
YOUNG = timedelta(hours=1)


@pytest.fixture
def emulator(emulator):
    yield emulator
    emulator.control.update({"clock_offset": 0, "history_parameters": True, "speed_up": 10_000})


@pytest.fixture
def v2(emulator, settings):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT = "v2", 1.5
    return settings


@pytest.fixture
def short_lookup(monkeypatch):
    """End a lookup at the provider after a second: it is certain to wait for its whole time."""
    monkeypatch.setattr(lookup, "LOOKUP_TIMEOUT_SECONDS", 1.0)


@pytest.fixture
def meet(alice, team, emulator):
    """Return a function that creates a generation whose call leaves an unknown outcome, at the emulator."""

    def meet(fault, **options):
        (generation,) = order(alice, team)
        emulator.control.fault(fault, **options)
        fulfil(generation.id)
        assert generation.attempts.get().state == AttemptState.UNKNOWN
        return generation

    return meet


def settle():
    """Run one round in which every unknown attempt is due; return how many were settled."""
    Attempt.objects.update(next_lookup_at=None)
    return lookup.resolve_unknown_attempts(configured_provider())


def now(one):
    """Return the generation, and the states of its attempts."""
    generation = Generation.objects.get(id=getattr(one, "generation_id", one.id))
    return generation, list(generation.attempts.order_by("number").values_list("state", flat=True))


def is_still_open(one):
    generation, states = now(one)
    return generation.state == State.UNKNOWN and states[0] == "unknown" and holds(generation) == {1}


# Answers of the history, from the emulator's ledger


@pytest.mark.parametrize(("fault", "known"), [("504", True), ("drop", False)])
def test_billed_and_gone_is_booked_exactly_and_stays_in_sight(fault, known, meet, team, emulator):
    """Found by the request id that the gateway named, or by the seed where nothing was answered."""
    before = emulator.control.spent
    generation = meet(fault, **({"charge": True} if fault == "504" else {}))
    assert bool(generation.attempts.get().request_id) == known
    cost = emulator.control.spent - before

    assert settle() == 1

    generation, states = now(generation)
    assert (generation.state, generation.reason, states) == (State.UNKNOWN, DELIVERED_NOT, ["unknown"])
    assert generation.cost == spent(team) == cost > 0
    assert not generation.cost_estimated
    assert holds(generation) == set()
    assert generation.attempts.get().request_id


def test_what_is_booked_exactly_is_not_asked_for_again(meet, emulator):
    meet("drop")
    settle()
    before, entries = len(emulator.control.journal), LedgerEntry.objects.count()

    assert settle() == 0
    assert (len(emulator.control.journal), LedgerEntry.objects.count()) == (before, entries)


# Version 2, by the request id


@pytest.mark.usefixtures("large_pictures")
def test_picture_that_was_not_ready_in_time_is_fetched(v2, meet, emulator):
    generation = meet("still-processing", times=50, on="status")
    emulator.control.clear()

    assert settle() == 1

    generation, states = now(generation)
    assert (generation.state, states) == (State.DONE, ["stored"])
    assert (holds(generation), generation.cost) == (set(), generation.attempts.get().cost)
    assert inspect(files.read(generation.image.path)).width == generation.width


def test_order_that_the_provider_gave_up_is_failed_and_free(v2, meet, emulator, team):
    emulator.control.fault("failed", on="v2")
    generation = meet("drop", times=50, on="status")
    emulator.control.clear()

    assert settle() == 1

    generation, states = now(generation)
    assert (generation.state, states, holds(generation)) == (State.FAILED, ["not_billed"], set())
    assert "content_policy_violation" in generation.reason
    assert (generation.cost, spent(team)) == (None, 0)


@pytest.mark.usefixtures("short_lookup")
def test_picture_whose_record_is_gone_is_fetched_by_the_address_in_the_history(v2, meet, emulator):
    generation = meet("still-processing", times=50, on="status")
    emulator.control.clear()
    emulator.control.update({"clock_offset": 2 * 3600})
    v2.SEGMIND_TIMEOUT = 30

    assert settle() == 1

    generation, states = now(generation)
    assert (generation.state, states) == (State.DONE, ["stored"])
    assert generation.cost > 0
    assert not generation.cost_estimated


@pytest.mark.usefixtures("short_lookup")
def test_picture_whose_file_is_gone_is_booked(v2, meet, emulator, team):
    generation = meet("still-processing", times=50, on="status")
    emulator.control.clear()
    emulator.control.update({"clock_offset": 8 * 86_400})
    v2.SEGMIND_TIMEOUT = 30

    assert settle() == 1

    generation, states = now(generation)
    assert (generation.state, states, generation.reason) == (State.UNKNOWN, ["unknown"], DELIVERED_NOT)
    assert spent(team) == generation.cost > 0


@pytest.mark.usefixtures("short_lookup")
def test_picture_that_cannot_be_fetched_now_is_asked_for_again(v2, meet, emulator, team):
    generation = meet("still-processing", times=50, on="status")
    emulator.control.clear()
    emulator.control.update({"clock_offset": 2 * 3600})
    emulator.control.fault("500", on="files", times=2)
    v2.SEGMIND_TIMEOUT = 30

    assert settle() == 1
    assert (now(generation)[0].state, now(generation)[1]) == (State.RUNNING, ["answered"])
    Attempt.objects.update(next_download_at=Now())
    assert recover.recover(configured_provider()) == 1
    assert now(generation)[0].state == State.DONE


def test_provider_that_is_still_at_it_is_never_taken_for_done(alice, team, v2, emulator):
    """Its history is empty, time has passed and no money is missing; it may still draw and charge."""
    one = doubt(alice, team, request_id=str(uuid.uuid4()))
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    told = as_json({"status": "PROCESSING", "request_id": one.request_id, "metrics": {}})
    with vendor(v2, **{f"v2_requests_{one.request_id}_status": told}) as server:
        settled = settle()

    assert (settled, is_still_open(one)) == (0, True)
    assert f"GET {HISTORY}" not in server.asked


def test_doubt_without_an_id_is_looked_for_by_its_seed_in_version_2_as_well(v2, meet, emulator):
    generation = meet("no-request-id", on="v2")
    assert generation.attempts.get().request_id
    Attempt.objects.update(request_id="")

    eventually(lambda: settle() == 1)
    assert now(generation)[0].state == State.DONE


@pytest.fixture
def full_disk(alice, team, emulator, settings, data_dir):
    """Return a charged generation whose answer did not fit on the disk; there is room again."""
    settings.STORE_SECONDS = 0.2
    (generation,) = order(alice, team)
    blocked = data_dir / "spool"
    blocked.write_text("no folder")
    fulfil(generation.id)
    blocked.unlink()
    assert Generation.objects.get().cost > 0
    return generation


def test_picture_that_the_disk_could_not_take_is_fetched_again(v2, full_disk, team):
    cost = spent(team)

    assert settle() == 1

    generation, states = now(full_disk)
    assert (generation.state, states, generation.cost, spent(team)) == (State.DONE, ["stored"], cost, cost)


def test_picture_that_the_disk_could_not_take_is_gone_in_version_1(full_disk, team):
    cost = spent(team)

    assert (settle(), settle()) == (1, 0)
    assert (now(full_disk)[0].reason, spent(team)) == (DELIVERED_NOT, cost)


@pytest.mark.parametrize("listed", [False, True])
def test_price_that_was_told_outweighs_what_the_history_says(listed, full_disk, team, settings):
    cost = spent(team)
    Attempt.objects.update(sent_at=Now() - timedelta(minutes=1))
    one = full_disk.attempts.get()
    settings.SEGMIND_HISTORY_LAG = 1
    around(one, FIVE_DOLLARS, str(5 - cost))
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)] if listed else []):
        assert settle() == 0

    assert (now(full_disk)[0].state, spent(team)) == (State.UNKNOWN, cost)


# Not billed


def test_row_that_failed_puts_the_order_back_with_the_hold_it_has(alice, team, settings, emulator):
    one = doubt(alice, team)
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)]):
        assert settle() == 1

    generation, states = now(one)
    assert (generation.state, generation.reason, states) == (State.QUEUED, NOT_DRAWN, ["not_billed"])
    assert (generation.tries, generation.finished_at, generation.enqueued_at) == (1, None, None)
    assert (generation.hold_count, holds(generation)) == (1, {1})

    Generation.objects.update(available_at=Now())
    fulfil(generation.id)
    generation, states = now(one)
    assert (generation.state, states, holds(generation)) == (State.DONE, ["not_billed", "stored"], set())
    assert spent(team) == generation.cost


def test_order_whose_job_failed_twice_is_not_sent_a_third_time(alice, team, settings):
    one = doubt(alice, team)
    not_billed_before(one, 1)
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)]):
        assert settle() == 1

    generation, _ = now(one)
    assert (generation.state, generation.reason, holds(generation)) == (State.FAILED, NOT_DRAWN, set())


@pytest.mark.parametrize(("before", "end"), [(MAX_TRIES - 2, State.QUEUED), (MAX_TRIES - 1, State.FAILED)])
def test_order_that_never_arrives_is_given_up_in_the_end(alice, team, before, end):
    one = doubt(alice, team)
    not_billed_before(one, before)

    mark_not_billed(one, NOT_DRAWN, again=True)

    generation, _ = now(one)
    assert (generation.state, bool(holds(generation))) == (end, end == State.QUEUED)


def not_billed_before(one, count):
    sent = {"state": "not_billed", "sent_at": one.sent_at, "finished_at": one.sent_at}
    Attempt.objects.bulk_create(
        Attempt(generation=one.generation, number=100 + number, hold_number=1, estimate=one.estimate, **sent)
        for number in range(count)
    )


def test_row_that_failed_and_was_charged_is_not_free(alice, team, settings):
    one = doubt(alice, team)
    with vendor(settings, [row(one, status="FAILED")]):
        settle()

    assert (now(one)[0].state, spent(team)) == (State.UNKNOWN, COST)


@pytest.mark.parametrize(
    ("age", "after", "queued"),
    [
        (OLD, "5.00", True),
        (YOUNG, "5.00", False),
        (OLD, "4.985", False),
        (OLD, "5.50", False),
        (OLD, None, False),
    ],
    ids=["after-the-lag", "before-the-lag", "money-is-missing", "topped-up", "no-readings"],
)
def test_absence_counts_after_the_lag_and_when_the_balance_agrees(age, after, queued, alice, team, settings):
    one = doubt(alice, team, age=age)
    if after:
        around(one, FIVE_DOLLARS, after)
    with vendor(settings):
        settled = settle()

    assert settled == queued
    assert (now(one)[0].state == State.QUEUED, is_still_open(one)) == (queued, not queued)


def test_lag_is_a_setting(alice, team, settings):
    settings.SEGMIND_HISTORY_LAG = 60
    one = doubt(alice, team, age=timedelta(minutes=2))
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    with vendor(settings):
        assert settle() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": "2026-01-01 00:00:00"},
        {"parameters": None},
        {"parameters": None, "model_name": None},
        {"parameters": None, "request_id": None},
        {"status": "PROCESSING", "credits_deduction": 0},
        {"status": "COMPLETED", "credits_deduction": None, "created_at": None},
    ],
    ids=["another-time", "no-seed", "no-model", "no-id", "not-finished", "no-cost"],
)
def test_row_that_may_be_the_doubt_is_no_absence(changes, alice, team, settings):
    one = doubt(alice, team)
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    with vendor(settings, [row(one, **changes)]):
        assert settle() == 0

    assert is_still_open(one)


def test_two_rows_with_the_seed_settle_nothing(alice, team, settings):
    one = doubt(alice, team)
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    with vendor(settings, [row(one), row(one, status="FAILED", credits_deduction=0)]):
        assert settle() == 0

    assert is_still_open(one)


def test_seed_that_two_orders_share_settles_neither(alice, team, settings):
    ones = [doubt(alice, team, seed="4711") for _ in range(2)]
    around(ones[0], FIVE_DOLLARS, FIVE_DOLLARS)
    with vendor(settings, [row(ones[0])]):
        assert settle() == 0

    assert [is_still_open(one) for one in ones] == [True, True]


@pytest.mark.parametrize("changes", [{"model_name": "flux-dev"}, {"request_id": "known-to-us"}])
def test_row_without_a_seed_that_is_somebody_elses_does_not_count(changes, alice, team, settings):
    one, other = doubt(alice, team), doubt(alice, team)
    Attempt.objects.filter(id=other.id).update(request_id="known-to-us", state="rejected")
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    with vendor(settings, [row(other, **{"parameters": None, **changes})]):
        assert settle() == 1

    assert now(one)[0].state == State.QUEUED


def test_row_without_parameters_is_found_by_its_id(meet, emulator):
    emulator.control.update({"history_parameters": False})
    generation = meet("504", charge=True)

    assert settle() == 1
    assert now(generation)[0].reason == DELIVERED_NOT


# What delays other attempts, and what does not


def test_history_that_cannot_be_read_settles_nothing(alice, team, emulator, caplog):
    one = doubt(alice, team)
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    emulator.control.fault("500", on="history")

    assert (settle(), is_still_open(one)) == (0, True)
    assert "the provider's history cannot be read" in caplog.text
    one.refresh_from_db()
    assert one.lookup_error.startswith("The provider's call history can't be read right now (")
    settle()
    one.refresh_from_db()
    assert one.lookup_error == ""


def test_history_with_more_pages_than_are_read_is_no_absence(alice, team, settings, monkeypatch, caplog):
    """Each page is valid and none lists the attempt, which may be on the next one; the balance alone proves nothing."""
    monkeypatch.setattr(history, "MAX_PAGES", 3)
    one = doubt(alice, team)
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    others = [as_json({"generations": [row(one, parameters={"seed": one.seed + n})]}) for n in range(1, 9)]
    with vendor(settings) as server:
        server.answers[HISTORY] = others
        assert (settle(), is_still_open(one)) == (0, True)

    one.refresh_from_db()
    assert "it has more than 3 pages" in one.lookup_error
    assert "it has more than 3 pages" in caplog.text


def test_history_is_read_for_the_days_of_the_doubts_only(alice, team, settings):
    """All entries since the oldest attempt may be more than can be read; then nothing would ever be settled."""
    recent, old = doubt(alice, team), doubt(alice, team, age=timedelta(days=20))
    too_much = answer(500, error_body("too much"))
    with vendor(settings) as server:
        server.answers[HISTORY] = [too_much, as_json({"generations": [row(recent)]})]
        settled = settle()

    spans = {(query["start_date"], query["end_date"]) for query in server.queries}
    assert (settled, now(recent)[0].reason, is_still_open(old)) == (1, DELIVERED_NOT, True)
    assert len(spans) == 2
    assert all(datetime.fromisoformat(b) - datetime.fromisoformat(a) <= timedelta(days=3)
               for a, b in spans)  # fmt: skip


def test_doubt_is_asked_for_at_growing_intervals_up_to_an_hour(alice, team, settings):
    settings.PROBE_SECONDS = 60
    one = doubt(alice, team)
    intervals = []
    with vendor(settings):
        for _ in range(8):
            settle()
            one.refresh_from_db()
            intervals.append(round((one.next_lookup_at - one.last_lookup_at).total_seconds()))

    assert intervals == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert one.lookup_count == 8


def test_picture_that_is_not_ready_is_asked_for_again_in_seconds(v2, meet, emulator):
    v2.PROBE_SECONDS, v2.SEGMIND_TIMEOUT = 60, 0.5
    generation = meet("still-processing", times=10_000, on="status")
    intervals = []
    for _ in range(5):
        assert settle() == 0
        one = generation.attempts.get()
        intervals.append(round((one.next_lookup_at - one.last_lookup_at).total_seconds()))
    emulator.control.clear()

    assert intervals == [5, 10, 20, 40, 80]
    assert settle() == 1


def test_request_id_that_leads_nowhere_is_asked_for_as_seldom_as_the_history(alice, team, settings):
    settings.PROBE_SECONDS = 60
    one = doubt(alice, team, request_id=str(uuid.uuid4()))
    with vendor(settings):
        settle()
    one.refresh_from_db()

    assert round((one.next_lookup_at - one.last_lookup_at).total_seconds()) == 60


def test_doubts_that_nobody_has_asked_about_come_first(alice, team, settings):
    asked, fresh = doubt(alice, team), doubt(alice, team)
    Attempt.objects.filter(id=asked.id).update(next_lookup_at=Now() - timedelta(seconds=1))

    assert [one.id for one in lookup._due()] == [fresh.id, asked.id]


def test_doubt_whose_turn_has_not_come_is_left_alone(alice, team, settings):
    doubt(alice, team)
    with vendor(settings) as server:
        lookup.resolve_unknown_attempts(configured_provider())
        first = len(server.requests)
        lookup.resolve_unknown_attempts(configured_provider())

    assert len(server.requests) == first > 0


def test_doubt_from_before_the_histories_reach_is_left_to_people(alice, team, settings):
    doubt(alice, team, age=timedelta(days=32))
    with vendor(settings) as server:
        assert settle() == 0

    assert server.requests == []


def test_silence_of_the_history_about_what_is_out_of_its_reach_is_no_absence(alice, team, settings):
    """A user may ask about an older attempt; the history cannot list it any more, and the balance is unchanged."""
    one = doubt(alice, team, age=timedelta(days=32))
    around(one, FIVE_DOLLARS, FIVE_DOLLARS)
    with vendor(settings) as server:
        assert lookup.look_up([one], configured_provider()) == 0

    assert server.requests != []
    assert is_still_open(one)


def test_round_that_takes_long_leaves_the_rest_its_turn(alice, team, v2, monkeypatch, emulator):
    """A provider that does not answer must not keep the sweeper from checking the pauses."""
    ones = [doubt(alice, team, request_id=str(uuid.uuid4())) for _ in range(3)]
    monkeypatch.setattr(lookup, "MAX_ROUND_SECONDS", 0.0)

    settle()

    assert sorted(Attempt.objects.filter(id__in=[one.id for one in ones]).values_list("lookup_count", flat=True)) == [
        0,
        0,
        1,
    ]


def test_spool_that_is_full_leaves_the_doubt(v2, meet, emulator, data_dir, caplog):
    generation = meet("still-processing", times=50, on="status")
    emulator.control.clear()
    (data_dir / "spool").write_text("no folder")

    assert (settle(), is_still_open(generation)) == (0, True)
    assert "the spool could not take it" in caplog.text


# Generations that have changed since


@pytest.mark.parametrize("how", ["trash", "purge"])
def test_order_in_the_trash_is_not_drawn_again(how, alice, team, settings):
    one = doubt(alice, team)
    Generation.objects.update(deleted_at=Now(), purged_at=Now() if how == "purge" else None)
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)]):
        assert settle() == 1

    generation, states = now(one)
    assert (generation.state, states, holds(generation)) == (State.FAILED, ["not_billed"], set())


def accept_second(generation):
    last = generation.attempts.order_by("-number").first()
    assert retry_accepting_second_charge(actor=generation.author, generation=generation, attempt_id=last.id)


def failed_row_of_the_first(one, settings):
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)]):
        assert settle() == 1
    return now(one)


def test_second_try_that_waits_goes_on_when_the_first_was_not_billed(alice, team, settings):
    one = doubt(alice, team)
    accept_second(one.generation)

    generation, states = failed_row_of_the_first(one, settings)

    assert (generation.state, states, holds(generation)) == (State.QUEUED, ["not_billed"], {2})


def test_second_try_that_was_cancelled_leaves_nothing_waiting(alice, team, settings):
    """It was cancelled and not charged: it is neither generated again by itself nor left unknown for ever."""
    one = doubt(alice, team)
    accept_second(one.generation)
    assert cancel(actor=alice, generation=one.generation)

    generation, states = failed_row_of_the_first(one, settings)

    assert (generation.state, states, holds(generation)) == (State.FAILED, ["not_billed"], set())
    assert generation.reason == NOT_DRAWN


def test_second_doubt_remains_when_the_first_was_not_billed(alice, team, settings):
    one = doubt(alice, team)
    accept_second(one.generation)
    second_doubt(one.generation)

    generation, states = failed_row_of_the_first(one, settings)

    assert (generation.state, states, holds(generation)) == (State.UNKNOWN, ["not_billed", "unknown"], {2})


def test_second_doubt_that_was_not_billed_is_tried_again_with_its_hold(alice, team, settings):
    first = doubt(alice, team)
    accept_second(first.generation)
    second = second_doubt(first.generation)
    with vendor(settings, [row(second, status="FAILED", credits_deduction=0)]):
        assert settle() == 1

    generation, states = now(first)
    assert (generation.state, states, holds(generation)) == (State.QUEUED, ["unknown", "not_billed"], {1, 2})


def test_doubt_that_was_billed_besides_a_second_picture_is_booked_too(alice, team, settings, emulator):
    one = doubt(alice, team)
    accept_second(one.generation)
    fulfil(one.generation_id)
    second = one.generation.attempts.get(number=2).cost
    with vendor(settings, [row(one)]):
        assert settle() == 1

    generation, states = now(one)
    assert (generation.state, states, holds(generation)) == (State.DONE, ["unknown", "stored"], set())
    assert generation.cost == spent(team) == COST + second
