"""An answer that arrives after its outcome became unknown: it is kept and recorded, whatever has happened since."""

import pytest
from django.db.models.functions import Now

from generations.models import Attempt, AttemptState, Generation, State
from generations.pipeline.reconciliation.lookup import mark_not_billed
from generations.pipeline.recovery import recover, trash
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.pipeline.worker.store import SUPERSEDED, accept
from generations.services.generations.unknown_outcome import mark_lost, retry_accepting_second_charge
from generations.services.orders.submit import cancel
from generations.storage import files, spool
from tests.factories import order
from tests.pipeline.reconciliation.unknown_attempts import holds, spent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("watched"), pytest.mark.both_databases]


class Late:
    """A generation whose first call was answered, and whose worker is taken for dead while it holds the answer."""

    def __init__(self, actor, team):
        self.actor = actor
        (self.generation,) = order(actor, team)
        self.claimed = claim(self.generation.id)
        assert mark_sent(self.claimed)
        self.answer = configured_provider().call(self.claimed.request)
        Generation.objects.update(lease_until=Now())
        recover.recover(configured_provider())
        assert self.state == State.UNKNOWN

    def arrives(self):
        """Let the worker continue with its answer."""
        spool.write(self.claimed.attempt_id, self.answer)
        accept(self.claimed.attempt_id, self.answer, configured_provider())

    def accept_second(self):
        assert retry_accepting_second_charge(
            actor=self.actor, generation=self.generation, attempt_id=self.generation.attempts.last().id
        )

    @property
    def row(self):
        return Generation.objects.get(id=self.generation.id)

    @property
    def state(self):
        return self.row.state

    @property
    def states(self):
        return list(self.generation.attempts.order_by("number").values_list("state", flat=True))


@pytest.fixture
def late(alice, team, emulator):
    return Late(alice, team)


def kept_aside(late, data_dir):
    return (data_dir / "rejected" / f"{late.claimed.attempt_id}.answer").exists()


def test_in_doubt_it_is_the_picture(late, team):
    late.arrives()

    assert (late.state, late.states, holds(late.row)) == (State.DONE, ["stored"], set())
    assert late.row.cost == spent(team) == late.answer.cost


def test_second_try_that_waits_is_not_needed(late, team, alice):
    late.accept_second()

    late.arrives()

    assert (late.state, late.states, holds(late.row)) == (State.DONE, ["stored"], set())
    fulfil(late.generation.id)
    assert late.generation.attempts.count() == 1
    assert spent(team) == late.answer.cost


def test_beside_a_second_try_that_runs_it_is_kept_and_booked(late, team, data_dir):
    late.accept_second()
    second = claim(late.generation.id)
    mark_sent(second)

    late.arrives()

    assert (late.state, late.states, kept_aside(late, data_dir)) == (State.RUNNING, ["rejected", "sent"], True)
    assert (spent(team), holds(late.row)) == (late.answer.cost, {2})
    first = late.generation.attempts.get(number=1)
    assert (first.reason, first.request_id, first.http_status) == (SUPERSEDED, late.answer.request_id, 200)


def test_after_a_second_picture_it_is_kept_and_booked(late, team, data_dir):
    late.accept_second()
    fulfil(late.generation.id)
    second = late.generation.attempts.get(number=2).cost

    late.arrives()

    assert (late.state, late.states, kept_aside(late, data_dir)) == (State.DONE, ["rejected", "stored"], True)
    assert late.row.cost == spent(team) == late.answer.cost + second
    assert late.row.image.attempt.number == 2


def test_after_a_second_doubt_it_is_the_picture(late, team, emulator):
    late.accept_second()
    emulator.control.fault("504")
    fulfil(late.generation.id)

    late.arrives()

    assert (late.state, late.states, holds(late.row)) == (State.DONE, ["stored", "unknown"], {2})


def test_after_a_second_try_was_refused_it_is_the_picture(late, emulator):
    late.accept_second()
    emulator.control.fault("422")
    fulfil(late.generation.id)
    assert late.state == State.FAILED

    late.arrives()

    assert (late.state, late.states, holds(late.row)) == (State.DONE, ["stored", "not_billed"], set())


def test_after_a_second_try_was_cancelled_it_is_the_picture(late, alice):
    late.accept_second()
    assert cancel(actor=alice, generation=late.generation)

    late.arrives()

    assert (late.state, late.states, holds(late.row)) == (State.DONE, ["stored"], set())


def test_given_up_as_lost_it_is_the_picture_and_its_price_is_mended(late, team, alice):
    mark_lost(actor=alice, generation=late.generation, reason="nobody knows")
    assert spent(team) == late.row.estimate

    late.arrives()

    assert (late.state, late.states, holds(late.row)) == (State.DONE, ["stored"], set())
    assert late.row.cost == spent(team) == late.answer.cost
    assert not late.row.cost_estimated


def test_in_the_trash_it_is_stored_there(late, team):
    Generation.objects.update(deleted_at=Now())

    late.arrives()

    assert (late.state, spent(team)) == (State.DONE, late.answer.cost)
    assert late.row.deleted_at


def test_purged_it_is_booked_and_cleared_away(late, team):
    Generation.objects.update(deleted_at=Now(), purged_at=Now(), files_gone=True, prompt="", parameters={})

    late.arrives()
    name = late.row.image.path
    trash.empty_trash()

    assert spent(team) == late.answer.cost
    assert not files.path_of(name).exists()
    assert late.row.files_gone


def test_taken_for_not_billed_it_is_kept_and_booked(late, team, data_dir, caplog):
    """The provider's information was wrong: the generation is queued again, and may be generated twice."""
    mark_not_billed(Attempt.objects.get(), "Not drawn.", again=True)

    late.arrives()

    assert (late.state, late.states, kept_aside(late, data_dir)) == (State.QUEUED, ["not_billed"], True)
    assert spent(team) == late.row.cost == late.answer.cost
    assert "was taken for not billed" in caplog.text


def test_answer_that_was_booked_and_not_yet_set_aside_is_not_removed(late, data_dir):
    """The worker died between the ledger entry and the move of the file."""
    late.accept_second()
    fulfil(late.generation.id)
    late.arrives()
    spool.remove_rejected(late.claimed.attempt_id)

    late.arrives()

    assert kept_aside(late, data_dir)
    assert list(spool.waiting()) == []
    assert late.states == [AttemptState.REJECTED, AttemptState.STORED]


def test_stored_twice_it_is_one_picture(late, team):
    late.arrives()
    late.arrives()

    assert (late.states, spent(team)) == (["stored"], late.answer.cost)
    assert list(spool.waiting()) == []
