"""Pages of a list that grows while it is read."""

import pytest

from generations.models import Generation
from generations.queries.site.keyset import Cursor, neighbours, page
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ids(alice, team):
    """Seven rows, newest first."""
    return [row.id for row in reversed([one for _ in range(7) for one in order(alice, team)])]


def ask(**cursor):
    found = page(Generation.objects.all(), Cursor(**cursor), 3)
    return [row.id for row in found.rows], found.older, found.newer


def test_first_page_is_the_newest(ids):
    assert ask() == (ids[:3], ids[2], None)


def test_older_pages_follow_until_the_end(ids):
    assert ask(before=ids[2]) == (ids[3:6], ids[5], ids[3])
    assert ask(before=ids[5]) == (ids[6:], None, ids[6])


def test_newer_pages_lead_back(ids):
    assert ask(after=ids[6]) == (ids[3:6], ids[5], ids[3])
    assert ask(after=ids[3]) == (ids[:3], ids[2], None)


def test_every_row_is_on_exactly_one_page(ids):
    seen, cursor = [], {}
    while True:
        rows, older, _ = ask(**cursor)
        seen += rows
        if older is None:
            break
        cursor = {"before": older}

    assert seen == ids


def test_list_that_fits_exactly_has_no_older_page(alice, team):
    order(alice, team, count=3)

    assert ask()[1:] == (None, None)


def test_empty_list_and_cursor_beyond_the_ends_give_empty_pages(ids):
    assert ask(before=ids[-1]) == ([], None, None)
    assert ask(after=ids[0]) == ([], None, None)


def test_page_that_is_read_stays_as_it_is_while_rows_arrive(ids, alice, team):
    before = ask(before=ids[2])

    order(alice, team, count=5)

    assert ask(before=ids[2]) == before
    assert ask()[0][0] > ids[0]


def test_page_stays_reachable_when_the_row_it_begins_behind_is_gone(ids):
    left = Generation.objects.exclude(id=ids[2])

    assert [row.id for row in page(left, Cursor(before=ids[2]), 3).rows] == ids[3:6]


@pytest.mark.parametrize("cursor", ["", "before", "after"])
def test_page_costs_one_query(ids, cursor, django_assert_num_queries):
    with django_assert_num_queries(1):
        ask(**({cursor: ids[3]} if cursor else {}))


def test_neighbours_are_the_next_rows_of_the_same_list(ids):
    rows = Generation.objects.exclude(id=ids[3])

    newer, older = neighbours(rows, ids[2])
    assert (newer.id, older.id) == (ids[1], ids[4])
    newer, older = neighbours(rows, ids[3])
    assert (newer.id, older.id) == (ids[2], ids[4])


def test_neighbours_end_at_the_ends(ids):
    assert neighbours(Generation.objects.all(), ids[0])[0] is None
    assert neighbours(Generation.objects.all(), ids[-1])[1] is None
