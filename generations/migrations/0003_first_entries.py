"""What was spent and ordered before there was a ledger gets its entries, dated when it happened."""

from decimal import Decimal

from django.db import migrations
from django.db.models import Exists, OuterRef

from generations.models.ids import uuid7_at, uuid7_time

BATCH = 1000
# What a picture was expected to cost before each kind had a price of its own.
LIST_PRICE = Decimal("0.0152127097")


def charges(apps, schema_editor):
    Attempt, Entry = (apps.get_model("generations", name) for name in ("Attempt", "LedgerEntry"))
    paid = Attempt.objects.filter(cost__isnull=False).select_related("generation").order_by("id")
    entries = (
        Entry(
            id=uuid7_at(uuid7_time(attempt.id)), team_id=attempt.generation.team_id, kind="charge", amount=-attempt.cost,
            cause=f"charge:{attempt.id}", generation_id=attempt.generation_id, attempt_id=attempt.id,
            actor_id=attempt.generation.author_id, estimated=attempt.cost_estimated, note="from before the ledger",
        )
        for attempt in paid.iterator(BATCH)
    )
    write(Entry, entries)


def holds(apps, schema_editor):
    Generation, Attempt, Entry = (
        apps.get_model("generations", name) for name in ("Generation", "Attempt", "LedgerEntry")
    )
    # An answer that only has to be stored yet is charged above, and nothing would give its hold back.
    charged = Attempt.objects.filter(generation=OuterRef("pk"), cost__isnull=False)
    waiting = Generation.objects.filter(~Exists(charged), state__in=["queued", "running", "unknown"]).order_by("id")
    waiting.filter(estimate=0).update(estimate=LIST_PRICE)
    entries = (
        Entry(
            team_id=row.team_id, kind="hold", amount=-row.estimate, cause=f"hold:{row.id}:1", generation_id=row.id,
            actor_id=row.author_id, estimated=True, note="from before the ledger",
        )
        for row in waiting.iterator(BATCH)
    )
    write(Entry, entries)


def write(model, entries):
    batch = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            model.objects.bulk_create(batch)
            batch = []
    model.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [("generations", "0002_ledger")]
    operations = [
        migrations.RunPython(charges, migrations.RunPython.noop),
        migrations.RunPython(holds, migrations.RunPython.noop),
    ]
