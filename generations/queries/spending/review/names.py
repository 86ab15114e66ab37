"""Display names for the keys of a breakdown, in at most two queries."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import schema
from generations.models import Collection, Generation, Membership, Team, User, former_name, parse_uuid
from generations.queries.spending.review.entries import NONE
from generations.queries.spending.review.figures import COUNTED_TWICE

OUTCOMES = {
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed but charged"),
    "unknown": gettext_lazy("Outcome unknown"),
    "waiting": gettext_lazy("Charged, not delivered yet"),
    "cancelled": gettext_lazy("Cancelled"),
}
NONE_LABELS = {
    "person": gettext_lazy("Provider checks by the site"),
    "size": gettext_lazy("No size"),
    "speed": gettext_lazy("No speed"),
    "collection": gettext_lazy("Not in a collection"),
    "cost_centre": gettext_lazy("No cost centre"),
    "tag": gettext_lazy("No tags"),
    "prompt_group": gettext_lazy("No prompt (permanently deleted, or no picture)"),
    "outcome": gettext_lazy("Provider checks (no picture)"),
}
COUNTED_TWICE_LABELS = {
    "collection": gettext_lazy("In several collections (counted once)"),
    "tag": gettext_lazy("Several tags (counted once)"),
}


def names_of(team: Team, by: str, keys: Iterable[str]) -> dict[str, str]:
    """Return a name for every key; days are formatted elsewhere and keep their key."""
    wanted = list(keys)
    known = _known(team, by, [key for key in wanted if key not in {NONE, COUNTED_TWICE}])
    special = {
        NONE: str(NONE_LABELS.get(by) or _("None")),
        COUNTED_TWICE: str(COUNTED_TWICE_LABELS.get(by) or _("Counted once")),
    }
    return {key: special.get(key) or known.get(key) or _gone(by, key) for key in wanted}


def is_chosen_name(name: str, key: str) -> bool:
    """Return whether the user with this key goes by a name, not by a part of their email address."""
    return "@" not in name and key.isdecimal() and User.objects.filter(pk=key, name=name).exists()


def _known(team: Team, by: str, keys: list[str]) -> dict[str, str]:
    if by == "person":
        numbers = [int(key) for key in keys if key.isdecimal()]
        people = {str(one.pk): one.display_name for one in _people_of(team).filter(pk__in=numbers)}
        return people | _former_members(team, [number for number in numbers if str(number) not in people])
    if by == "collection":
        ids = [id_ for key in keys if (id_ := parse_uuid(key))]
        return {
            str(pk): name for pk, name in Collection.objects.filter(team=team, pk__in=ids).values_list("pk", "name")
        }
    if by in {"size", "speed"}:
        return _options(by)
    # A prompt_group's key is the common beginning of its prompts.
    if by == "outcome":
        return {key: str(label) for key, label in OUTCOMES.items()}
    return {key: f"{key} …" if by == "prompt_group" else key for key in keys}


def _people_of(team: Team) -> "QuerySet[User]":
    """Return members of the team and authors of its pictures.

    Others are left out, because keys come from the query string and must not reveal names of other teams' members.
    """
    inside = Membership.objects.filter(team=team, user=OuterRef("pk"))
    ordered = Generation.objects.filter(team=team, author=OuterRef("pk"))
    return User.objects.filter(Exists(inside) | Exists(ordered))


def _former_members(team: Team, numbers: list[int]) -> dict[str, str]:
    """Return the names of deleted authors; other numbers are left out, as in `_people_of`."""
    if not numbers:
        return {}
    made = Generation.objects.filter(team=team, former_author__in=numbers).order_by()
    return {str(number): former_name(number) for number in made.values_list("former_author", flat=True).distinct()}


def _gone(by: str, key: str) -> str:
    return {"person": _("Deleted account"), "collection": _("Deleted collection")}.get(by, key)


def _options(role: str) -> dict[str, str]:
    parameters = [parameter for model in schema.load().values() if (parameter := model.by_role(role))]
    return {
        option.name: f"{_(option.label)}{f' {option.width} × {option.height}' if option.width else ''}"
        for parameter in parameters
        for option in parameter.options
    }
