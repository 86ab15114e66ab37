"""One round of the sweeper over the rows and files that workers left behind."""

import os
import time
import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from generations.models import Attempt, AttemptState, Generation, Image, State
from generations.pipeline.recovery import recover
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.store import accept, image_name
from generations.storage import files, spool
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched"), pytest.mark.both_databases]


def test_fresh_order_is_left_to_whoever_submitted_it(alice, team):
    order(alice, team)

    assert recover.due() == []


def test_order_nobody_rang_for_is_due(alice, team):
    (generation,) = order(alice, team)
    age(generation, queued_at=recover.ENQUEUE_AFTER)

    assert recover.due() == [generation.id]


def test_order_that_was_rung_for_is_due_again_after_a_minute(alice, team):
    (generation,) = order(alice, team)
    age(generation, queued_at=recover.ENQUEUE_AFTER)
    recover.mark_enqueued(recover.due())
    just_rung = recover.due()
    age(generation, enqueued_at=recover.REDELIVER_AFTER)

    assert (just_rung, recover.due()) == ([], [generation.id])


def test_order_that_waits_for_its_time_is_not_due(alice, team):
    (generation,) = order(alice, team)
    age(generation, queued_at=recover.ENQUEUE_AFTER, available_at=-timedelta(minutes=1))

    assert recover.due() == []


def test_oldest_order_is_due_first(alice, team):
    rows = [order(alice, team)[0] for _ in range(3)]
    for row in rows:
        age(row, queued_at=recover.ENQUEUE_AFTER)

    assert recover.due() == [row.id for row in rows]


@pytest.mark.parametrize("state", [State.CANCELLED, State.DONE, State.FAILED, State.UNKNOWN])
def test_order_that_has_ended_is_not_due(alice, team, state):
    (generation,) = order(alice, team)
    age(generation, queued_at=recover.ENQUEUE_AFTER)
    bring_to(generation, state)

    assert recover.due() == []


def test_lease_that_lives_is_respected(alice, team, emulator):
    claimed = sent(alice, team)

    assert sweep() == 0
    assert states() == (State.RUNNING, AttemptState.SENT)
    assert Generation.objects.get().lease == claimed.lease


def test_claim_that_was_never_sent_is_given_back(alice, team, emulator):
    (generation,) = order(alice, team)
    claim(generation.id)
    lease_ran_out()

    assert sweep() == 1
    assert states() == (State.QUEUED, AttemptState.RELEASED)
    assert generation_now().enqueued_at is None


def test_order_that_was_sent_and_not_answered_is_a_doubt(alice, team, emulator):
    sent(alice, team)
    lease_ran_out()

    assert sweep() == 1
    assert states() == (State.UNKNOWN, AttemptState.UNKNOWN)
    assert (generation_now().reason, Attempt.objects.get().reason) == (recover.WORKER_LOST, recover.WORKER_LOST)
    assert generation_now().finished_at


def test_answer_of_a_dead_worker_is_stored(alice, team, emulator):
    claimed = sent(alice, team)
    spool.write(claimed.attempt_id, configured_provider().call(claimed.request))
    lease_ran_out()

    sweep()

    assert states() == (State.DONE, AttemptState.STORED)
    assert list(spool.waiting()) == []


def test_answer_of_a_worker_that_is_at_it_is_left_alone(alice, team, emulator):
    claimed = sent(alice, team)
    spool.write(claimed.attempt_id, configured_provider().call(claimed.request))

    assert sweep() == 0
    assert states() == (State.RUNNING, AttemptState.SENT)


def test_answer_that_turns_up_after_the_doubt_is_stored(alice, team, emulator):
    claimed = sent(alice, team)
    answer = configured_provider().call(claimed.request)
    lease_ran_out()
    sweep()
    spool.write(claimed.attempt_id, answer)

    assert sweep() == 1
    assert states() == (State.DONE, AttemptState.STORED)
    assert generation_now().cost == answer.cost


def test_whole_part_file_of_a_dead_worker_is_stored(alice, team, emulator, data_dir):
    claimed = sent(alice, team)
    answer = configured_provider().call(claimed.request)
    spool.write(claimed.attempt_id, answer)
    (named,) = (data_dir / "spool").iterdir()
    part = named.rename(f"{named}.part")
    a_while_ago = time.time() - 100
    os.utime(part, (a_while_ago, a_while_ago))
    lease_ran_out()

    sweep()

    assert states() == (State.DONE, AttemptState.STORED)


def test_paid_answer_whose_file_is_gone_fails_and_its_cost_stays(alice, team, emulator):
    claimed = sent(alice, team)
    lose_the_answer(claimed)
    lease_ran_out()

    assert sweep() == 1
    assert states() == (State.FAILED, AttemptState.REJECTED)
    assert generation_now().cost == Attempt.objects.get().cost > 0
    assert generation_now().reason == "Paid, not delivered. The provider's response is no longer on this site's disk."


def test_picture_behind_an_address_is_fetched_by_a_later_round(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.fault("json-url")
    emulator.control.fault("503", on="files")
    fulfil(generation.id)
    assert states() == (State.RUNNING, AttemptState.ANSWERED)
    Attempt.objects.update(next_download_at=Now())

    sweep()

    assert states() == (State.DONE, AttemptState.STORED)


def test_row_that_cannot_be_settled_does_not_hold_up_the_others(alice, team, emulator, data_dir, caplog):
    """A folder is in the place of the first picture."""
    first, second = (sent(alice, team) for _ in range(2))
    for claimed in (first, second):
        spool.write(claimed.attempt_id, configured_provider().call(claimed.request))
    blocked = data_dir / image_name(first.attempt_id, "webp")
    blocked.mkdir(parents=True)
    lease_ran_out()

    assert sweep() == 1
    assert "could not be settled" in caplog.text
    assert Generation.objects.get(id=second.generation_id).state == State.DONE
    assert Generation.objects.get(id=first.generation_id).state == State.RUNNING
    blocked.rmdir()
    lease_ran_out()
    assert sweep() == 1
    assert Generation.objects.get(id=first.generation_id).state == State.DONE


@pytest.mark.parametrize("name", ["notes.answer", "notes.answer.part", f"{uuid.UUID(int=4)}.answer", ".hidden"])
def test_file_that_belongs_to_no_attempt_is_left_alone(emulator, data_dir, name):
    stranger = data_dir / "spool" / name
    stranger.parent.mkdir()
    stranger.write_text('["not", "ours"]\n')

    assert sweep() == 0
    assert stranger.exists()


def test_finished_picture_is_not_touched_by_a_round(alice, team, emulator):
    generation = draw(alice, team)
    path, stored = generation.image.path, files.read(generation.image.path)

    assert sweep() == 0
    assert files.read(path) == stored
    assert Image.objects.count() == 1


def sent(alice, team):
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    assert mark_sent(claimed)
    return claimed


def lose_the_answer(claimed):
    """Record an answer in the ledger and fail before its picture is stored; the spool has no copy."""

    class Gone(Exception):
        pass

    class Provider:
        def must_download(self, answer):
            return False

        def picture(self, answer):
            raise Gone

    with pytest.raises(Gone):
        accept(claimed.attempt_id, configured_provider().call(claimed.request), Provider())  # type: ignore[arg-type]


def bring_to(generation, state):
    row = Generation.objects.filter(id=generation.id)
    if state != State.CANCELLED:
        row.update(state=State.RUNNING, lease=uuid.uuid4(), lease_until=Now())
    row.update(state=state, lease=None, lease_until=None)


def lease_ran_out():
    Generation.objects.filter(state=State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))


def age(generation, **moments):
    """Set each of these fields to a moment that long ago."""
    Generation.objects.filter(id=generation.id).update(**{name: Now() - distance for name, distance in moments.items()})


def sweep():
    return recover.recover(configured_provider())


def generation_now():
    return Generation.objects.get()


def states():
    return Generation.objects.get().state, Attempt.objects.get().state
