"""The cost of sums over the ledger at a million entries, compared with a thousand."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from generations import ledger, schema
from generations.models import (
    Attempt,
    AttemptState,
    Budget,
    EntryType,
    Generation,
    LedgerEntry,
    Membership,
    Role,
    Team,
    User,
    uuid7_at,
)  # fmt: skip
from generations.services.orders.submit import GenerationRequest, cancel, submit
from tests.bench.gallery import CHUNK, SMALL, interleaved, split, use

PRICE = Decimal("0.0152127097")
OF_EACH = 3  # a hold, its release and a charge
WAITING, IN_DOUBT = 5, 3


def lines(rows: int):
    """Yield ratios between two database files, measured alternately; their entries are spread evenly over two years."""
    user = User.objects.create_user("ledger@example.test", None)
    team = Team.objects.create(name="Bench", slug="bench-ledger")
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    Budget.objects.create(team=team, hard=1_000_000)
    _open_ones(user, team)
    small, large = split()
    for file, entries in ((small, SMALL), (large, rows)):
        use(file)
        _fill(user, team, entries // OF_EACH)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    for name, work in _cases(user, team).items():
        fast, slow = interleaved((small, large), work)
        yield f"{name}: {rows:,} entries ÷ {SMALL:,}", f"{slow / fast:.2f} ({fast:.2f} → {slow:.2f} ms)"


def _cases(user, team):
    values, _ = schema.clean(schema.get(), {"prompt": "bench"})
    month, after = ledger.month_of(timezone.now())
    quiet = timezone.now() - timedelta(hours=1)
    return {
        "spent in the last hour": lambda: ledger.spent(team, quiet),
        "spent this month": lambda: ledger.spent(team, month, after),
        "held": lambda: ledger.held(team),
        "balance": lambda: ledger.balance(team),
        "submit within a limit, and cancel": lambda: cancel(
            actor=user, generation=submit(actor=user, team=team, order=GenerationRequest(values))[0]
        ),
    }


def _open_ones(user, team):
    rows = [_row(user, team, state="queued", finished_at=None) for _ in range(WAITING)]
    doubts = [_row(user, team, state="unknown", finished_at=timezone.now()) for _ in range(IN_DOUBT)]
    Generation.objects.bulk_create(rows + doubts)
    for row in doubts:
        Attempt.objects.create(
            generation=row, number=1, state=AttemptState.UNKNOWN, estimate=PRICE, sent_at=timezone.now(), seed=row.seed
        )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(kind=EntryType.HOLD, amount=-PRICE, idempotency_key=f"hold:{row.id}:1", **_about(row))
        for row in rows + doubts
    )


def _fill(user, team, pictures: int) -> None:
    now, step = timezone.now(), timedelta(days=730) / pictures
    for begin in range(0, pictures, CHUNK):
        drawn = [
            _row(user, team, id=uuid7_at(now - step * n), state="done", finished_at=now)
            for n in range(begin, min(begin + CHUNK, pictures))
        ]
        Generation.objects.bulk_create(drawn)
        LedgerEntry.objects.bulk_create(entry for row in drawn for entry in _entries(row))


def _entries(row):
    for kind, amount in ((EntryType.HOLD, -PRICE), (EntryType.RELEASE, PRICE), (EntryType.CHARGE, -PRICE)):
        moment = row.created_at + timedelta(seconds=10)
        yield LedgerEntry(
            id=uuid7_at(moment),
            kind=kind,
            amount=amount,
            idempotency_key=f"{kind}:{row.id}:1",
            estimated=False,
            **_about(row),
        )


def _about(row):
    return {"team_id": row.team_id, "generation": row, "actor_id": row.author_id}


def _row(user, team, **fields):
    return Generation(
        team=team, author=user, model=schema.DEFAULT, parameters={}, prompt="bench", width=1024, height=1024,
        seed=uuid.uuid4().int % 2**31, estimate=PRICE, **fields,
    )  # fmt: skip
