"""Claiming of a queued generation by a worker, recorded in the database before any money is spent."""

import random
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generations import ledger, schema
from generations.conf import conf
from generations.models import MOVES, Attempt, AttemptState, Generation, State
from generations.pipeline.circuit_breaker.pauses import UNRESTRICTED, CircuitPass, is_still_valid
from generations.providers.base import ImageRequest, image_request

MAX_SEED = 2**31 - 1  # if the schema has no maximum
MAX_BIGINT = 2**63 - 1  # the maximum of the database's column
MAX_DELAY_SECONDS = 300
NO_LEASE: dict[str, None] = {"lease": None, "lease_until": None}


@dataclass(frozen=True)
class Claim:
    """A generation that belongs to this worker until the lease ends, and the attempt reserved for it."""

    generation_id: uuid.UUID
    attempt_id: uuid.UUID
    lease: uuid.UUID
    tries: int
    hold: int
    estimate: Decimal
    request: ImageRequest


def move(
    generation_id: uuid.UUID, source: State, target: State, *, lease: uuid.UUID | None = None, **changes: Any
) -> bool:
    """Change the state by one conditional UPDATE; return False when another process was first.

    Raises ValueError for a change that MOVES lacks.
    """
    if (source, target) not in MOVES:
        raise ValueError(f"{source} → {target} is no move.")
    # Daily sums are recognised as outdated by `finished_at`, because their figures of failed pictures change with it.
    if State.FAILED in {source, target} and "finished_at" not in changes:
        raise ValueError(f"{source} → {target} has to set finished_at.")
    rows = Generation.objects.filter(id=generation_id, state=source)
    if lease is not None:
        rows = rows.filter(lease=lease)
    if source is State.RUNNING:
        changes |= NO_LEASE
    return rows.update(state=target, **changes) == 1


def move_attempt(attempt_id: uuid.UUID, sources: Sequence[AttemptState], target: AttemptState, **changes: Any) -> bool:
    """Change an attempt's state by one conditional UPDATE; return False when it is in none of the source states."""
    return Attempt.objects.filter(id=attempt_id, state__in=sources).update(state=target, **changes) == 1


@transaction.atomic
def claim(generation_id: uuid.UUID) -> Claim | None:
    """Claim a queued generation; None for a duplicate or late message, or an unknown row or model."""
    lease = uuid.uuid4()
    if not _take(generation_id, lease):
        return None
    generation = Generation.objects.get(id=generation_id)
    order = schema.load().get(generation.model)
    if order is None:
        _reject_claim(generation)
        return None
    number = generation.attempts.count() + 1
    seed = _seed_for(generation, order, number)
    attempt = Attempt.objects.create(
        generation=generation, number=number, hold_number=generation.hold_count, seed=seed, estimate=generation.estimate
    )
    request = image_request(order, generation.parameters, seed)
    return Claim(
        generation.id, attempt.id, lease, generation.tries, generation.hold_count, generation.estimate, request
    )


def _take(generation_id: uuid.UUID, lease: uuid.UUID) -> bool:
    due = Generation.objects.filter(id=generation_id, state=State.QUEUED, available_at__lte=Now())
    return due.update(state=State.RUNNING, lease=lease, lease_until=lease_end(), tries=F("tries") + 1, reason="") == 1


def _reject_claim(generation: Generation) -> None:
    """Fail a generation whose schema was removed while it was queued, since it would otherwise be retried for ever."""
    sentence = _("This site no longer offers the model “%(model)s”. Not charged.") % {"model": generation.model}
    move(generation.id, State.RUNNING, State.FAILED, reason=sentence, finished_at=Now())
    ledger.release(generation.id, generation.hold_count)


def _seed_for(generation: Generation, order: schema.ParameterSchema, number: int) -> int | None:
    """Return a new seed for each attempt, because the provider's history identifies calls by it; a chosen one stays."""
    if number > 1 and not generation.seed_locked and generation.seed is not None:
        generation.seed = draw_seed(order.by_role("seed"))
        generation.fingerprint = schema.fingerprint(order, generation.parameters, generation.seed)
        generation.save(update_fields=["seed", "fingerprint"])
    return generation.seed


def draw_seed(parameter: schema.Parameter | None = None) -> int:
    """Return a random seed in the model's range, never 0 and never the -1 that requests a random one."""
    return secrets.choice(_seeds(parameter))


def seed_after(chosen: int, steps: int, parameter: schema.Parameter) -> int:
    """Return the seed this many steps after a chosen one; the smallest follows the largest."""
    seeds = _seeds(parameter)
    over = chosen + steps - seeds.stop
    return chosen + steps if over < 0 else seeds[over % len(seeds)]


def _seeds(parameter: schema.Parameter | None) -> range:
    low = 1 if parameter is None or parameter.minimum is None else max(1, int(parameter.minimum))
    high = MAX_SEED if parameter is None or parameter.maximum is None else int(parameter.maximum)
    return range(low, max(low, min(high, MAX_BIGINT)) + 1)


@transaction.atomic
def mark_sent(claim: Claim, admitted: CircuitPass = UNRESTRICTED) -> bool:
    """Commit the attempt as sent; must succeed before the socket opens.

    Returns False when the claim has lost its lease, or a pause has opened since it was admitted; then the generation is
    queued again.
    """
    if not is_still_valid(admitted):
        release_claim(claim)
        return False
    ours = Generation.objects.filter(
        id=claim.generation_id, state=State.RUNNING, lease=claim.lease, lease_until__gt=Now()
    )
    if ours.update(lease_until=lease_end()) != 1:
        return False
    return move_attempt(claim.attempt_id, [AttemptState.RESERVED], AttemptState.SENT, sent_at=Now())


def extend_lease(claim: Claim, seconds: float) -> None:
    """Let the lease end this many seconds from now, unless the claim has lost it."""
    ours = Generation.objects.filter(id=claim.generation_id, state=State.RUNNING, lease=claim.lease)
    ours.update(lease_until=Now() + timedelta(seconds=seconds))


@transaction.atomic
def release_claim(claim: Claim) -> None:
    """Return the generation of an unsent claim to the queue, without counting the try."""
    if move_attempt(claim.attempt_id, [AttemptState.RESERVED], AttemptState.RELEASED, finished_at=Now()):
        again = {"available_at": Now(), "enqueued_at": None, "tries": claim.tries - 1}
        move(claim.generation_id, State.RUNNING, State.QUEUED, lease=claim.lease, **again)


def is_due(generation_id: uuid.UUID) -> bool:
    """Return whether a generation is queued and its time has come."""
    return Generation.objects.filter(id=generation_id, state=State.QUEUED, available_at__lte=Now()).exists()


def lease_end() -> Any:
    """Return the end of a new lease by the database's clock, so that a wrong local clock cannot steal a lease."""
    return Now() + timedelta(seconds=conf().lease_seconds)


def available_later(tries: int) -> Any:
    """Return the time of the next try, with full jitter so that a paused queue does not resume all at once."""
    return Now() + timedelta(seconds=random.uniform(0, min(MAX_DELAY_SECONDS, 2 * 2**tries)))
