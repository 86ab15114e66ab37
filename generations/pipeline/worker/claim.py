"""A worker takes a queued generation, and says so in the database before it spends money."""

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

from generations import ledger, schema
from generations.conf import conf
from generations.models import MOVES, Attempt, AttemptState, Generation, State
from generations.pipeline.circuit_breaker.pauses import UNRESTRICTED, CircuitPass, is_still_valid
from generations.providers.base import ImageRequest

MAX_SEED = 2**31 - 1  # where the schema names no maximum
MAX_BIGINT = 2**63 - 1  # what a column of the database holds
MAX_DELAY_SECONDS = 300
NO_LEASE: dict[str, None] = {"lease": None, "lease_until": None}


@dataclass(frozen=True)
class Claim:
    """A generation that is ours until the lease runs out, and the attempt reserved for it."""

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
    """One step along the graph of states by one UPDATE; False when somebody else was there first."""
    if (source, target) not in MOVES:
        raise ValueError(f"{source} → {target} is no move.")
    # Days that are added up know by the time of the end that what they say of failures is outdated.
    if State.FAILED in {source, target} and "finished_at" not in changes:
        raise ValueError(f"{source} → {target} has to set finished_at.")
    rows = Generation.objects.filter(id=generation_id, state=source)
    if lease is not None:
        rows = rows.filter(lease=lease)
    if source is State.RUNNING:
        changes |= NO_LEASE
    return rows.update(state=target, **changes) == 1


def move_attempt(attempt_id: uuid.UUID, sources: Sequence[AttemptState], target: AttemptState, **changes: Any) -> bool:
    return Attempt.objects.filter(id=attempt_id, state__in=sources).update(state=target, **changes) == 1


@transaction.atomic
def claim(generation_id: uuid.UUID) -> Claim | None:
    """None when there is nothing to do: the message was a duplicate, came late, or names an unknown row."""
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
    estimate = generation.estimate or order.list_price  # a row of an older release has none
    attempt = Attempt.objects.create(
        generation=generation, n=number, hold=generation.holds, seed=seed, estimate=estimate
    )
    request = request_of(order, generation.parameters, seed)
    return Claim(generation.id, attempt.id, lease, generation.tries, generation.holds, estimate, request)


def _take(generation_id: uuid.UUID, lease: uuid.UUID) -> bool:
    due = Generation.objects.filter(id=generation_id, state=State.QUEUED, available_at__lte=Now())
    return due.update(state=State.RUNNING, lease=lease, lease_until=lease_end(), tries=F("tries") + 1, reason="") == 1


def _reject_claim(generation: Generation) -> None:
    """Its schema was removed while it waited: it would fail for ever, and nobody would be told."""
    sentence = f"This site does not draw with the model “{generation.model}” any more. Not charged."
    move(generation.id, State.RUNNING, State.FAILED, reason=sentence, finished_at=Now())
    ledger.release(generation.id, generation.holds)


def _seed_for(generation: Generation, order: schema.ParameterSchema, number: int) -> int | None:
    """A seed of its own for each attempt, since it is what the vendor's history echoes; a chosen one stays."""
    if number > 1 and not generation.seed_locked and generation.seed is not None:
        generation.seed = draw_seed(order.by_role("seed"))
        generation.fingerprint = schema.fingerprint(order, generation.parameters, generation.seed)
        generation.save(update_fields=["seed", "fingerprint"])
    return generation.seed


def draw_seed(parameter: schema.Parameter | None = None) -> int:
    """A seed as the model takes it, never 0 and never the -1 that asks for a random one."""
    return secrets.choice(_seeds(parameter))


def seed_after(chosen: int, steps: int, parameter: schema.Parameter) -> int:
    """Counted up from a chosen seed; behind the largest comes the smallest."""
    seeds = _seeds(parameter)
    over = chosen + steps - seeds.stop
    return chosen + steps if over < 0 else seeds[over % len(seeds)]


def _seeds(parameter: schema.Parameter | None) -> range:
    low = 1 if parameter is None or parameter.minimum is None else max(1, int(parameter.minimum))
    high = MAX_SEED if parameter is None or parameter.maximum is None else int(parameter.maximum)
    return range(low, max(low, min(high, MAX_BIGINT)) + 1)


def request_of(order: schema.ParameterSchema, parameters: schema.Values, seed: int | None) -> ImageRequest:
    values = dict(parameters)
    role = order.by_role("seed")
    if role is not None and seed is not None:
        values[role.name] = seed
    return ImageRequest(order.slug, schema.body(order, values))


@transaction.atomic
def mark_sent(claim: Claim, admitted: CircuitPass = UNRESTRICTED) -> bool:
    """The commit that must stand before the socket opens. False when the claim is no longer ours, or all sending has
    been stopped since it was admitted; then the order stands in the line again.
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


def hold_for(claim: Claim, seconds: float) -> None:
    """Let the lease end so many seconds from now. Nothing happens when it is no longer this claim's."""
    ours = Generation.objects.filter(id=claim.generation_id, state=State.RUNNING, lease=claim.lease)
    ours.update(lease_until=Now() + timedelta(seconds=seconds))


@transaction.atomic
def release_claim(claim: Claim) -> None:
    """Give up a claim of which nothing was sent."""
    if move_attempt(claim.attempt_id, [AttemptState.RESERVED], AttemptState.RELEASED, finished_at=Now()):
        again = {"available_at": Now(), "enqueued_at": None, "tries": claim.tries - 1}
        move(claim.generation_id, State.RUNNING, State.QUEUED, lease=claim.lease, **again)


def is_due(generation_id: uuid.UUID) -> bool:
    return Generation.objects.filter(id=generation_id, state=State.QUEUED, available_at__lte=Now()).exists()


def postpone(generation_id: uuid.UUID, seconds: float) -> None:
    """Not now; the sweeper rings for it when the time has come."""
    later = Now() + timedelta(seconds=seconds)
    Generation.objects.filter(id=generation_id, state=State.QUEUED).update(available_at=later, enqueued_at=None)


def lease_end() -> Any:
    """The database's clock decides; a worker whose own clock is wrong cannot steal a lease."""
    return Now() + timedelta(seconds=conf().lease_seconds)


def available_later(tries: int) -> Any:
    """Full jitter, so that a queue that was stopped as one does not wake as one."""
    return Now() + timedelta(seconds=random.uniform(0, min(MAX_DELAY_SECONDS, 2 * 2**tries)))
