"""Share links for tests: made through the service, for a month, with nothing allowed unless stated."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from generations.models import Collection, CollectionItem
from generations.services.sharing.share_links import LinkTerms, create_link

A_MONTH = timedelta(days=30)


def share(actor, thing, *, days=30, **terms):
    """Create a link; return it and its address."""
    ends = None if days is None else timezone.now() + timedelta(days=days)
    link, token = create_link(actor=actor, thing=thing, terms=LinkTerms(expires_at=ends, **terms))
    return link, f"/s/{token}/"


def collect(author, team, *rows, name="Signs", **fields):
    """Create a collection with the rows in this manual order."""
    made = Collection.objects.create(team=team, author=author, name=name, **fields)
    for place, row in enumerate(rows):
        CollectionItem.objects.create(collection=made, generation=row, position=place, added_by=author)
    return made


def outsider(**options):
    return Client(**options)


def addresses(base, row):
    """Return every address of one picture behind a link."""
    files = ["image", "preview.jpg", *(f"thumb/{width}.webp" for width in (320, 640, 1280))]
    return [f"{base}{row.id}/", *(f"{base}{row.id}/{name}" for name in files)]
