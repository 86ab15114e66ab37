"""Cost centres of teams and collections, and of each picture as it was when the picture was ordered.

Earlier pictures have none. The table of pictures may be large, and adding a column does not copy it.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddColumn(migrations.AddField):
    """Adds a column by ALTER TABLE on SQLite too, where Django copies the table for each column that is not null.

    SQLite itself needs no copy when the column has a constant default, which `db_default` is.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            BaseDatabaseSchemaEditor.add_field(schema_editor, model, model._meta.get_field(self.name))


def text():
    return models.CharField(blank=True, db_default="", default="", max_length=60)


class Migration(migrations.Migration):
    dependencies = [("generations", "0014_share_link_tokens")]

    operations = [
        AddColumn("team", "cost_centre", text()),
        AddColumn("team", "cost_centre_required", models.BooleanField(db_default=False, default=False)),
        AddColumn("collection", "cost_centre", text()),
        AddColumn("generation", "cost_centre", text()),
    ]
