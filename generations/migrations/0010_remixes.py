from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0009_reports_and_blocked_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='generation',
            name='remix_of',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remixes', to='generations.generation'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('remix_of__isnull', False)), fields=['remix_of', '-id'], name='generations_by_remix'),
        ),
    ]
