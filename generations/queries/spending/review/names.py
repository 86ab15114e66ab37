"""Display names for the keys of a breakdown, in at most two queries."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from generations import schema
from generations.models import Collection, Generation, Membership, Team, User, former_name, parse_uuid
from generations.queries.spending.review.entries import NONE
from generations.queries.spending.review.figures import COUNTED_TWICE

OUTCOMES = {
    "done": "Finished", "failed": "Failed but charged", "unknown": "In doubt", "waiting": "Charged, not delivered yet",
    "cancelled": "Cancelled",
}  # fmt: skip
NONE_LABELS = {
    "person": "The site’s own: checks of the provider", "size": "No size", "speed": "No speed",
    "collection": "In no collection", "tag": "Without a tag", "prompt_group": "No words: purged, or no picture",
    "outcome": "No picture: checks of the provider",
}  # fmt: skip
COUNTED_TWICE_LABELS = {"collection": "In several collections, counted once", "tag": "With several tags, counted once"}


def names_of(team: Team, by: str, keys: Iterable[str]) -> dict[str, str]:
    """Return a name for every key; days are formatted elsewhere and keep their key."""
    wanted = list(keys)
    known = _known(team, by, [key for key in wanted if key not in {NONE, COUNTED_TWICE}])
    special = {NONE: NONE_LABELS.get(by, "Nothing"), COUNTED_TWICE: COUNTED_TWICE_LABELS.get(by, "Counted once")}
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
    return OUTCOMES if by == "outcome" else {key: f"{key} …" if by == "prompt_group" else key for key in keys}


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
    return {"person": "Deleted account", "collection": "Deleted collection"}.get(by, key)


def _options(role: str) -> dict[str, str]:
    parameters = [parameter for model in schema.load().values() if (parameter := model.by_role(role))]
    return {
        option.name: f"{option.label}{f' {option.width} × {option.height}' if option.width else ''}"
        for parameter in parameters
        for option in parameter.options
    }
