"""Fills the folded columns; names that fold the same are told apart, or become one.

Two tags of a team become the one that is on more pictures. Two collections stay two: the younger one's name gets a
number. Prompts take longest and come first, the newest last: rows stay locked until the end, and those of users and of
pictures in progress are needed by everything else.
"""

from collections import defaultdict
from itertools import count

from django.db import migrations

from generations.folding import fold

NAMED = ["collection", "tag", "team", "user"]
BATCH_SIZE = 2_000
MAX_COLLECTION_NAME_LENGTH = 80


def fill(apps, schema_editor):
    fill_column(apps.get_model("generations", "Generation"), "prompt", schema_editor.connection)
    merge_tags(apps.get_model("generations", "Tag"), apps.get_model("generations", "Tagging"))
    number_collections(apps.get_model("generations", "Collection"))
    for model in NAMED:
        fill_column(apps.get_model("generations", model), "name", schema_editor.connection)


def merge_tags(tags, taggings):
    for same in _same(tags):
        uses = {tag.pk: taggings.objects.filter(tag=tag).count() for tag in same}
        kept = max(same, key=lambda tag: (uses[tag.pk], -tag.pk))
        for tag in same:
            if tag != kept:
                there = taggings.objects.filter(tag=kept).values("generation")
                taggings.objects.filter(tag=tag).exclude(generation__in=there).update(tag=kept)
                tag.delete()


def number_collections(collections):
    for same in _same(collections):
        taken = {fold(name) for name in collections.objects.filter(team=same[0].team).values_list("name", flat=True)}
        for collection in same[1:]:
            collection.name = next(name for name in _numbered(collection.name) if fold(name) not in taken)
            collection.save(update_fields=["name"])
            taken.add(fold(collection.name))


def fill_column(model, source, connection):
    table, folded, pk = model._meta.db_table, f"folded_{source}", model._meta.pk
    rows = model._base_manager.order_by("pk").values_list("pk", source)
    batch = list(rows[:BATCH_SIZE])
    with connection.cursor() as cursor:
        while batch:
            cursor.executemany(
                f"UPDATE {table} SET {folded} = %s WHERE id = %s",
                [(fold(text), pk.get_db_prep_value(key, connection)) for key, text in batch],
            )
            batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH_SIZE])


def _same(model):
    """Return lists of rows, the oldest first, whose names fold the same in their team."""
    found = defaultdict(list)
    for row in model.objects.order_by("pk"):
        found[row.team_id, fold(row.name)].append(row)
    return [rows for rows in found.values() if len(rows) > 1]


def _numbered(name):
    for number in count(2):
        end = f" ({number})"
        yield name[: MAX_COLLECTION_NAME_LENGTH - len(end)] + end


class Migration(migrations.Migration):
    dependencies = [("generations", "0002_folded_columns")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
