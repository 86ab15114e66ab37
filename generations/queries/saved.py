"""The saved searches that a person finds above the gallery."""

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from generations.models import SavedSearch, Team, User
from generations.queries.gallery import GallerySearch
from generations.queries.tags import is_told

# Of one person, and shared in one team.
MOST_SAVED = 30


def saved_searches(team: Team, viewer: User) -> "QuerySet[SavedSearch]":
    """Her own and those that are shared, by name."""
    return SavedSearch.objects.filter(Q(author=viewer) | Q(shared=True), team=team).order_by(Lower("name"), "pk")


def gone(team: Team, search: GallerySearch, viewer: User) -> set[str]:
    """Of the rows that a search names, the words of those that are not there any more. A tag that stands only on what
    the viewer may not see is none to her.
    """
    lost = set()
    if search.person and not User.objects.filter(pk=search.person).exists():
        lost.add("person")
    if search.tag and not is_told(team, viewer, search.tag):
        lost.add("tag")
    return lost
