"""Submit and cancel generation requests."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from generations import ledger, schema, tasks
from generations.errors import PriceChanged
from generations.models import Collection, Generation, State, Team, User, uuid7, uuid7_at
from generations.pipeline.worker.cancel import cancel_queued
from generations.pipeline.worker.claim import draw_seed, seed_after
from generations.queries.generations.duplicates import find_duplicates
from generations.queries.spending.prices import expected_costs
from generations.services.collections import collections
from generations.services.orders import blocked_words, cost_centres, quotas

MAX_AT_ONCE = 8


@dataclass(frozen=True)
class GenerationRequest:
    """Validated values for one model, how many pictures, and the key of the form they came from.

    With `cells` each picture has values of its own, seed included, and `values` and `count` are ignored. Without a
    `visibility` the team's default applies.
    """

    values: schema.Values
    count: int = 1
    client_key: uuid.UUID | None = None
    model: str = schema.DEFAULT
    collection: Collection | None = field(default=None, kw_only=True)
    visibility: str = field(default="", kw_only=True)
    # The picture that the values were taken from, if the user may see it.
    remix_of: Generation | None = field(default=None, kw_only=True)
    # Time of the request; set only for backdated content, which its caller generates itself.
    ordered_at: datetime | None = field(default=None, kw_only=True)
    cells: tuple[schema.Values, ...] = field(default=(), kw_only=True)
    batch: uuid.UUID = field(default_factory=uuid.uuid4, kw_only=True)

    @property
    def each(self) -> list[schema.Values]:
        """Return the values of every picture, in their order."""
        return list(self.cells) or [self.values] * self.count


def submit(
    *, actor: User, team: Team, order: GenerationRequest, planned: Sequence[Generation] = (),
    reader: User | None = None, approved: bool = False,
) -> list[Generation]:  # fmt: skip
    """Queue the pictures, add them to their collection, and enqueue them after the commit.

    A form key that was used before returns the pictures it created then, so that a double click, Back and resubmit, and
    two tabs create one batch. `planned` is what `build_generations` returned for the same order, if it was asked
    before. Raises TooManyWaiting, OverLimit, BlockedWordInPrompt, CostCentreMissing, and PriceChanged when the key
    comes with a different request. OverLimit's message uses the third person if the `reader` is not the actor. An
    `approved` request may exceed the team's quotas, not the site's.
    """
    if earlier := previous_submission(actor=actor, client_key=order.client_key):
        return _same(earlier, team, order)
    require_allowed(team=team, order=order)
    try:
        with transaction.atomic():
            # Backdated content is not queued, so quotas do not apply.
            if order.ordered_at is None:
                quotas.lock(actor)
                # Checked again: of two simultaneous requests the second has waited for the first at the lock.
                if earlier := previous_submission(actor=actor, client_key=order.client_key):
                    return _same(earlier, team, order)
                quotas.require(actor=actor, team=team, count=len(order.each), approved=approved)
            made = Generation.objects.bulk_create(planned or build_generations(actor=actor, team=team, order=order))
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


def require_allowed(*, team: Team, order: GenerationRequest) -> None:
    """Reject a request that the team's rules forbid. Raises BlockedWordInPrompt and CostCentreMissing."""
    blocked_words.require_allowed(team=team, model=order.model, each=order.each)
    cost_centres.require_for_new(team=team, collection=order.collection)


def _same(earlier: list[Generation], team: Team, order: GenerationRequest) -> list[Generation]:
    """Return the earlier pictures if they match the request, else raise PriceChanged.

    Returning them for changed values would look as if the new values had been submitted.
    """
    first = earlier[0]
    before = (first.team_id, first.model, [row.parameters for row in earlier])
    if before != (team.pk, order.model, order.each):
        raise PriceChanged(_("Your earlier request stands. Submit again to request this version too."))
    return earlier


def previous_submission(*, actor: User, client_key: uuid.UUID | None) -> list[Generation]:
    """Return the pictures that this form key created, by position; an empty list if there are none."""
    if client_key is None:
        return []
    return list(Generation.objects.filter(author=actor, client_key=client_key).order_by("position"))


def find_paid_duplicates(*, actor: User, team: Team, planned: Sequence[Generation]) -> list[Generation]:
    """Return the finished pictures, visible to the actor, that these would generate again, in their order.

    Only pictures with a chosen seed count; a form that was submitted before generates nothing again.
    """
    chosen = [row for row in planned if row.seed_locked]
    if not chosen or previous_submission(actor=actor, client_key=chosen[0].client_key):
        return []
    found = find_duplicates(team, actor, [row.fingerprint for row in chosen])
    return [found[row.fingerprint] for row in chosen if row.fingerprint in found]


def cancel(*, actor: User, generation: Generation) -> bool:
    """Cancel a queued picture, free of charge; return False if a worker has claimed it already.

    A cancelled second attempt leaves the first one's outcome unknown.
    """
    return cancel_queued(generation.id, actor=actor)


def cancel_all(*, actor: User, team: Team) -> int:
    """Cancel what the actor has queued in this team, the last first, and return how many that were."""
    queued = Generation.objects.of_team(team).filter(author=actor, state=State.QUEUED, finished_at=None)
    return sum(cancel_queued(id_, actor=actor) for id_ in queued.order_by("-id").values_list("id", flat=True))


def build_generations(*, actor: User, team: Team, order: GenerationRequest) -> list[Generation]:
    """Return the pictures as they would be submitted now, unsaved: with seed, fingerprint, price and cost centre."""
    model = schema.get(order.model)
    rows = [_row(order, model, position, values) for position, values in enumerate(order.each)]
    prices = expected_costs(model, {(row.size, row.speed) for row in rows})
    for row in rows:
        row.author, row.team, row.estimate = actor, team, prices[row.size, row.speed]
        row.visibility = order.visibility or team.default_visibility
        row.cost_centre = cost_centres.cost_centre_of(team, order.collection)
    return rows


def _row(order: GenerationRequest, model: schema.ParameterSchema, position: int, values: schema.Values) -> Generation:
    seed, locked = _seed(model, values, 0 if order.cells else position)
    size, speed = (_option(model, role, values) for role in ("size", "speed"))
    parameter = model.by_role("prompt")
    prompt = str(values.get(parameter.name, "")) if parameter else ""
    return Generation(
        batch=order.batch,
        client_key=order.client_key,
        ordered_for=order.collection,
        remix_of=order.remix_of,
        model=model.id,
        id=uuid7_at(order.ordered_at) if order.ordered_at else uuid7(),
        position=position,
        parameters=values,
        prompt=prompt,
        prompt_group=schema.prompt_group(prompt),
        fingerprint=schema.fingerprint(model, values, seed),
        size=size.name if size else "",
        speed=speed.name if speed else "",
        width=(size and size.width) or 1024,
        height=(size and size.height) or 1024,
        seed=seed,
        seed_locked=locked,
    )


def _option(model: schema.ParameterSchema, role: str, values: schema.Values) -> schema.Option | None:
    parameter = model.by_role(role)
    return parameter.option(values.get(parameter.name)) if parameter else None


def _seed(model: schema.ParameterSchema, values: schema.Values, position: int) -> tuple[int | None, bool]:
    """Return the seed of this picture, and whether the user chose it; a batch counts up from a chosen one.

    The site draws random seeds itself and never sends -1, because not every model reports the seed it drew.
    """
    parameter = model.by_role("seed")
    if parameter is None:
        return None, False
    chosen = values.get(parameter.name, -1)
    if not isinstance(chosen, int) or chosen == -1:
        return draw_seed(parameter), False
    return seed_after(chosen, position, parameter), True
