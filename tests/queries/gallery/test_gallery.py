"""What a search finds, and what finding it costs."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.models import Favourite, Generation, State, uuid7
from generations.queries.gallery.gallery import (
    DaySum,
    GallerySearch,
    SearchTotal,
    count_capped,
    day_sums,
    days_of,
    gallery_neighbours,
    gallery_page,
    is_starred,
    search_generations,
    search_total,
    trash_page,
)
from generations.queries.site.keyset import Cursor
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def found(team, viewer, **search):
    return list(search_generations(team, GallerySearch(**search), viewer).order_by("-id"))


def put(row, **changes):
    """Write it past the services; cost, state and time come from workers otherwise."""
    Generation.objects.filter(id=row.id).update(**changes)


@pytest.fixture
def rows(alice, bob, team):
    """Alice's wide failure and Bob's fast square, in this order."""
    (hers,) = order(alice, team, prompt="A Lighthouse at dusk", resolution="1360x768")
    (his,) = order(bob, team, prompt="dusk over dunes, 50% sand", speed_mode="juiced")
    put(hers, state=State.FAILED)
    return hers, his


def test_empty_search_finds_everything_of_the_team_newest_first(rows, vera, team):
    assert found(team, vera) == [rows[1], rows[0]]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({"size": "1360x768"}, [0]), ({"size": "768x1360"}, []), ({"speed": "juiced"}, [1]),
        ({"speed": "lightly-juiced"}, [0]), ({"state": "failed"}, [0]), ({"state": "queued"}, [1]),
        ({"q": "lighthouse"}, [0]), ({"q": "DUSK"}, [1, 0]), ({"q": "dusk sand"}, [1]), ({"q": "sand lighthouse"}, []),
        ({"q": "50%"}, [1]), ({"q": "d_sk"}, []), ({"q": "' OR 1=1 --"}, []),
        ({"q": "dusk", "size": "1360x768", "state": "failed"}, [0]), ({"speed": "juiced", "state": "failed"}, []),
    ],
)  # fmt: skip
def test_filter_finds_its_rows(rows, bob, team, search, expected):
    assert found(team, bob, **search) == [rows[number] for number in expected]


def test_words_that_others_wait_for_are_not_found_before_their_picture(rows, alice, bob, team):
    assert found(team, alice, q="dunes") == []
    assert found(team, bob, q="dunes") == [rows[1]]

    put(rows[1], state=State.DONE)

    assert found(team, alice, q="dunes") == [rows[1]]


def test_filter_by_person_finds_theirs(rows, alice, bob, charlie, team):
    assert found(team, alice, person=alice.pk) == [rows[0]]
    assert found(team, alice, person=bob.pk) == [rows[1]]
    assert found(team, alice, person=charlie.pk) == []


def test_filter_by_favourite_is_the_viewers_own(rows, alice, bob, team):
    Favourite.objects.create(user=alice, generation=rows[1])

    assert found(team, alice, favourite=True) == [rows[1]]
    assert found(team, bob, favourite=True) == []
    assert is_starred(rows[1], alice)
    assert not is_starred(rows[1], bob)


def test_days_of_a_search_are_inclusive_and_local(alice, team, settings):
    settings.TIME_ZONE = "Pacific/Auckland"  # 12 hours ahead of UTC in July
    late, early = datetime(2026, 7, 1, 11, 59, 59, tzinfo=UTC), datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)
    (first,) = order(alice, team, at=late)
    (second,) = order(alice, team, at=early)
    one, two = date(2026, 7, 1), date(2026, 7, 2)

    assert found(team, alice, first_day=one, last_day=one) == [first]
    assert found(team, alice, first_day=two, last_day=two) == [second]
    assert found(team, alice, first_day=one, last_day=two) == [second, first]
    assert found(team, alice, first_day=two, last_day=one) == []
    assert found(team, alice, last_day=one - timedelta(days=1)) == []


def test_stranger_finds_nothing_in_a_team_that_is_not_theirs(rows, charlie, team):
    assert found(team, charlie) == []


def test_deleted_rows_are_found_in_the_trash_only(rows, alice, team):
    put(rows[0], deleted_at=timezone.now())

    assert found(team, alice) == [rows[1]]
    assert trash_page(team, alice, Cursor()).rows == [rows[0]]


def test_page_carries_image_author_and_the_viewers_star(alice, bob, team, emulator):
    drawn = draw(alice, team)
    Favourite.objects.create(user=bob, generation=drawn)

    (row,) = gallery_page(team, GallerySearch(), bob, Cursor()).rows
    assert (row.image, row.author, row.starred) == (drawn.image, alice, True)  # type: ignore[attr-defined]
    assert not gallery_page(team, GallerySearch(), alice, Cursor()).rows[0].starred  # type: ignore[attr-defined]


def test_page_has_48_rows_and_names_the_next(alice, team):
    rows = [one for _ in range(7) for one in order(alice, team, count=8)]

    page = gallery_page(team, GallerySearch(), alice, Cursor())
    assert (len(page.rows), page.older) == (48, rows[8].id)


@pytest.mark.parametrize("rows_there", [1, 3])
def test_page_costs_three_queries_however_many_rows_it_has(
    alice, team, emulator, rows_there, django_assert_num_queries
):
    for _ in range(rows_there):
        draw(alice, team)

    with django_assert_num_queries(3):  # rows with images, authors, team
        page = gallery_page(team, GallerySearch(q="harbour", favourite=False), alice, Cursor())
        assert [row.image.path and row.author.email for row in page.rows] == [alice.email] * rows_there


def test_neighbours_stay_within_the_search(alice, bob, team):
    rows = [order(person, team)[0] for person in (alice, bob, alice, bob, alice)]

    newer, older = gallery_neighbours(team, GallerySearch(person=alice.pk), alice, rows[2].id)
    assert (newer, older) == (rows[4], rows[0])


def test_count_is_exact_up_to_1000_and_then_says_more(alice, team):
    (row,) = order(alice, team)

    def more(number):
        copies = [Generation.objects.get(id=row.id) for _ in range(number)]
        for copy in copies:
            copy.id = uuid7()
        Generation.objects.bulk_create(copies)

    rows = search_generations(team, GallerySearch(), alice)
    assert count_capped(rows) == 1
    more(999)
    assert count_capped(rows) == 1000
    more(5)
    assert count_capped(rows) == 1001


def test_sums_of_a_day_are_its_pictures_and_their_cost(alice, team):
    monday, tuesday = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 3))
    for moment, cost in ((monday, "0.015"), (monday, "0.0005"), (tuesday, None)):
        put(order(alice, team, at=moment)[0], cost=cost and Decimal(cost))

    rows = search_generations(team, GallerySearch(), alice)
    assert day_sums(rows, [monday.date(), tuesday.date(), date(2026, 3, 4)]) == {
        monday.date(): DaySum(2, Decimal("0.0155"), whole=True),
        tuesday.date(): DaySum(1, Decimal(0), whole=True),
    }


def test_sums_of_no_day_ask_nothing(alice, team, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert day_sums(search_generations(team, GallerySearch(), alice), []) == {}


def test_sum_of_a_day_that_is_cut_off_says_so(alice, team, monkeypatch):
    monday, tuesday = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 3))
    for moment in (monday, monday, tuesday):
        order(alice, team, at=moment)
    monkeypatch.setattr("generations.queries.gallery.gallery.COUNT_LIMIT", 2)

    sums = day_sums(search_generations(team, GallerySearch(), alice), [monday.date(), tuesday.date()])
    assert (sums[tuesday.date()].whole, sums[monday.date()].whole) == (True, False)


def test_sums_cost_one_query(alice, team, django_assert_num_queries):
    rows = [order(alice, team)[0] for _ in range(3)]

    with django_assert_num_queries(1):
        sums = day_sums(search_generations(team, GallerySearch(), alice), [timezone.localdate()])
    assert sum(day.count for day in sums.values()) == len(rows)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", 12, 12),
        ("yesterday", 11, 11),
        ("this-week", 9, 12),
        ("last-week", 2, 8),
    ],
)
def test_periods_move_with_the_calendar(period, first, last):
    """12 March 2026 is a Thursday."""
    assert days_of(period, date(2026, 3, 12)) == (date(2026, 3, first), date(2026, 3, last))


def test_month_is_the_last_thirty_days():
    assert days_of("month", date(2026, 3, 12)) == (date(2026, 2, 11), date(2026, 3, 12))


def test_last_week_finds_what_was_made_in_it(alice, team):
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    moments = [timezone.make_aware(datetime.combine(monday + timedelta(days=n), time(0, 30))) for n in (-8, -7, -1, 0)]
    rows = [row for at in moments for row in order(alice, team, at=at)]

    assert list(search_generations(team, GallerySearch(period="last-week"), alice).order_by("id")) == rows[1:3]


def test_what_a_search_found_has_its_sum(rows, vera, team):
    put(rows[0], cost=Decimal("0.0151"))
    put(rows[1], cost=Decimal("0.0200000001"), cost_estimated=True)

    everything = search_total(search_generations(team, GallerySearch(), vera))
    exact = search_total(search_generations(team, GallerySearch(state="failed"), vera))

    assert everything == SearchTotal(2, Decimal("0.0351000001"), estimated=True)
    assert exact == SearchTotal(1, Decimal("0.0151000000"), estimated=False)


def test_sum_of_too_many_is_that_of_the_newest(rows, vera, team, monkeypatch):
    monkeypatch.setattr("generations.queries.gallery.gallery.COUNT_LIMIT", 1)
    put(rows[0], cost=Decimal("0.0151"))
    put(rows[1], cost=Decimal("0.02"))

    found = search_total(search_generations(team, GallerySearch(), vera))

    assert (found.cost, found.whole) == (Decimal("0.02"), False)


def test_nothing_found_costs_nothing(vera, team):
    assert search_total(search_generations(team, GallerySearch(), vera)) == SearchTotal(0, Decimal(0), estimated=False)


def test_family_of_prompts_is_found_and_no_other(alice, vera, team):
    (one,) = order(alice, team, prompt="a sign that says “Open”, 3 gulls")
    (two,) = order(alice, team, prompt="A sign that says “Closed”, 5 gulls")
    order(alice, team, prompt="a boat")

    assert found(team, vera, prompt_group=one.prompt_group) == [two, one]
