"""The cost of the credits pages at a million entries, compared with ten thousand, and of a whole year."""

import random
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from generations import ledger, schema
from generations.models import (
    Collection,
    CollectionItem,
    Generation,
    LedgerEntry,
    Membership,
    Role,
    Tag,
    Tagging,
    Team,
    User,
    uuid7_at,
)  # fmt: skip
from generations.queries.spending.review import (
    DIMENSIONS,
    Period,
    Scope,
    entries,
    forecast,
    keep_rate,
    month_around,
    spent_by,
    today,
    totals,
)
from tests.bench.gallery import CHUNK, interleaved, split, use
from tests.bench.ledger import OF_EACH, PRICE, _entries

SMALL = 10_000
PEOPLE, COLLECTIONS = 12, 20
# One picture in so many failed and was charged.
FAILED = 50


def lines(rows: int):
    """Yield ratios between two database files, measured alternately.

    Their entries are spread evenly over two years, and the sums of the days are built.
    """
    people, team = _people()
    places = _places(team)
    small, large = split()
    for file, count in ((small, SMALL), (large, rows)):
        use(file)
        _fill(people, team, places, count // OF_EACH)
        ledger.rebuild()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    for name, work in _cases(people[0], team).items():
        fast, slow = interleaved((small, large), work)
        yield f"review, {name}: {rows:,} entries ÷ {SMALL:,}", f"{slow / fast:.2f} ({fast:.1f} → {slow:.1f} ms)"


def _cases(owner, team):
    scope, month = Scope(team), month_around(today())
    year = Period(today() - timedelta(days=364), today())
    before = {
        "numbers of the month": lambda: totals(scope, month),
        "numbers of a year": lambda: totals(scope, year),
        "forecast": lambda: forecast(scope),
        "worth of the month": lambda: keep_rate(scope, month, "person"),
        "a page of the entries": lambda: list(entries(scope, month, "size", "1360x768").order_by("-id")[:50]),
        "all teams": lambda: spent_by(Scope(), month, "team"),
    }
    return before | {f"by {by}, a month": lambda by=by: spent_by(scope, month, by) for by in DIMENSIONS}


def _people():
    team = Team.objects.create(name="Bench", slug="bench-review")
    people = [User.objects.create_user(f"review{n}@example.test", None) for n in range(PEOPLE)]
    Membership.objects.bulk_create(Membership(user=one, team=team, role=Role.OWNER) for one in people)
    return people, team


def _places(team):
    collections = [Collection.objects.create(team=team, name=f"Place {n}") for n in range(COLLECTIONS)]
    return collections, [Tag.objects.create(team=team, name=f"tag {n}") for n in range(COLLECTIONS)]


def _fill(people, team, places, pictures: int) -> None:
    """Create pictures; the same third of them is in a collection and has a tag."""
    dice, now = random.Random(pictures), timezone.now()
    sizes = [option.name for option in schema.get()["resolution"].options]
    step = timedelta(days=730) / pictures
    for begin in range(0, pictures, CHUNK):
        drawn = [
            Generation(
                id=uuid7_at(now - step * n), team=team, author=dice.choice(people), model=schema.DEFAULT, parameters={},
                prompt="bench", prompt_group=f"family {dice.randrange(200)}", size=dice.choice(sizes), speed="juiced",
                width=1024, height=1024, seed=n + 1, finished_at=now - step * n, estimate=PRICE,
                state="done" if n % FAILED else "failed",
            )
            for n in range(begin, min(begin + CHUNK, pictures))
        ]  # fmt: skip
        Generation.objects.bulk_create(drawn)
        LedgerEntry.objects.bulk_create(entry for row in drawn for entry in _entries(row))
        some = [row for n, row in enumerate(drawn) if n % 3 == 0]
        CollectionItem.objects.bulk_create(
            CollectionItem(collection=dice.choice(places[0]), generation=row) for row in some
        )
        Tagging.objects.bulk_create(Tagging(tag=dice.choice(places[1]), generation=row) for row in some)
