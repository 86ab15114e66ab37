"""Visibility, collections and tags of a picture, and whether the user may change them."""

from typing import Any

from django.urls import reverse

from generations.forms.gallery import query_of
from generations.models import Generation, User
from generations.permissions import Verb, allows, may_edit
from generations.queries.collections import collections
from generations.queries.gallery import tags
from generations.queries.gallery.gallery import GallerySearch
from generations.views.site.pickers import WHO_SEES, PickerOptions


def labels(row: Generation, viewer: User, role: str | None) -> dict[str, Any]:
    """Return the labels; a deleted picture allows no changes to them."""
    there = row.deleted_at is None
    slug = row.team.slug
    gallery = reverse("gallery", args=[slug])
    return {
        "who_sees": [{"value": v, "label": text, "current": v == row.visibility} for v, text in WHO_SEES.items()],
        "may_set_visibility": there and may_edit(role, viewer, row),
        "collections": [
            {"id": one.pk, "name": one.name, "url": reverse("collection", args=[slug, one.pk])}
            for one in collections.collections_of_generation(row)
        ],
        "tags": [
            {"name": word, "url": gallery + query_of(GallerySearch(tag=word))} for word in tags.tags_of_generation(row)
        ],
        "may_organise": there and allows(role, Verb.ORGANISE),
        "shelf": PickerOptions.of(row.team, viewer),
    }
