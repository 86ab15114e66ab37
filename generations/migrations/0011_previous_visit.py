"""When the visit of a gallery before the present one ended."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0010_remixes'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='previous_visit_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
