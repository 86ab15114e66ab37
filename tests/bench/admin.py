"""The cost of the admin's lists at a million ledger entries, compared with ten thousand."""

import statistics
import time
from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.utils import timezone

from generations import schema
from generations.models import (
    AuditAction,
    AuditEvent,
    EntryType,
    Generation,
    LedgerEntry,
    Membership,
    Role,
    Team,
    User,
    uuid7_at,
)
from tests.bench.gallery import split, use

SMALL = 10_000
ROUNDS = 7
PRICE = Decimal("0.0152127097")
OF_EACH = 3  # a hold, its release and a charge
LEDGER, PICTURES, AUDIT = (f"/admin/generations/{name}/" for name in ("ledgerentry", "generation", "auditevent"))


def lines(rows: int):
    """Yield ratios of whole pages over HTTP between two database files with the same people, measured alternately."""
    root = User.objects.create_superuser("admin@example.test", None)
    teams = [Team.objects.create(name=f"Admin {n}", slug=f"admin-{n}") for n in range(20)]
    Membership.objects.create(user=root, team=teams[0], role=Role.OWNER)
    small, large = split()
    for file, entries in ((small, SMALL), (large, rows)):
        use(file)
        _fill(root, teams, entries)
    for name, path in _pages(root).items():
        fast, slow = _interleaved((small, large), root, path)
        yield f"admin, {name}: {rows:,} entries ÷ {SMALL:,}", f"{slow / fast:.2f} ({fast:.0f} → {slow:.0f} ms)"


def _pages(root):
    return {
        "ledger": LEDGER,
        "ledger of a team": f"{LEDGER}?team=admin-3",
        "ledger, a rare kind": f"{LEDGER}?kind__exact=adjust",
        "ledger, last page": f"{LEDGER}?p=20",
        "pictures": PICTURES,
        "pictures of a team": f"{PICTURES}?team=admin-3",
        "pictures that failed": f"{PICTURES}?state__exact=failed",
        "audit events of a rare action": f"{AUDIT}?action__exact=paused",
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


def _fill(root, teams, entries: int) -> None:
    """Fill the database evenly over two years; one picture in fifty is of a rare kind.

    The database multiplies one row of each kind, because creating objects would take half an hour.
    """
    now = timezone.now()
    pictures, begin = entries // OF_EACH, round(now.timestamp() * 1000)
    step = round(timedelta(days=730).total_seconds() * 1000) // pictures
    row = Generation.objects.create(
        id=uuid7_at(now), team=teams[0], author=root, model=schema.DEFAULT, parameters={}, prompt="bench", width=1024,
        height=1024, seed=1, state="done", finished_at=now, estimate=PRICE,
    )  # fmt: skip
    entry = LedgerEntry.objects.create(
        id=uuid7_at(now),
        team=teams[0],
        kind=EntryType.CHARGE,
        amount=-PRICE,
        idempotency_key="bench",
        generation=row,
        actor=root,
    )
    event = AuditEvent.objects.create(
        id=uuid7_at(now), at=now, action=AuditAction.SIGNED_IN, actor=root, subject="user 1"
    )
    first = teams[0].pk

    def id_of(n: str) -> str:
        return f"printf('%012x7000%016x', {begin} - {step} * ({n}), {2**62} + i)"

    team, rare = f"{first} + ({{n}}) * 7 % {len(teams)}", "({n}) % 50 = 0"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA cache_size=-400000")
    picture = f"(i / {OF_EACH})"
    _multiply(row, pictures, id=id_of("i"), team_id=team.format(n="i"),
              state=f"CASE WHEN {rare.format(n='i')} THEN 'failed' ELSE 'done' END")  # fmt: skip
    _multiply(
        entry, entries, id=id_of(picture), team_id=team.format(n=picture), idempotency_key="'bench:' || i",
        kind=f"CASE i % 3 WHEN 0 THEN 'hold' WHEN 1 THEN 'release' ELSE "
             f"CASE WHEN {rare.format(n=picture)} THEN 'adjust' ELSE 'charge' END END",
        amount=f"CASE i % 3 WHEN 1 THEN {PRICE} ELSE -{PRICE} END",
    )  # fmt: skip
    _multiply(event, pictures, id=id_of("i"), subject="'user ' || i",
              action=f"CASE WHEN {rare.format(n='i')} THEN 'paused' ELSE 'signed in' END")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _multiply(row, times: int, **changed: str) -> None:
    table, columns = row._meta.db_table, [field.column for field in row._meta.concrete_fields]
    values = ", ".join(changed.get(column, f'row."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < %s) "  # noqa: S608
            f'INSERT INTO "{table}" ({names}) SELECT {values} FROM numbers, "{table}" row WHERE row.id = %s',
            [times, row.pk.hex],
        )
