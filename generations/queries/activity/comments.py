"""Comments on a picture."""

import uuid

from django.db.models import QuerySet

from generations.models import Comment, Generation, User
from generations.queries.site.keyset import Cursor, Page, page

PAGE_SIZE = 50


def comments_page(generation: Generation, before: uuid.UUID | None) -> Page[Comment]:
    """Return a page of comments, newest first; `older` is set if earlier ones follow."""
    rows = Comment.objects.filter(generation=generation).select_related("author")
    return page(rows, Cursor(before=before), PAGE_SIZE)


def comments_seen_by(viewer: User) -> "QuerySet[Comment]":
    """Return the comments on pictures that the user can see and that are not in the trash."""
    seen = Generation.objects.visible_to(viewer).shown().order_by()
    return Comment.objects.filter(generation__in=seen.values("pk")).select_related("generation__team", "author")
