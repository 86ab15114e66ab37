"""What follows a worker's death: waiting times, skipped here by moving timestamps, and rounds of the sweeper."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from generations import tasks
from generations.conf import conf
from generations.management.sweeper.jobs import BalanceReader, look_after_pauses, settle_unknown_outcomes, store_answers
from generations.models import Attempt, BalanceReading, Generation, State
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import configured_provider


def states(generation: Generation) -> tuple[str, str]:
    generation.refresh_from_db()
    return generation.state, Attempt.objects.get(generation=generation).state


def let_the_lease_run_out(generation: Generation) -> None:
    """Expire the lease and the times that the sweeper leaves to the submitter."""
    Generation.objects.filter(id=generation.id, state=State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
    Generation.objects.filter(id=generation.id).update(queued_at=Now() - recover.ENQUEUE_AFTER)
    Attempt.objects.filter(generation=generation, next_download_at__isnull=False).update(next_download_at=Now())


def let_the_lag_pass() -> None:
    """Move past events back by more than the lag of the provider's history."""
    lag = timedelta(seconds=conf().history_lag + 1)
    Attempt.objects.update(sent_at=F("sent_at") - lag)
    BalanceReading.objects.update(read_at=F("read_at") - lag)


def sweep() -> None:
    """Run one round of the sweeper, and a worker that takes its messages."""
    recover.recover(configured_provider())
    _ring()


def ask() -> None:
    """Run the sweeper's questions to the provider for every unknown outcome, and a worker that takes its messages."""
    Attempt.objects.update(next_lookup_at=None)
    provider = configured_provider()
    store_answers(provider)
    look_after_pauses(provider, BalanceReader())
    settle_unknown_outcomes(provider)
    _ring()


def _ring() -> None:
    """Take the messages of all queued generations, whose retry delay is skipped."""
    Generation.objects.filter(state=State.QUEUED).update(available_at=Now())
    for generation_id in recover.due():
        tasks.generate(str(generation_id))
