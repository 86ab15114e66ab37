from django.db import migrations

from generations import schema

AT_ONCE = 500


def fill_in(apps, schema_editor):
    """What orders from before say by their words; those whose words are purged say nothing."""
    generations = apps.get_model('generations', 'Generation').objects
    models = schema.load()
    rows = generations.filter(purged_at=None).only('id', 'model', 'parameters', 'prompt', 'seed').order_by('id')
    changed = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        row.family = schema.prompt_group(row.prompt)
        if row.model in models:
            row.fingerprint = schema.fingerprint(models[row.model], row.parameters, row.seed)
        changed.append(row)
        if len(changed) == AT_ONCE:
            generations.bulk_update(changed, ['family', 'fingerprint'])
            changed = []
    generations.bulk_update(changed, ['family', 'fingerprint'])


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0013_credits'),
    ]

    operations = [
        migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=True),
    ]
