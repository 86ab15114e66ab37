"""Visibility, collections and tags of a picture, and whether the user may change them."""

import uuid
from dataclasses import dataclass

from django.urls import reverse

from generations.forms.gallery import query_of
from generations.models import Generation, User
from generations.permissions import Verb, allows, may_edit
from generations.queries.collections import collections
from generations.queries.gallery import tags
from generations.queries.gallery.gallery import GallerySearch
from generations.views.site.pickers import WHO_SEES, Choice, PickerOptions, choices


@dataclass(frozen=True)
class TagLink:
    name: str
    url: str


@dataclass(frozen=True)
class CollectionLink:
    id: uuid.UUID
    name: str
    url: str


@dataclass(frozen=True)
class Labels:
    who_sees: list[Choice]
    may_set_visibility: bool
    collections: list[CollectionLink]
    tags: list[TagLink]
    may_organise: bool
    shelf: PickerOptions


def labels(row: Generation, viewer: User, role: str | None) -> Labels:
    """Return the labels; a deleted picture allows no changes to them."""
    there = row.deleted_at is None
    slug = row.team.slug
    gallery = reverse("gallery", args=[slug])
    return Labels(
        who_sees=choices(WHO_SEES.items(), row.visibility),
        may_set_visibility=there and may_edit(role, viewer, row),
        collections=[
            CollectionLink(one.pk, one.name, reverse("collection", args=[slug, one.pk]))
            for one in collections.collections_of_generation(row)
        ],
        tags=[TagLink(word, gallery + query_of(GallerySearch(tag=word))) for word in tags.tags_of_generation(row)],
        may_organise=there and allows(role, Verb.ORGANISE),
        shelf=PickerOptions.of(row.team, viewer),
    )
