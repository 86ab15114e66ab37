"""The cost of what users do at a million pictures, compared with a thousand."""

import random
import shutil
import statistics
import time
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.test import Client
from django.utils import timezone

from generations import schema
from generations.models import Generation, Membership, Role, Team, User, uuid7_at
from generations.pipeline.recovery import recover, thumbnails
from generations.queries.gallery.gallery import GallerySearch, gallery_neighbours, gallery_page
from generations.queries.site.keyset import Cursor
from generations.services.orders.submit import GenerationRequest, cancel, submit

SMALL = 1_000
ROUNDS = 25
CHUNK = 5_000


def lines(rows: int):
    """Yield ratios between a small and a large database file, measured alternately.

    A scan over all teams shows as well, because they share the files.
    """
    user = User.objects.create_user("gallery@example.test", None)
    team = _team(user)
    _fill(team, user, 0, SMALL, SMALL)
    small, large = split()
    use(large)
    _fill(team, user, SMALL, rows, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, work in _cases(team, user).items():
        fast, slow = interleaved((small, large), work)
        yield f"{name}: {rows:,} pictures ÷ {SMALL:,}", f"{slow / fast:.2f} ({fast:.1f} → {slow:.1f} ms)"
    use(large)
    deep = interleaved((large, large), _page(team, user), _middle_page(team, user))
    yield f"page in the middle ÷ first page, at {rows:,}", f"{deep[1] / deep[0]:.2f}"


def _cases(team, user):
    values, _ = schema.clean(schema.get(), {"prompt": "bench"})
    client = Client()
    return {
        "first page": _page(team, user),
        "page in the middle": _middle_page(team, user),
        "batches collapsed": lambda: gallery_page(team, GallerySearch(), user, Cursor(), collapsed=True),
        "filter by size": lambda: gallery_page(team, GallerySearch(size="1360x768"), user, Cursor()),
        "filter by person": lambda: gallery_page(team, GallerySearch(person=user.pk), user, Cursor()),
        "neighbours": lambda: gallery_neighbours(team, GallerySearch(), user, _middle()),
        "whole page over HTTP": lambda: _over_http(client, team, user),
        "submit and cancel": lambda: cancel(
            actor=user, generation=submit(actor=user, team=team, order=GenerationRequest(values))[0]
        ),
        "a round of the sweeper": lambda: (recover.due(), thumbnails.without_thumbnails()),
        "a rare word in the prompt": lambda: gallery_page(team, GallerySearch(q="no-such-word"), user, Cursor()),
    }


def _page(team, user):
    return lambda: gallery_page(team, GallerySearch(), user, Cursor())


def _middle_page(team, user):
    return lambda: gallery_page(team, GallerySearch(), user, Cursor(before=_middle()))


def _middle():
    """Return the id of a moment a year ago, the middle of both galleries; costs no query."""
    return uuid7_at(timezone.now() - timedelta(days=365))


def _over_http(client, team, user):
    if "sessionid" not in client.cookies:
        client.force_login(user)
    if client.get(f"/t/{team.slug}/").status_code == 302:  # the session is in the other file
        client.force_login(user)


def interleaved(files, *work):
    """Return medians in milliseconds, each file alternately with its work (the same for both if only one is given)."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for spent, file, call in zip(times, files, work * 2, strict=False):
            use(file)
            call()  # the first call after a change of file fills its cache
            start = time.perf_counter()
            call()
            spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def split() -> tuple[Path, Path]:
    large = Path(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return Path(shutil.copy(large, large.with_name("small.sqlite3"))), large


def use(file: Path) -> None:
    if connection.settings_dict["NAME"] != file:
        connection.close()
        connection.settings_dict["NAME"] = file


def _team(user):
    team = Team.objects.create(name="Bench", slug="bench-gallery")
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    return team


def _fill(team, user, first: int, last: int, rows: int) -> None:
    """Create rows without files, evenly over two years: the lists are measured, not the disk."""
    dice, now = random.Random(rows), timezone.now()
    sizes = [option.name for option in schema.get()["resolution"].options]
    step = timedelta(days=730) / rows
    for begin in range(first, last, CHUNK):
        Generation.objects.bulk_create(
            Generation(
                id=uuid7_at(now - step * n), team=team, author=user, model=schema.DEFAULT, parameters={}, prompt=f"{n}",
                size=dice.choice(sizes), speed="juiced", width=1024, height=1024, seed=n + 1, state="done",
                finished_at=now,
            )
            for n in range(begin, min(begin + CHUNK, last))
        )  # fmt: skip
