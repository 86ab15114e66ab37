"""The words on pictures. A word that stands only on pictures the viewer may not see is not told."""

from django.db.models import Exists, OuterRef, QuerySet

from generations.models import Generation, Tag, Team, User
from generations.queries.site.counts import COUNT_LIMIT, CountSubquery

MAX_LISTED = 200


def suggestions(team: Team, viewer: User) -> list[str]:
    rows = Tag.objects.filter(Exists(_inside(viewer)), team=team).order_by("name")
    return list(rows.values_list("name", flat=True)[:MAX_LISTED])


def is_visible(team: Team, viewer: User, name: str) -> bool:
    return Tag.objects.filter(Exists(_inside(viewer)), team=team, name=name).exists()


def tags_of_generation(generation: Generation) -> list[str]:
    return list(Tag.objects.filter(taggings__generation=generation).order_by("name").values_list("name", flat=True))


def all_tags(team: Team, viewer: User, most: int) -> list[tuple[int, str, int]]:
    """For those who keep the words in order: key, name, and how many pictures carry it, which stops at 1,001."""
    counted = CountSubquery(_inside(viewer).values("pk")[: COUNT_LIMIT + 1])
    rows = Tag.objects.filter(team=team).annotate(seen_count=counted).order_by("name")
    return list(rows.values_list("pk", "name", "seen_count")[:most])


def _inside(viewer: User) -> "QuerySet[Generation]":
    rows = Generation.objects.visible_to(viewer).shown().order_by()
    return rows.filter(taggings__tag=OuterRef("pk"))
