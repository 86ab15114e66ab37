"""Finds the numbers of authors who were deleted before they were kept."""

from django.db import migrations, models


def number_those_deleted_before(apps, schema_editor):
    """Find the numbers of authors who were deleted before this release: the holds of their pictures have kept them."""
    generations, entries = apps.get_model("generations", "Generation"), apps.get_model("generations", "LedgerEntry")
    users = apps.get_model("generations", "User").objects.values("pk")
    holds = entries.objects.filter(generation=models.OuterRef("pk"), kind="hold", actor__isnull=False).exclude(
        actor__in=users
    )
    orphans = generations.objects.filter(author=None, former_author=None)
    orphans.update(former_author=models.Subquery(holds.order_by("id").values("actor")[:1]))
    if generations.objects.filter(former_author__isnull=False).exists():
        # The sweeper sums the days again, for each of them.
        apps.get_model("generations", "SpendingDay").objects.all().delete()
        apps.get_model("generations", "SpendingWatermark").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("generations", "0005_former_members_keep_their_number")]

    operations = [
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                condition=models.Q(("former_author__isnull", False)),
                fields=["former_author", "-id"],
                name="generations_by_former",
            ),
        ),
        migrations.RunPython(number_those_deleted_before, migrations.RunPython.noop),
    ]
