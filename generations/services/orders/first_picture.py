"""The first live picture of a team: ordered like any other, with the provider's balance read around it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from generations import schema
from generations.conf import conf
from generations.errors import NotLive
from generations.models import FirstPicture, Generation, Team, User
from generations.permissions import Verb, require_verb
from generations.pipeline.balance_readings import TOLERANCE
from generations.pipeline.circuit_breaker.probes import read_balance
from generations.pipeline.reconciliation.first_pictures import FINISHED, GIVE_UP
from generations.pipeline.worker.fulfil import configured_provider
from generations.queries.orders.first_picture import first_picture, may_be_ordered
from generations.services.orders.submit import GenerationRequest, build_generations, submit


@dataclass(frozen=True)
class FirstPictureCosts:
    """What was expected, what was charged and how far the balance fell, in US dollars; None while it is unknown."""

    estimate: Decimal
    charge: Decimal | None
    charge_estimated: bool
    decrease: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """Return what the balance lost beyond the charge, 0 when both agree."""
        if self.charge is None or self.decrease is None:
            return None
        beyond = self.decrease - self.charge
        return Decimal(0) if abs(beyond) < TOLERANCE else beyond


class _OrderedMeanwhile(Exception):
    """Another owner ordered the picture in the meantime; what this one has ordered is rolled back."""


def preview(*, actor: User, team: Team, prompt: str) -> Generation:
    """Return the picture as it would be ordered now, unsaved: the smallest and fastest of the default model."""
    (planned,) = build_generations(actor=actor, team=team, order=_request(prompt))
    return planned


def order_first_picture(*, actor: User, team: Team, prompt: str) -> FirstPicture:
    """Read the provider's balance, then order the picture; return the earlier one if it is in progress or done.

    Two owners who order it at the same time get one picture. Raises NotLive without an API key, ProviderError when the
    key or the balance is refused, and what `submit` raises.
    """
    require_verb(actor, team, Verb.OWN)
    if conf().emulated:
        raise NotLive(_("This site has no Segmind key, so there is no live picture to make. Set SEGMIND_API_KEY."))
    earlier = first_picture(team)
    if earlier is not None and not may_be_ordered(earlier):
        return earlier
    before = read_balance(configured_provider()).total
    try:
        with transaction.atomic():
            (generation,) = submit(actor=actor, team=team, order=_request(prompt))
            _record(team, earlier, generation, before)
    except (IntegrityError, _OrderedMeanwhile):
        if (other := first_picture(team)) is None:
            raise
        return other
    return FirstPicture.objects.select_related("generation").get(team=team)


def costs_of(found: FirstPicture) -> FirstPictureCosts:
    """Return the amounts of a first picture that are known so far."""
    row, after = found.generation, found.balance_after
    decrease = None if after is None else found.balance_before - after
    return FirstPictureCosts(row.estimate, row.cost, row.cost_estimated, decrease)


def reads_balance(found: FirstPicture) -> bool:
    """Return whether the balance after the picture is still to be read: it was charged, and not long ago."""
    row = found.generation
    if found.balance_after is not None or row.cost is None or row.finished_at is None or row.state not in FINISHED:
        return False
    return timezone.now() - row.finished_at < GIVE_UP


def _request(prompt: str) -> GenerationRequest:
    return GenerationRequest(schema.cheapest_values(schema.get(), prompt))


def _record(team: Team, earlier: FirstPicture | None, generation: Generation, before: Decimal) -> None:
    """Store the picture instead of the earlier one, unless another was stored since that was read."""
    values = {"generation": generation, "balance_before": before, "balance_after": None, "read_at": None}
    if earlier is None:
        FirstPicture.objects.create(team=team, **values)
    elif not FirstPicture.objects.filter(team=team, generation=earlier.generation_id).update(**values):
        raise _OrderedMeanwhile
