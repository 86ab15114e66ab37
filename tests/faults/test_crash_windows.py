"""A worker is killed at every point where its death means something else for the money.

Each story goes on the same way: the message is delivered again while the lease lives, the lease runs out, and the
sweeper makes its rounds. The provider's own ledger says how often it was paid.
"""

import os
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from generations import tasks
from generations.models import Attempt, Generation, State
from generations.pipeline import recover
from generations.pipeline.fulfil import configured_provider
from generations.storage import files, spool
from tests.eventually import eventually
from tests.faults.crash import crash

pytestmark = pytest.mark.faults


@dataclass(frozen=True)
class Window:
    """Where the worker dies, what the database and the spool hold then, and how it ends."""

    name: str
    at: str
    crashed: tuple[str, str]
    end: str
    paid: int
    after: bool = False
    spooled: bool = False


WINDOWS = [
    Window("1 claimed", "generations.pipeline.fulfil:mark_sent", ("running", "reserved"), "done", 1),
    Window("2 marked as sent", "generations.pipeline.fulfil:free_connection", ("running", "sent"), "unknown", 0),
    Window("3 waiting for the answer", "generations.providers.transport:_Connection.getresponse", ("running", "sent"),
           "unknown", 1),
    Window("4 answer read", "generations.storage.spool:write", ("running", "sent"), "unknown", 1),
    Window("5 answer in the spool", "generations.pipeline.fulfil:accept", ("running", "sent"), "done", 1,
           spooled=True),
    Window("6 answer in the books", "generations.pipeline.store:inspect", ("running", "answered"), "done", 1,
           spooled=True),
    Window("7 original stored", "generations.storage.files:save", ("running", "answered"), "done", 1,
           after=True, spooled=True),
    Window("7b rows not committed", "generations.pipeline.store:thumbnail_row", ("running", "answered"), "done", 1,
           spooled=True),
    Window("8 committed", "generations.storage.spool:remove", ("done", "stored"), "done", 1, spooled=True),
]  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.name)
def test_worker_killed(window, generation, environment, bill):
    code = crash("generate", generation.id, at=window.at, after=window.after, environment=environment)

    assert code == -9
    assert states(generation) == window.crashed
    assert bool(list(spool.waiting())) == window.spooled
    eventually(lambda: len(bill.charges) == (window.paid if window.crashed != ("running", "reserved") else 0))
    sent = bill.posts
    tasks.generate(str(generation.id))
    assert bill.posts == sent, "a message that came again made a paid call"

    let_the_lease_run_out(generation)
    sweep()
    sweep()

    generation.refresh_from_db()
    assert generation.state == window.end
    assert len(bill.charges) == window.paid
    assert bill.posts == window.paid
    assert list(spool.waiting()) == []
    if window.end == "done":
        assert files.read(generation.image.path)
        assert [generation.cost] == bill.charges
    else:
        assert (generation.reason, generation.cost) == (recover.LOST, None)


@pytest.mark.parametrize("window", [window for window in WINDOWS if window.end == "unknown"], ids=lambda w: w.name)
def test_doubt_is_never_settled_by_paying_again(window, generation, environment, bill):
    crash("generate", generation.id, at=window.at, after=window.after, environment=environment)
    let_the_lease_run_out(generation)
    sweep()
    sent = bill.posts

    for _ in range(3):
        tasks.generate(str(generation.id))
        sweep()

    assert states(generation) == ("unknown", "unknown")
    assert bill.posts == sent


def test_submitter_killed_before_anybody_was_told(alice, environment, bill):
    """Window 0: the order is committed, the message never left."""
    code = crash("submit", alice.id, at="generations.tasks:ring", after=False, environment=environment)

    assert code == -9
    generation = Generation.objects.get()
    assert generation.state == State.QUEUED
    Generation.objects.update(queued_at=Now() - recover.PATIENCE)
    sweep()
    generation.refresh_from_db()
    assert generation.state == State.DONE
    assert (bill.posts, len(bill.charges)) == (1, 1)


def test_worker_killed_between_writing_the_answer_and_naming_it(generation, environment, data_dir, bill):
    """Between windows 4 and 5: the bytes are whole, only the file's name says that they are not."""
    assert crash("generate", generation.id, at="os:fsync", after=True, environment=environment) == -9

    (part,) = (data_dir / "spool").iterdir()
    assert part.suffix == ".part"
    a_minute_ago = time.time() - 61
    os.utime(part, (a_minute_ago, a_minute_ago))
    let_the_lease_run_out(generation)
    sweep()
    assert states(generation) == ("done", "stored")
    assert (bill.posts, len(bill.charges)) == (1, 1)
    assert list((data_dir / "spool").iterdir()) == []


def states(generation: Generation) -> tuple[str, str]:
    generation.refresh_from_db()
    return generation.state, Attempt.objects.get(generation=generation).state


def let_the_lease_run_out(generation: Generation) -> None:
    """And with it the moments that the sweeper leaves to whoever submitted."""
    Generation.objects.filter(id=generation.id, state=State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
    Generation.objects.filter(id=generation.id).update(queued_at=Now() - recover.PATIENCE)


def sweep() -> None:
    """One round of the sweeper, and a worker that hears it ring."""
    recover.recover(configured_provider())
    for generation_id in recover.due():
        tasks.generate(str(generation_id))
