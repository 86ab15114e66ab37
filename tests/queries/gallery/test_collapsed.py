"""Batches as one card: the newest finished picture that the user can see, page by page."""

import pytest

from generations.models import Generation, State, Visibility
from generations.queries.gallery import gallery
from generations.queries.gallery.collapsed import batch_sizes
from generations.queries.gallery.gallery import GallerySearch, gallery_page
from generations.queries.site.keyset import Cursor
from tests.factories import draw

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def batch(author, team, count):
    """Return finished pictures of one batch, the newest first."""
    rows = [draw(author, team) for _ in range(count)]
    Generation.objects.filter(id__in=[row.id for row in rows]).update(batch=rows[0].batch)
    return rows[::-1]


def collapsed(team, viewer, cursor=None):
    return gallery_page(team, GallerySearch(), viewer, cursor or Cursor(), collapsed=True)


def ids(rows):
    return [row.id for row in rows]


def test_each_batch_is_shown_once_on_pages_that_follow_one_another(alice, team, emulator, monkeypatch):
    monkeypatch.setattr(gallery, "PAGE_SIZE", 2)
    first, second, third = (batch(alice, team, count) for count in (3, 1, 4))

    top = collapsed(team, alice)
    rest = collapsed(team, alice, Cursor(before=top.older))

    assert ids(top.rows) == [third[0].id, second[0].id]
    assert (ids(rest.rows), rest.older) == ([first[0].id], None)
    assert ids(collapsed(team, alice, Cursor(after=first[0].id)).rows) == ids(top.rows)
    sizes = batch_sizes(alice, [row.batch for row in [first[-1], second[0], third[-1]]])
    assert sorted(sizes.values()) == [1, 3, 4]


def test_what_is_not_seen_or_not_done_hides_nothing(alice, bob, team, emulator):
    newest, middle, oldest = batch(alice, team, 3)
    Generation.objects.filter(id=newest.id).update(visibility=Visibility.PRIVATE)
    assert ids(collapsed(team, bob).rows) == [middle.id]
    assert batch_sizes(bob, [oldest.batch]) == {oldest.batch: 2}

    Generation.objects.filter(id=middle.id).update(state=State.FAILED)
    assert ids(collapsed(team, bob).rows) == [middle.id, oldest.id]
