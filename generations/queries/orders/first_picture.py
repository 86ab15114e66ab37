"""The first live picture of a team."""

from decimal import Decimal

from generations.models import FirstPicture, State, Team

# Nothing came of these, so that another picture may be ordered.
ENDED_WITHOUT = (State.FAILED, State.CANCELLED)


def first_picture(team: Team) -> FirstPicture | None:
    """Return the team's first live picture with its generation; None before it was ordered."""
    rows = FirstPicture.objects.select_related("generation__author", "generation__image", "generation__team")
    return rows.filter(team=team).first()


def first_picture_charge(team: Team) -> Decimal | None:
    """Return what the team's first live picture cost in US dollars; None while it is not finished."""
    done = FirstPicture.objects.filter(team=team, generation__state=State.DONE)
    return done.values_list("generation__cost", flat=True).first()


def may_be_ordered(found: FirstPicture | None) -> bool:
    """Return whether the picture may be ordered: for the first time, or again after one that failed."""
    return found is None or found.generation.state in ENDED_WITHOUT
