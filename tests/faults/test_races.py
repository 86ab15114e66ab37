"""Two processes on one row: workers, sweepers, a worker and a sweeper, a worker and a user."""

import hashlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf

import pytest
from django.db import transaction
from django.db.models.functions import Now

from generations.errors import OutcomeUnknown
from generations.models import Attempt, AttemptState, Generation, Image, State
from generations.pipeline.recovery import recover
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.outcomes import settle_error
from generations.pipeline.worker.store import accept
from generations.providers.base import Answer, Balance, ImageRequest, PastCall, Provider, ignore_event
from generations.services.orders.submit import cancel
from generations.storage import files, spool
from tests.factories import order
from tests.faults.together import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

ROUNDS = 200
WORKERS = 4


@dataclass
class Interrupted:
    """The real provider; `before` and `after` run around the call while the worker waits for it."""

    provider: Provider
    before: list[Callable[[], object]] = field(default_factory=list)
    after: list[Callable[[], object]] = field(default_factory=list)

    def call(self, request: ImageRequest, accepted: Callable[[str], None] = ignore_event) -> Answer:
        for happens in self.before:
            happens()
        try:
            return self.provider.call(request, accepted)
        finally:
            for happens in self.after:
                happens()

    def resume(self, request_id: str, patience: float = inf) -> Answer:
        return self.provider.resume(request_id, patience)

    def past(self, since: datetime, until: datetime) -> list[PastCall]:
        return self.provider.past(since, until)

    def picture(self, answer: Answer) -> bytes:
        return self.provider.picture(answer)

    def must_download(self, answer):
        return self.provider.must_download(answer)

    def balance(self) -> Balance:
        return self.provider.balance()


def test_four_workers_claim_one_row_and_one_gets_it(alice, team):
    rows = many(alice, team, ROUNDS)

    won = race(lambda row: claim(row.id) is not None, rows)

    assert won == [1] * ROUNDS
    assert Attempt.objects.count() == ROUNDS
    assert set(Generation.objects.values_list("state", "tries")) == {("running", 1)}


def test_race_is_lost_by_a_claim_that_looks_before_it_writes(alice, team):
    """The control: a race that nobody can lose would prove nothing about the claim above."""

    def looks_first(row):
        due = Generation.objects.get(id=row.id).state == State.QUEUED
        time.sleep(0.002)
        if due:
            Generation.objects.filter(id=row.id).update(state=State.CANCELLED)
        return due

    won = race(looks_first, many(alice, team, 20))

    assert max(won) > 1


def test_cancel_and_claim_of_one_row_never_both_win(alice, team):
    rows = many(alice, team, ROUNDS)

    def person(row):
        return cancel(actor=row.author, generation=row)

    def worker(row):
        return claim(row.id) is not None

    start = threading.Barrier(2)
    cancelled, claimed = together(
        lambda: [start.wait() is not None and person(row) for row in rows],
        lambda: [start.wait() is not None and worker(row) for row in rows],
    )

    assert [one + other for one, other in zip(cancelled, claimed, strict=True)] == [1] * ROUNDS
    assert Generation.objects.filter(state=State.CANCELLED, attempts__isnull=False).count() == 0
    assert Attempt.objects.count() == sum(claimed)


def test_mark_sent_and_sweeper_of_one_row_never_both_win(alice, team):
    """The lease has just expired: either the worker may send, or the sweeper has taken the row back."""
    claims = [claim(row.id) for row in many(alice, team, 40)]
    let_leases_run_out()

    _, sent = together(
        lambda: recover.recover(configured_provider()),
        lambda: [mark_sent(one) for one in claims],
    )

    assert sent == [False] * 40
    assert set(Attempt.objects.values_list("state", flat=True)) == {AttemptState.RELEASED}
    assert set(Generation.objects.values_list("state", flat=True)) == {State.QUEUED}


def test_answer_after_the_sweeper_gave_up_is_stored(alice, team, emulator):
    (generation,) = order(alice, team)
    seen = []

    def sweeper_gives_up():
        let_leases_run_out()
        recover.recover(configured_provider())
        seen.append(Generation.objects.get().state)

    fulfil(generation.id, Interrupted(configured_provider(), before=[sweeper_gives_up]))

    generation.refresh_from_db()
    assert seen == [State.UNKNOWN]
    assert (generation.state, generation.reason) == (State.DONE, "")
    assert generation.cost == Attempt.objects.get().cost > 0
    assert files.read(generation.image.path)
    assert list(spool.waiting()) == []


def test_refusal_after_the_sweeper_gave_up_starts_no_second_call(alice, team, emulator):
    (generation,) = order(alice, team)
    emulator.control.fault("500")
    before = len(emulator.control.journal)

    fulfil(generation.id, Interrupted(configured_provider(), after=[give_up]))
    sweep_twice()

    assert Generation.objects.get().state == State.UNKNOWN
    assert len(emulator.control.journal) - before == 1


def test_doubt_of_a_worker_whose_lease_was_just_taken_starts_no_second_call(alice, team, emulator):
    """The sweeper has taken the lease but not yet read the attempt when the worker closes it as unknown."""
    (generation,) = order(alice, team)
    emulator.control.fault("drop")
    before = len(emulator.control.journal)

    def sweeper_takes_the_lease():
        Generation.objects.update(lease=uuid.uuid4())

    fulfil(generation.id, Interrupted(configured_provider(), after=[sweeper_takes_the_lease]))
    sweep_twice()

    assert Generation.objects.get().state == State.UNKNOWN
    assert Attempt.objects.get().state == AttemptState.UNKNOWN
    assert len(emulator.control.journal) - before == 1


def test_worker_in_doubt_and_sweeper_at_once_agree_on_unknown(alice, team):
    """Both close the same attempts at the same moment, repeatedly."""
    claims = [claim(row.id) for row in many(alice, team, 60)]
    assert all(mark_sent(one) for one in claims)
    let_leases_run_out()
    doubt = OutcomeUnknown("The provider was asked, but no complete answer came back.")

    together(
        lambda: [recover.recover(configured_provider()) for _ in range(3)],
        lambda: [settle_error(one, doubt) for one in reversed(claims)],
    )
    sweep_twice()

    assert set(Generation.objects.values_list("state", flat=True)) == {State.UNKNOWN}
    assert set(Attempt.objects.values_list("state", flat=True)) == {AttemptState.UNKNOWN}
    assert Attempt.objects.count() == 60


def test_worker_and_sweeper_store_one_answer_as_one_image(alice, team, emulator, data_dir):
    provider = configured_provider()
    for _ in range(4):
        (generation,) = order(alice, team)
        claimed = claim(generation.id)
        assert mark_sent(claimed)
        answer = provider.call(claimed.request)
        spool.write(claimed.attempt_id, answer)
        let_leases_run_out()

        sweeper = partial(recover.recover, provider)
        together(partial(accept, claimed.attempt_id, answer, provider), sweeper, sweeper)

        image = Image.objects.get(generation=generation)
        assert Generation.objects.get(id=generation.id).state == State.DONE
        assert Generation.objects.get(id=generation.id).cost == answer.cost
        assert hashlib.sha256(files.read(image.path)).hexdigest() == image.sha256
        assert image.thumbnails.count() == 3
    assert list(data_dir.rglob("*.part")) == []
    assert list(spool.waiting()) == []


def test_two_sweepers_settle_each_row_once(alice, team):
    claims = [claim(row.id) for row in many(alice, team, 40)]
    assert all(mark_sent(one) for one in claims[::2])
    let_leases_run_out()

    settled = together(*[lambda: recover.recover(configured_provider())] * 2)

    assert sum(settled) == 40
    states = Generation.objects.values_list("state", flat=True)
    assert sorted(states) == ["queued"] * 20 + ["unknown"] * 20


def many(alice, team, count):
    with transaction.atomic():
        (pattern,) = order(alice, team)
        transaction.set_rollback(True)
    fields = {f.attname: getattr(pattern, f.attname) for f in Generation._meta.concrete_fields}
    del fields["id"]
    return Generation.objects.bulk_create(Generation(**{**fields, "batch": uuid.uuid4()}) for _ in range(count))


def race(attempt, rows):
    """Return how many of the workers won each row; they wait for each other before every row."""
    start = threading.Barrier(WORKERS)

    def worker():
        won = []
        for row in rows:
            start.wait(120)
            won.append(bool(attempt(row)))
        return won

    return [sum(winners) for winners in zip(*together(*[worker] * WORKERS), strict=True)]


def let_leases_run_out():
    Generation.objects.filter(state=State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))


def give_up():
    let_leases_run_out()
    recover.recover(configured_provider())


def sweep_twice():
    """Run two rounds of the sweeper, each with a worker that takes its messages."""
    for _ in range(2):
        give_up()
        Generation.objects.update(queued_at=Now() - recover.ENQUEUE_AFTER, enqueued_at=None, available_at=Now())
        for generation_id in recover.due():
            fulfil(generation_id)
