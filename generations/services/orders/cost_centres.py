"""Cost centres: which one a new picture gets, and the refusal of pictures without one where the team requires it."""

from django.utils.translation import gettext as _

from generations.errors import CostCentreMissing
from generations.models import Collection, Generation, Team


def cost_centre_of(team: Team, collection: Collection | None) -> str:
    """Return the cost centre of a new picture: that of its collection, else of the team; empty for none."""
    return (collection.cost_centre if collection else "") or team.cost_centre


def require_for_new(*, team: Team, collection: Collection | None) -> None:
    """Reject a picture that would have no cost centre where the team requires one. Raises CostCentreMissing."""
    if _is_missing(team, cost_centre_of(team, collection)):
        sentence = _(
            "%(team)s requires a cost centre. Choose a collection that has one, or ask an owner to set one for the "
            "team."
        )
        raise CostCentreMissing(sentence % {"team": team.name})


def require_for_retry(generation: Generation) -> None:
    """Reject another charge for a picture without a cost centre. Raises CostCentreMissing.

    It doesn't get one now, because its first attempt may be charged in a month that is signed off.
    """
    if _is_missing(generation.team, generation.cost_centre):
        sentence = _(
            "%(team)s requires a cost centre, and this picture has none. Generate it again as a new picture in a "
            "collection that has one."
        )
        raise CostCentreMissing(sentence % {"team": generation.team.name})


def _is_missing(team: Team, cost_centre: str) -> bool:
    return team.cost_centre_required and not cost_centre
