"""Tags of pictures; tags that are only on pictures the user cannot see are left out."""

from django.db.models import Exists, OuterRef, QuerySet

from generations.folding import fold
from generations.models import Generation, Tag, Team, User
from generations.queries.site.counts import COUNT_LIMIT, CountSubquery

MAX_LISTED = 200


def suggestions(team: Team, viewer: User) -> list[str]:
    """Return the tags to suggest, by name, at most MAX_LISTED."""
    rows = Tag.objects.filter(Exists(_inside(viewer)), team=team).order_by("folded_name")
    return list(rows.values_list("name", flat=True)[:MAX_LISTED])


def find_tag(team: Team, name: str) -> Tag | None:
    """Return the tag of this name, folded, or None."""
    return Tag.objects.filter(team=team, folded_name=fold(name)).first()


def is_visible(team: Team, viewer: User, name: str) -> bool:
    """Return whether a picture that the user can see has this tag."""
    return Tag.objects.filter(Exists(_inside(viewer)), team=team, folded_name=fold(name)).exists()


def tags_of_generation(generation: Generation) -> list[str]:
    """Return the picture's tags, by name."""
    rows = Tag.objects.filter(taggings__generation=generation).order_by("folded_name")
    return list(rows.values_list("name", flat=True))


def all_tags(team: Team, viewer: User, most: int) -> list[tuple[int, str, int]]:
    """Return the first `most` tags with primary key, name and number of visible pictures, capped at 1,001.

    For managing tags: those without a visible picture are included, with a count of 0.
    """
    counted = CountSubquery(_inside(viewer).values("pk")[: COUNT_LIMIT + 1])
    rows = Tag.objects.filter(team=team).annotate(seen_count=counted).order_by("folded_name")
    return list(rows.values_list("pk", "name", "seen_count")[:most])


def _inside(viewer: User) -> "QuerySet[Generation]":
    """Return the visible pictures of the outer query's tag."""
    rows = Generation.objects.visible_to(viewer).shown().order_by()
    return rows.filter(taggings__tag=OuterRef("pk"))
