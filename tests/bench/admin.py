"""Whether the lists of the admin cost at a million ledger entries what they cost at ten thousand."""

import random
import statistics
import time
from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.utils import timezone

from generations import schema
from generations.models import AuditEvent, Deed, Generation, Kind, LedgerEntry, Membership, Role, Team, User, id_at
from tests.bench.gallery import CHUNK, split, use

SMALL = 10_000
ROUNDS = 7
PRICE = Decimal("0.0152127097")
OF_EACH = 3  # a hold, its release, a charge
LEDGER, PICTURES, AUDIT = (f"/admin/generations/{name}/" for name in ("ledgerentry", "generation", "auditevent"))


def lines(rows: int):
    """Two files with the same people and twenty teams; whole pages over HTTP, asked in turns."""
    root = User.objects.create_superuser("admin@example.test", None)
    teams = [Team.objects.create(name=f"Admin {n}", slug=f"admin-{n}") for n in range(20)]
    Membership.objects.create(user=root, team=teams[0], role=Role.OWNER)
    small, large = split()
    for file, entries in ((small, SMALL), (large, rows)):
        use(file)
        _fill(root, teams, entries // OF_EACH)
    for name, path in _pages(root).items():
        fast, slow = _interleaved((small, large), root, path)
        yield f"admin, {name}: {rows:,} entries ÷ {SMALL:,}", f"{slow / fast:.2f} ({fast:.0f} → {slow:.0f} ms)"


def _pages(root):
    day = timezone.localdate()
    return {
        "ledger": LEDGER,
        "ledger of a team": f"{LEDGER}?team=admin-3",
        "ledger, a rare kind": f"{LEDGER}?kind__exact=adjust",
        "ledger of a day": f"{LEDGER}?from={day}&to={day}",
        "ledger, last page": f"{LEDGER}?p=20",
        "pictures": PICTURES,
        "pictures of a team": f"{PICTURES}?team=admin-3",
        "pictures that failed": f"{PICTURES}?state__exact=failed",
        "audit events of a rare deed": f"{AUDIT}?deed__exact=paused",
    }


def _interleaved(files, root, path):
    times: tuple[list[float], list[float]] = ([], [])
    clients = []
    for file in files:
        use(file)
        clients.append(Client())
        clients[-1].force_login(root)
    for _ in range(ROUNDS):
        for spent, file, client in zip(times, files, clients, strict=True):
            use(file)
            client.get(path)  # the first call after a change of file fills its cache
            start = time.perf_counter()
            answer = client.get(path)
            spent.append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 200, path
    return statistics.median(times[0]), statistics.median(times[1])


def _fill(root, teams, pictures: int) -> None:
    """Evenly over two years; one in fifty is of a rare kind."""
    now, step, dice = timezone.now(), timedelta(days=730) / pictures, random.Random(pictures)
    for begin in range(0, pictures, CHUNK):
        numbers = range(begin, min(begin + CHUNK, pictures))
        drawn = [_row(root, dice.choice(teams), now - step * n, rare=n % 50 == 0) for n in numbers]
        Generation.objects.bulk_create(drawn)
        LedgerEntry.objects.bulk_create(entry for n, row in zip(numbers, drawn, strict=True) for entry in _of(row, n))
        AuditEvent.objects.bulk_create(
            AuditEvent(
                id=id_at(now - step * n), at=now, deed=Deed.PAUSED if n % 50 == 0 else Deed.SIGNED_IN, actor=root,
                subject=f"user {n}",
            )
            for n in numbers
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _of(row, n):
    last = Kind.ADJUST if n % 50 == 0 else Kind.CHARGE
    for kind, amount in ((Kind.HOLD, -PRICE), (Kind.RELEASE, PRICE), (last, -PRICE)):
        yield LedgerEntry(
            id=id_at(row.created_at), team_id=row.team_id, kind=kind, amount=amount, cause=f"{kind}:{row.id}:1",
            generation=row, actor_id=row.author_id,
        )  # fmt: skip


def _row(root, team, moment, *, rare):
    return Generation(
        id=id_at(moment), team=team, author=root, model=schema.DEFAULT, parameters={}, prompt="bench", width=1024,
        height=1024, seed=1, state="failed" if rare else "done", finished_at=moment, estimate=PRICE,
    )  # fmt: skip
