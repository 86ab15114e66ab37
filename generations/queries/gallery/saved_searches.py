"""Saved searches listed above the gallery."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from generations.folding import fold
from generations.models import Generation, SavedSearch, Team, User
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.gallery.tags import is_visible

# Per user, and of shared searches per team.
MAX_SAVED = 30


def saved_searches(team: Team, viewer: User) -> "QuerySet[SavedSearch]":
    """Return the user's own and the shared searches of the team."""
    rows = SavedSearch.objects.filter(Q(author=viewer) | Q(shared=True), team=team)
    return rows.select_related("author", "team")


def saved_searches_by_name(team: Team, viewer: User) -> list[SavedSearch]:
    """Return the user's own and the shared searches of the team, sorted by name."""
    return sorted(saved_searches(team, viewer), key=lambda one: (fold(one.name), one.pk))


def find_same(searches: Iterable[SavedSearch], parameters: Mapping[str, str]) -> SavedSearch | None:
    """Return the first search that finds the same as these parameters, or None."""
    wanted = _compared(parameters)
    return next((one for one in searches if _compared(one.parameters) == wanted), None)


def _compared(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: fold(text) if name in {"q", "tag"} else text for name, text in parameters.items()}


def missing_filters(team: Team, viewer: User, search: GallerySearch) -> set[str]:
    """Return which filters, `person` or `tag`, refer to something that does not exist any more.

    What the user cannot see counts as missing: otherwise saved searches would reveal the tags of private pictures, and
    which user ids exist.
    """
    lost, person = set(), search.person
    made = Generation.objects.visible_to(viewer).of_team(team).filter(author=person)
    if person and not (team.members.filter(pk=person).exists() or made.exists()):
        lost.add("person")
    if search.tag and not is_visible(team, viewer, search.tag):
        lost.add("tag")
    return lost
