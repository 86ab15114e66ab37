"""The demo's people and teams are marked as such, and the site remembers what it ran as."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import Q

from generations.models.ids import uuid7_time

# The three that every demo has had; nobody gets mail at such an address.
ADDRESSES = ["owner@demo.test", "member@demo.test", "viewer@demo.test"]
# The seeding is the first that happens to a site, and dates most of its pictures back by days, up to 8 in the oldest
# releases: each was sent before it was reserved. So it is, by less, where the clock of a real site's worker was ahead;
# one that had its local time for UTC was ahead by 14 hours at most. The addresses would tell a demo more surely, but
# not one whose people have got others, and its published password opens the site as well.
FIRST_ATTEMPTS = 100
DATED_BACK = timedelta(days=1)


def mark(apps, schema_editor):
    User, Team, Attempt = (apps.get_model("generations", name) for name in ("User", "Team", "Attempt"))
    first = Attempt.objects.filter(sent_at__isnull=False).select_related("generation").order_by("id")[:FIRST_ATTEMPTS]
    seeded = [one.generation for one in first if one.sent_at < uuid7_time(one.id) - DATED_BACK]
    people = User.objects.filter(Q(email__in=ADDRESSES) | Q(id__in={row.author_id for row in seeded}))
    people.update(demo=True)
    there = Q(name="Harbour team", memberships__user__email__in=ADDRESSES) | Q(id__in={row.team_id for row in seeded})
    Team.objects.filter(id__in=list(Team.objects.filter(there).values_list("id", flat=True))).update(demo=True)


class Migration(migrations.Migration):
    dependencies = [("generations", "0027_pictures_as_received")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="demo",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="user",
            name="demo",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name="SiteMode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mode",
                    models.CharField(
                        choices=[("demo", "Demo"), ("emulator", "Emulator"), ("live", "Live")], max_length=8
                    ),
                ),
                ("since", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="site_mode_is_one"),
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["demo", "emulator", "live"])), name="site_mode_is_known"
                    ),
                ],
            },
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
