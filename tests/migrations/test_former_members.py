"""Authors who were deleted before the numbers were kept get theirs from the holds of their pictures."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from generations import ledger
from generations.models import Generation, SpendingDay, User
from tests.factories import make_person
from tests.views.spending.entries import pay

MIGRATION = import_module("generations.migrations.0006_number_former_members")
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def upgrade():
    MIGRATION.number_those_deleted_before(apps, connection.schema_editor(collect_sql=True))


def test_deleted_authors_get_their_numbers_back(team, alice):
    people = [make_person(name, team) for name in ("Gerd", "Greta")]
    rows = [pay(person, team, "0.01", days_ago=3) for person in (*people, alice)]
    numbers = [person.pk for person in people]
    User.objects.filter(pk__in=numbers).delete()
    Generation.objects.update(former_author=None)
    ledger.roll_up()

    upgrade()

    kept = dict(Generation.objects.values_list("id", "former_author"))
    assert [kept[row.id] for row in rows] == [*numbers, None]
    assert not SpendingDay.objects.exists()
    ledger.roll_up()
    assert set(SpendingDay.objects.values_list("former_author", flat=True)) == {*numbers, None}


def test_site_without_deleted_authors_keeps_its_days(team, alice):
    pay(alice, team, "0.01", days_ago=3)
    ledger.roll_up()

    upgrade()

    assert SpendingDay.objects.count() == 1
