"""Tags and collections of a team are told apart by their folded names, and teams sorted by theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generations", "0003_fill_folded_columns")]

    operations = [
        migrations.AlterModelOptions(name="team", options={"ordering": ["folded_name", "pk"]}),
        migrations.RemoveConstraint(model_name="collection", name="collection_name_once_per_team"),
        migrations.RemoveConstraint(model_name="tag", name="tag_once_per_team"),
        migrations.AddConstraint(
            model_name="collection",
            constraint=models.UniqueConstraint(fields=("team", "folded_name"), name="collection_name_once_per_team"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("team", "folded_name"), name="tag_once_per_team"),
        ),
    ]
