"""Attempts of any age with an unknown outcome, and a provider with a history that a test defines."""

import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.models import Attempt, BalanceReading, Generation, LedgerEntry, State, uuid7_at
from generations.pipeline.recovery import recover
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider
from tests.factories import order
from tests.providers.loopback.routes import Routes, as_json

HISTORY = "/inference-request/generations"
COST = Decimal("0.0131230981")  # not the list price, which an estimate may be
OLD = timedelta(hours=3)  # older than the history's own delay


def doubt(actor, team, *, age=OLD, request_id="", **raw):
    """Create an attempt of this age whose worker died after sending it."""
    (generation,) = order(actor, team, **raw)
    return _lost(claim(generation.id), age, request_id)


def second_doubt(generation, *, age=OLD):
    """Create the same for a second attempt that a user has accepted."""
    return _lost(claim(generation.id), age, "")


def _lost(claimed, age, request_id):
    assert mark_sent(claimed)
    Generation.objects.filter(state=State.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
    recover.recover(configured_provider())
    then = timezone.now() - age
    # The id contains the time as well.
    moved = {"id": uuid7_at(then), "sent_at": then, "finished_at": then, "request_id": request_id}
    Attempt.objects.filter(id=claimed.attempt_id, state="unknown").update(**moved)
    return Attempt.objects.select_related("generation").get(id=moved["id"])


def row(one, **changes):
    """Return the history's row of an attempt in the vendor's known format; a part that is None is left out."""
    sent = one.sent_at.astimezone(UTC)
    parts = {
        "request_id": str(uuid.uuid4()),
        "status": "COMPLETED",
        "credits_deduction": float(COST),
        "model_name": "hidream-l1-fast",
        "prompt": "a quiet harbour",
        "parameters": {"seed": one.seed},
        "created_at": f"{sent:%Y-%m-%d %H:%M:%S}",
        **changes,
    }
    return {name: value for name, value in parts.items() if value is not None}


@contextmanager
def vendor(settings, rows=(), **answers):
    """Run a loopback server in the provider's place; `answers` are further addresses, with _ for /."""
    more = {"/" + path.replace("_", "/"): those for path, those in answers.items()}
    with Routes({HISTORY: as_json({"generations": list(rows)}), **more}) as server:
        before, settings.SEGMIND_BASE_URL = settings.SEGMIND_BASE_URL, server.url
        try:
            yield server
        finally:
            settings.SEGMIND_BASE_URL = before


def reading(dollars, ago):
    at = datetime.now(UTC) - ago
    return BalanceReading.objects.create(id=uuid7_at(at), credits=Decimal(dollars), free_credits=0, read_at=at)


def around(one, before, after):
    """Record the balance just before the attempt was sent, and the current one."""
    reading(before, timezone.now() - one.sent_at + timedelta(minutes=1))
    reading(after, timedelta(seconds=1))


def holds(generation):
    """Return the numbers of the holds that are placed and not released."""
    entries = LedgerEntry.objects.filter(generation=generation).values_list("kind", "idempotency_key")
    placed, back = ({int(cause.rpartition(":")[2]) for kind, cause in entries if kind == word}
                    for word in ("hold", "release"))  # fmt: skip
    return placed - back


def spent(team):
    return ledger.spent(team, timezone.now() - timedelta(days=60))
