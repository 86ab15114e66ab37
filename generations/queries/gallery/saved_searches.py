"""The saved searches that a person finds above the gallery."""

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from generations.models import Generation, SavedSearch, Team, User
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.gallery.tags import is_visible

# Of one person, and shared in one team.
MAX_SAVED = 30


def saved_searches(team: Team, viewer: User) -> "QuerySet[SavedSearch]":
    """Her own and those that are shared, by name."""
    return SavedSearch.objects.filter(Q(author=viewer) | Q(shared=True), team=team).order_by(Lower("name"), "pk")


def missing_filters(team: Team, viewer: User, search: GallerySearch) -> set[str]:
    """Of the rows that a search names, the words of those that are not there any more.

    What the viewer sees no trace of is not there for her: else anybody could try which words stand on private pictures,
    and which numbers of accounts are taken.
    """
    lost, person = set(), search.person
    made = Generation.objects.visible_to(viewer).of_team(team).filter(author=person)
    if person and not (team.members.filter(pk=person).exists() or made.exists()):
        lost.add("person")
    if search.tag and not is_visible(team, viewer, search.tag):
        lost.add("tag")
    return lost
