"""Unknown outcomes after a worker's death: a second payment never settles one, the provider's answer does.

With a request id in the database the picture is fetched by it. Without one the provider's history decides; it lists
nothing at first here, because the real one may be late.
"""

import pytest
from django.utils import timezone

from generations import ledger, tasks
from generations.models import Attempt
from generations.pipeline.circuit_breaker import probes
from generations.pipeline.reconciliation.lookup import DELIVERED_NOT
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import configured_provider
from generations.storage import files, spool
from tests.eventually import eventually
from tests.faults.aftermath import ask, let_the_lag_pass, let_the_lease_run_out, states, sweep
from tests.faults.crash_points import CRASH_POINTS, at_each
from tests.pipeline.reconciliation.unknown_attempts import holds

pytestmark = [pytest.mark.faults, pytest.mark.both_databases]
DOUBTS = [point for point in CRASH_POINTS if point.doubt]
LONG = 86_400


@pytest.fixture
def emulator(emulator):
    emulator.control.update({"history_seconds": LONG})
    yield emulator
    emulator.control.update({"history_seconds": 0})


@pytest.fixture
def doubt(point, generation, crash, bill):
    """Return a generation with an unknown outcome after a crash and a round of the sweeper.

    The balance was read before.
    """
    probes.read_hourly(configured_provider())
    assert crash("generate", generation.id, at=point.at, after=point.after) == -9
    eventually(lambda: bill.posts == len(bill.charges) == point.charged)
    let_the_lease_run_out(generation)
    sweep()
    assert states(generation) == ("unknown", "unknown")
    return generation


@at_each(*DOUBTS)
def test_doubt_is_never_settled_by_paying_again(doubt, bill):
    sent = bill.posts

    for _ in range(3):
        tasks.generate(str(doubt.id))
        sweep()

    assert states(doubt) == ("unknown", "unknown")
    assert bill.posts == sent


@at_each(*DOUBTS)
def test_doubt_ends_with_one_charge_and_its_exact_cost(version, point, doubt, team, emulator, bill):
    ask()
    assert states(doubt) == (("done", "stored") if point.is_resumed(version) else ("unknown", "unknown"))
    assert bill.posts == point.charged

    emulator.control.update({"history_seconds": 0})
    if not point.charged:
        ask()
        assert states(doubt) == ("unknown", "unknown"), "absence proved something before the history had its time"
        let_the_lag_pass()
    ask()
    settled = attempts(doubt)
    tasks.generate(str(doubt.id))
    sweep()
    ask()

    doubt.refresh_from_db()
    assert doubt.state == point.end(version)
    assert (bill.posts, bill.charges, doubt.cost_estimated) == (1, [doubt.cost], False)
    assert (attempts(doubt), holds(doubt), list(spool.waiting())) == (settled, set(), [])
    assert ledger.spent(team, ledger.month_of(timezone.now())[0]) == doubt.cost
    if doubt.state == "done":
        assert files.read(doubt.image.path)
        assert settled == (["stored"] if point.charged else ["not_billed", "stored"])
    else:
        assert (doubt.reason, settled) == (DELIVERED_NOT, ["unknown"])


@at_each(*[point for point in DOUBTS if point.charged and not point.accepted])
def test_money_that_is_missing_outweighs_a_history_that_is_silent(doubt, bill):
    """The provider is later than it claims: after its own delay the call is still not listed."""
    let_the_lag_pass()

    for _ in range(3):
        ask()
        tasks.generate(str(doubt.id))

    assert states(doubt) == ("unknown", "unknown")
    assert (bill.posts, doubt.reason, doubt.cost) == (1, recover.WORKER_LOST, None)


def attempts(generation):
    return list(Attempt.objects.filter(generation=generation).order_by("number").values_list("state", flat=True))
