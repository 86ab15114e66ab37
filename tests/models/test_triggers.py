"""Ledger entries stay as they were written, whatever client tries, on the database under test."""

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import ProtectedError

from generations import ledger, triggers
from generations.models import LedgerEntry, Membership, User
from tests.factories import make_person, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
# TRUNCATE with CASCADE meets the first of the tables that refuse it.
REFUSED = "(a ledger entry|a signed month) cannot be changed or deleted"
SQLITE = connection.vendor == "sqlite"
STATEMENTS = [
    "UPDATE generations_ledgerentry SET amount = 0",
    "UPDATE generations_ledgerentry SET note = note",
    "DELETE FROM generations_ledgerentry",
    "INSERT INTO generations_ledgerentry SELECT * FROM generations_ledgerentry WHERE true "
    "ON CONFLICT (idempotency_key) DO UPDATE SET amount = 0",
]
if SQLITE:
    AGAIN = (
        "INSERT OR {} INTO generations_ledgerentry (id, team_id, kind, amount, idempotency_key, estimated, note) "
        "SELECT {}, team_id, kind, 0, {}, estimated, note FROM generations_ledgerentry"
    )
    STATEMENTS += [
        AGAIN.format("REPLACE", "id", "'another'"),
        AGAIN.format("REPLACE", "'another'", "idempotency_key"),
        AGAIN.format("IGNORE", "id", "idempotency_key"),
    ]
else:
    STATEMENTS += [
        "TRUNCATE generations_ledgerentry",
        "TRUNCATE generations_ledgerentry CASCADE",
        "TRUNCATE generations_team CASCADE",
    ]


@pytest.fixture
def entry(alice, team):
    order(alice, team)
    connection.check_constraints()  # PostgreSQL would refuse to touch a table with checks pending
    return LedgerEntry.objects.get()


def refused():
    return pytest.raises(DatabaseError, match=REFUSED)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_raw_sql_cannot_change_an_entry(entry, statement):
    with refused(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert LedgerEntry.objects.values_list("amount", "note").get() == (entry.amount, "")


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: LedgerEntry.objects.filter(pk=entry.pk).update(amount=0),
        lambda entry: LedgerEntry.objects.bulk_update([entry], ["note"]),
        lambda entry: LedgerEntry.objects.update_or_create(
            idempotency_key=entry.idempotency_key, defaults={"note": "mine"}
        ),
        lambda entry: entry.delete(),
        lambda entry: LedgerEntry.objects.all().delete(),
    ],
    ids=["save", "update", "bulk_update", "update_or_create", "delete", "delete all"],
)
def test_orm_cannot_change_an_entry(entry, change):
    with refused(), transaction.atomic():
        change(entry)

    assert LedgerEntry.objects.values_list("amount", "note").get() == (entry.amount, "")


def test_same_statements_work_without_the_triggers(entry):
    """The control: what is refused above is refused by the triggers."""
    triggers.remove(connection)

    LedgerEntry.objects.update(amount=0)
    LedgerEntry.objects.all().delete()

    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("kind", ["gift", "", "HOLD"])
def test_unknown_kind_is_refused(entry, kind):
    with pytest.raises(IntegrityError, match=r"ledger_kind_is_known|ledger_sign_fits_kind"), transaction.atomic():
        LedgerEntry.objects.create(team=entry.team, kind=kind, amount=0, idempotency_key="new")


@pytest.mark.parametrize(("kind", "amount"), [("hold", 1), ("charge", 1), ("release", -1), ("top_up", -1)])
def test_sign_that_does_not_fit_the_kind_is_refused(entry, kind, amount):
    with pytest.raises(IntegrityError, match="ledger_sign_fits_kind"), transaction.atomic():
        LedgerEntry.objects.create(team=entry.team, kind=kind, amount=amount, idempotency_key="new")


def test_idempotency_key_is_posted_once(entry):
    said = "idempotency_key or id is posted already" if SQLITE else "generations_ledgerentry_idempotency_key"
    with pytest.raises(IntegrityError, match=said), transaction.atomic():
        LedgerEntry.objects.create(team=entry.team, kind="hold", amount=0, idempotency_key=entry.idempotency_key)


@pytest.mark.django_db(transaction=True)
def test_person_with_entries_can_be_deleted_and_the_entries_stay(alice, team):
    (row,) = order(alice, team)
    number = alice.pk
    before = LedgerEntry.objects.get()

    Membership.objects.filter(user=alice).delete()
    alice.delete()

    after = LedgerEntry.objects.get()
    assert not User.objects.filter(pk=number).exists()
    assert (after.actor_id, after.amount, after.generation_id) == (number, before.amount, row.id)
    ledger.release(row.id, 1, actor=make_person("Dora", team))
    assert ledger.held(team) == 0


def test_what_an_entry_is_about_cannot_be_deleted(entry):
    for thing in (entry.team, entry.generation):
        with pytest.raises(ProtectedError):
            thing.delete()


# --- they are there, and come back ------------------------------------------------------------------------------------


def complaints():
    return [found.id for found in run_checks(databases=["default"]) if str(found.id).startswith("generations")]


def test_missing_trigger_is_an_error_until_migrate_puts_it_back(entry):
    assert complaints() == []
    drop_one()

    assert complaints() == ["generations.E004"]
    (error,) = [found for found in run_checks(databases=["default"]) if found.id == "generations.E004"]
    assert "manage.py migrate --skip-checks" in error.hint
    call_command("migrate", skip_checks=True, verbosity=0)
    assert complaints() == []
    with refused(), transaction.atomic():
        entry.save()


def test_migrate_with_its_checks_stops_at_the_missing_trigger(entry):
    """Hence the hint of the check: without it, nobody would find the way back."""
    drop_one()

    with pytest.raises((SystemCheckError, CommandError), match="E004"):
        call_command("migrate", skip_checks=False, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_triggers_are_there_after_a_migration_that_changed_the_table(alice, team):
    """SQLite makes a new table for it, which has none."""
    order(alice, team)
    triggers.keep_guarded(connections["default"])
    with connection.schema_editor() as editor:
        note = LedgerEntry._meta.get_field("note")
        editor.alter_field(LedgerEntry, note, _like(note))
        editor.alter_field(LedgerEntry, _like(note), note)

    assert complaints() == []
    with refused(), transaction.atomic():
        LedgerEntry.objects.update(amount=0)


def _like(field):
    other = field.clone()
    other.null = True
    other.set_attributes_from_name(field.name)
    other.model = field.model
    return other


def test_installing_twice_is_installing_once(entry):
    triggers.install(connection)
    triggers.install(connection)

    assert triggers.are_in_place(connection)


def drop_one():
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER generations_ledgerentry_keeps_" + ("update" if SQLITE else "rows ON generations_ledgerentry")
        )


if not SQLITE:

    def test_trigger_that_was_switched_off_is_an_error(entry):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE generations_ledgerentry DISABLE TRIGGER generations_ledgerentry_keeps_rows")

        assert complaints() == ["generations.E004"]
