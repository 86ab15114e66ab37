"""Saved searches: create, rename, share with the team, delete."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.folding import JOINERS, fold
from generations.models import SavedSearch, Team, User
from generations.queries.gallery.saved_searches import MAX_SAVED, find_same, saved_searches_by_name
from generations.services.site import rate_limits

MAX_NAME_LENGTH = 60


@transaction.atomic
def save(*, actor: User, team: Team, name: str, parameters: Mapping[str, str]) -> SavedSearch:
    """Save a search.

    Raises GalleryError when it has no parameters, is saved already, or the user has MAX_SAVED, and TooManyRequests.
    """
    if not parameters:
        raise GalleryError(_("Set a filter or enter a search term first."))
    found = saved_searches_by_name(team, actor)
    same = find_same(found, parameters)
    if same is not None:
        raise GalleryError(_("This search is already saved as “%(name)s”.") % {"name": same.name})
    if sum(one.author_id == actor.pk for one in found) >= MAX_SAVED:
        text = _("You already have %(maximum)s saved searches (the maximum). Delete one first.")
        raise GalleryError(text % {"maximum": MAX_SAVED})
    name = clean_name(name)
    rate_limits.acquire("saved_search", user=actor)
    return SavedSearch.objects.create(team=team, author=actor, name=name, parameters=dict(parameters))


@transaction.atomic
def change(*, saved: SavedSearch, name: str, shared: bool) -> None:
    """Set the name, and whether the team shares the search.

    Raises GalleryError when the name is empty or too long, or when the team shares MAX_SAVED searches.
    """
    if shared and not saved.shared:
        others = SavedSearch.objects.filter(team=saved.team_id, shared=True).count()
        if others >= MAX_SAVED:
            text = _("The team already shares %(maximum)s searches (the maximum). Stop sharing one first.")
            raise GalleryError(text % {"maximum": MAX_SAVED})
    saved.name, saved.shared = clean_name(name), shared
    saved.save(update_fields=["name", "shared"])


def delete(*, saved: SavedSearch) -> None:
    """Delete a saved search."""
    saved.delete()


def clean_name(text: str) -> str:
    """Return the name in printable characters. Raises GalleryError when it is empty or too long."""
    name = " ".join("".join(one if one.isprintable() or one in JOINERS else " " for one in text).split())
    if not fold(name):
        raise GalleryError(_("Enter a name for the search."))
    if len(name) > MAX_NAME_LENGTH:
        text = _("The name has %(count)s characters; the maximum is %(maximum)s. Shorten it.")
        raise GalleryError(text % {"count": len(name), "maximum": MAX_NAME_LENGTH})
    return name
