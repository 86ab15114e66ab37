"""Ordering pictures, and taking an order back."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from generations import ledger, schema, tasks
from generations.errors import PriceChanged
from generations.models import Collection, Generation, Team, User, uuid7, uuid7_at
from generations.pipeline.worker.cancel import cancel_queued
from generations.pipeline.worker.claim import draw_seed, seed_after
from generations.queries.generations.duplicates import find_duplicates
from generations.queries.spending.prices import expected_cost
from generations.services.collections import collections
from generations.services.orders import quotas

MAX_AT_ONCE = 8


@dataclass(frozen=True)
class GenerationRequest:
    """Clean values for one model, how many pictures, and the key of the form they came from.

    With `cells` each picture has values of its own, seed included; `values` and `count` then say nothing. Without a
    `visibility` the team's default holds.
    """

    values: schema.Values
    count: int = 1
    client_key: uuid.UUID | None = None
    model: str = schema.DEFAULT
    collection: Collection | None = field(default=None, kw_only=True)
    visibility: str = field(default="", kw_only=True)
    # When the order was given; only content entered after the fact names it, and draws it itself.
    ordered_at: datetime | None = field(default=None, kw_only=True)
    cells: tuple[schema.Values, ...] = field(default=(), kw_only=True)
    batch: uuid.UUID = field(default_factory=uuid.uuid4, kw_only=True)

    @property
    def each(self) -> list[schema.Values]:
        """The values of every picture, in their order."""
        return list(self.cells) or [self.values] * self.count


def submit(
    *, actor: User, team: Team, order: GenerationRequest, reader: User | None = None, approved: bool = False
) -> list[Generation]:
    """Queue the pictures, in their collection, and wake a worker once that is committed.

    A form key that was seen before answers with the pictures it ordered then: a double click, Back and resubmit
    and two tabs give one order. Raises TooManyWaiting, OverLimit, and ChangedOrder when the key comes with another
    order. A `reader` who is not the actor is told of OverLimit in the third person. What a manager has
    `approved` may be more than the team lets one person have in progress or generate in a minute.
    """
    if earlier := previous_submission(actor=actor, client_key=order.client_key):
        return _same(earlier, team, order)
    try:
        with transaction.atomic():
            # Content entered after the fact stands in nobody's queue.
            if order.ordered_at is None:
                quotas.lock(actor)
                # Of two that came together the second one has waited for the first here.
                if earlier := previous_submission(actor=actor, client_key=order.client_key):
                    return _same(earlier, team, order)
                quotas.require(actor=actor, team=team, count=len(order.each), approved=approved)
            made = Generation.objects.bulk_create(build_generations(actor=actor, team=team, order=order))
            ledger.hold(made, actor=actor, reader=reader)
            if order.collection is not None:
                collections.add(actor=actor, collection=order.collection, generations=made)
            if order.ordered_at is None:
                transaction.on_commit(lambda: tasks.enqueue([generation.id for generation in made]))
    except IntegrityError:
        earlier = previous_submission(actor=actor, client_key=order.client_key)
        if not earlier:
            raise
        return _same(earlier, team, order)
    return made


def _same(earlier: list[Generation], team: Team, order: GenerationRequest) -> list[Generation]:
    """Back, other words, send: dropping those silently would look as if they had been ordered."""
    first = earlier[0]
    before = (first.team_id, first.model, [row.parameters for row in earlier])
    if before != (team.pk, order.model, order.each):
        raise PriceChanged(
            "This form was sent before with other words; the first order stands. Send again to order this as well."
        )
    return earlier


def previous_submission(*, actor: User, client_key: uuid.UUID | None) -> list[Generation]:
    if client_key is None:
        return []
    return list(Generation.objects.filter(author=actor, client_key=client_key).order_by("position"))


def find_paid_duplicates(*, actor: User, team: Team, order: GenerationRequest) -> list[Generation]:
    """The finished pictures that this order would draw again, of those its actor may see, in its own order.

    Only with a chosen seed; a form that was sent before asks for nothing again.
    """
    chosen = [row for row in build_generations(actor=actor, team=team, order=order) if row.seed_locked]
    if not chosen or previous_submission(actor=actor, client_key=order.client_key):
        return []
    found = find_duplicates(team, actor, [row.fingerprint for row in chosen])
    return [found[row.fingerprint] for row in chosen if row.fingerprint in found]


def cancel(*, actor: User, generation: Generation) -> bool:
    """Free while queued. False when a worker was faster: what is sent cannot be taken back.

    A second try that is taken back leaves the doubt about the first.
    """
    return cancel_queued(generation.id, actor=actor)


def build_generations(*, actor: User, team: Team, order: GenerationRequest) -> list[Generation]:
    """The pictures as they would be ordered now, each with its seed, its fingerprint and what it is expected to cost;
    nothing is saved."""
    model = schema.get(order.model)
    common = {
        "team": team, "author": actor, "batch": order.batch, "client_key": order.client_key, "model": model.id,
        "visibility": order.visibility or team.default_visibility, "ordered_for": order.collection,
    }  # fmt: skip
    return [_row(order, position, model, common) for position in range(len(order.each))]


def _row(order: GenerationRequest, position: int, model: schema.ParameterSchema, common: dict[str, Any]) -> Generation:
    values = order.each[position]
    seed, locked = _seed(model, values, 0 if order.cells else position)
    size, speed = (_option(model, role, values) for role in ("size", "speed"))
    parameter = model.by_role("prompt")
    prompt = str(values.get(parameter.name, "")) if parameter else ""
    return Generation(
        id=uuid7_at(order.ordered_at) if order.ordered_at else uuid7(),
        position=position,
        parameters=values,
        prompt=prompt,
        family=schema.prompt_group(prompt),
        fingerprint=schema.fingerprint(model, values, seed),
        size=size.name if size else "",
        speed=speed.name if speed else "",
        width=(size and size.width) or 1024,
        height=(size and size.height) or 1024,
        seed=seed,
        seed_locked=locked,
        estimate=expected_cost(model, size.name if size else "", speed.name if speed else ""),
        **common,
    )


def _option(model: schema.ParameterSchema, role: str, values: schema.Values) -> schema.Option | None:
    parameter = model.by_role(role)
    return parameter.option(values.get(parameter.name)) if parameter else None


def _seed(model: schema.ParameterSchema, values: schema.Values, position: int) -> tuple[int | None, bool]:
    """The seed this picture gets, and whether a person chose it; a batch counts up from a chosen one.

    The vendor reports the seed it drew only where a model does so, hence the site draws it: -1 is never sent.
    """
    parameter = model.by_role("seed")
    if parameter is None:
        return None, False
    chosen = values.get(parameter.name, -1)
    if not isinstance(chosen, int) or chosen == -1:
        return draw_seed(parameter), False
    return seed_after(chosen, position, parameter), True
