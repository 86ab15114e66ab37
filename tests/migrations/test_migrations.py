"""The migrations match the models."""

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.both_databases


@pytest.mark.django_db
def test_models_have_no_change_without_a_migration(capsys):
    call_command("makemigrations", "--check", "--dry-run")

    assert capsys.readouterr().out == "No changes detected\n"
