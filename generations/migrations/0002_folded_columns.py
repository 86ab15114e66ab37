"""A folded copy beside each name and prompt, to find and sort them by; empty until the next migration.

By itself, because while PostgreSQL adds columns nothing else reads or writes the tables.
"""

from django.db import migrations

from generations.models.folded import FoldedField

COLUMNS = {"user": "name", "team": "name", "collection": "name", "tag": "name", "generation": "prompt"}


class Migration(migrations.Migration):
    dependencies = [("generations", "0001_initial_release")]

    operations = [
        migrations.AddField(model_name=model, name=f"folded_{source}", field=FoldedField(source=source))
        for model, source in COLUMNS.items()
    ]
