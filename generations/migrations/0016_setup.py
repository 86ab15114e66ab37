"""The setup of a new team, and its first live picture. Teams from before need no setup."""

from django.db import migrations, models
from django.db.models.functions import Now


def skip_for_existing(apps, schema_editor):
    teams = apps.get_model("generations", "Team").objects.using(schema_editor.connection.alias)
    teams.update(setup_ended_at=Now())


def amount(**options):
    return models.DecimalField(decimal_places=10, max_digits=20, **options)


class Migration(migrations.Migration):
    dependencies = [("generations", "0015_cost_centres")]

    operations = [
        migrations.AddField(
            "team", "setup_ended_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.RunPython(skip_for_existing, migrations.RunPython.noop),
        migrations.CreateModel(
            name="FirstPicture",
            fields=[
                (
                    "team",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="first_picture",
                        serialize=False,
                        to="generations.team",
                    ),
                ),
                ("balance_before", amount()),
                ("balance_after", amount(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "generation",
                    models.OneToOneField(on_delete=models.CASCADE, related_name="+", to="generations.generation"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(balance_after__isnull=True, read_at__isnull=True)
                        | models.Q(balance_after__isnull=False, read_at__isnull=False),
                        name="first_picture_balance_has_its_time",
                    )
                ]
            },
        ),
    ]
