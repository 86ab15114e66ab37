"""Workers killed at every point where their death has another effect on money, in both versions of the API.

Each case continues in the same way: the message is delivered again while the lease lives, the lease expires, and the
sweeper makes its rounds. The provider's own ledger shows how often it was paid. test_crash_doubts.py continues from
there.
"""

import os
import time

import pytest
from django.db.models.functions import Now

from generations import tasks
from generations.models import Attempt, Generation, State
from generations.pipeline.recovery import recover
from generations.storage import files, spool
from tests.eventually import eventually
from tests.faults.aftermath import let_the_lease_run_out, states, sweep
from tests.faults.crash_points import CRASH_POINTS, V1, V2, at_each

pytestmark = [pytest.mark.faults, pytest.mark.both_databases]
both_versions = pytest.mark.parametrize("version", [V1, V2], indirect=True)


@at_each(*CRASH_POINTS)
def test_worker_killed(version, point, generation, crash, bill):
    code = crash("generate", generation.id, at=point.at, after=point.after)

    assert code == -9
    assert states(generation) == point.left
    assert bool(list(spool.waiting())) == point.spooled
    if version == V2:
        assert bool(Attempt.objects.get().request_id) == point.accepted
    eventually(lambda: bill.posts == len(bill.charges) == point.charged)
    tasks.generate(str(generation.id))
    assert bill.posts == point.charged, "a message that came again made a paid call"

    let_the_lease_run_out(generation)
    sweep()
    sweep()

    generation.refresh_from_db()
    paid = point.charged or not point.doubt
    assert generation.state == ("unknown" if point.doubt else "done")
    assert bill.posts == len(bill.charges) == paid
    assert list(spool.waiting()) == []
    if point.doubt:
        assert (generation.reason, generation.cost) == (recover.WORKER_LOST, None)
    else:
        assert files.read(generation.image.path)
        assert [generation.cost] == bill.charges


@both_versions
def test_submitter_killed_before_anybody_was_told(version, alice, crash, bill):
    """Point 0: the generation is committed, the message was never sent."""
    code = crash("submit", alice.id, at="generations.tasks:enqueue", after=False)

    assert code == -9
    generation = Generation.objects.get()
    assert generation.state == State.QUEUED
    Generation.objects.update(queued_at=Now() - recover.ENQUEUE_AFTER)
    sweep()
    tasks.generate(str(generation.id))
    generation.refresh_from_db()
    assert generation.state == State.DONE
    assert (bill.posts, bill.charges) == (1, [generation.cost])


@both_versions
def test_worker_killed_between_writing_the_answer_and_naming_it(generation, crash, data_dir, bill):
    """Between points 4 and 5: the bytes are complete, but the file still has its temporary name."""
    assert crash("generate", generation.id, at="os:fsync", after=True) == -9

    (part,) = (data_dir / "spool").iterdir()
    assert part.suffix == ".part"
    a_minute_ago = time.time() - 61
    os.utime(part, (a_minute_ago, a_minute_ago))
    let_the_lease_run_out(generation)
    sweep()
    assert states(generation) == ("done", "stored")
    assert (bill.posts, bill.charges) == (1, [generation.cost])
    assert list((data_dir / "spool").iterdir()) == []
