"""Saved searches: create, rename, share with the team, delete."""

from collections.abc import Mapping

from django.db import transaction

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
        raise GalleryError("Set a filter or type a word first; then there is something to save.")
    found = saved_searches_by_name(team, actor)
    same = find_same(found, parameters)
    if same is not None:
        raise GalleryError(f"This search is saved already, as “{same.name}”.")
    if sum(one.author_id == actor.pk for one in found) >= MAX_SAVED:
        raise GalleryError(f"You have {MAX_SAVED} saved searches, which is the most. Delete one of them first.")
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
            raise GalleryError(f"The team shares {MAX_SAVED} searches, which is the most. End one of them first.")
    saved.name, saved.shared = clean_name(name), shared
    saved.save(update_fields=["name", "shared"])


def delete(*, saved: SavedSearch) -> None:
    """Delete a saved search."""
    saved.delete()


def clean_name(text: str) -> str:
    """Return the name in printable characters. Raises GalleryError when it is empty or too long."""
    name = " ".join("".join(one if one.isprintable() or one in JOINERS else " " for one in text).split())
    if not fold(name):
        raise GalleryError("Give the search a name.")
    if len(name) > MAX_NAME_LENGTH:
        raise GalleryError(f"A name has at most {MAX_NAME_LENGTH} characters; this one has {len(name)}.")
    return name
