"""Columns that keep the number of a deleted account.

By themselves, because while PostgreSQL adds columns nothing else reads or writes the tables.
"""

import generations.models.former
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0004_folded_names_once'),
    ]

    operations = [
        migrations.AddField(
            model_name='activity',
            name='former_actor',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='approvalrequest',
            name='former_decided_by',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='former_actor',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='comment',
            name='former_author',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='generation',
            name='former_author',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='providerpause',
            name='former_ended_by',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='providerpause',
            name='former_started_by',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='former_by',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='sharelink',
            name='former_creator',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='sharelink',
            name='former_revoked_by',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='spendingday',
            name='former_author',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='activity',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='approvalrequest',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='comment',
            name='author',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='generation',
            name='author',
            field=models.ForeignKey(db_index=False, null=True, on_delete=generations.models.former.keep_number, related_name='generations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='providerpause',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='providerpause',
            name='started_by',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='reconciliation',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='sharelink',
            name='creator',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='share_links', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='sharelink',
            name='revoked_by',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='spendingday',
            name='author',
            field=models.ForeignKey(null=True, on_delete=generations.models.former.keep_number, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
