"""Named differences stay as they were recorded, whatever statement is tried, on the database under test."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from generations import triggers
from generations.models import DiscrepancyExplanation, Reason, User, Verdict
from generations.models.reconciliation import Reconciliation
from generations.services.provider import discrepancies
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
REFUSED = "an explanation of a discrepancy cannot be changed or deleted"
SQLITE = connection.vendor == "sqlite"
STATEMENTS = [
    "UPDATE generations_discrepancyexplanation SET amount = 0",
    "UPDATE generations_discrepancyexplanation SET note = note",
    "DELETE FROM generations_discrepancyexplanation",
    "INSERT INTO generations_discrepancyexplanation SELECT * FROM generations_discrepancyexplanation WHERE true "
    "ON CONFLICT (key, revision) DO UPDATE SET amount = 0",
]
if SQLITE:
    # Each conflicts with another unique key: the table's, the evidence's, and that of the row that is taken back.
    AGAIN = (
        "INSERT OR {} INTO generations_discrepancyexplanation "
        "(id, reason, amount, listed, begins, ends, note, at, key, "
        "revision, group_id, reverses_id) "
        "SELECT {}, reason, 0, listed, begins, ends, note, at, {}, revision, group_id, {} "
        "FROM generations_discrepancyexplanation WHERE reverses_id NOT NULL"
    )
    STATEMENTS += [
        AGAIN.format("REPLACE", "id", "'another'", "NULL"),
        AGAIN.format("REPLACE", "'another'", "key", "NULL"),
        AGAIN.format("REPLACE", "'another'", "'another'", "reverses_id"),
        AGAIN.format("IGNORE", "id", "key", "reverses_id"),
    ]
else:
    STATEMENTS += ["TRUNCATE generations_discrepancyexplanation", "TRUNCATE generations_discrepancyexplanation CASCADE"]


def explained(by=None, **fields):
    now = timezone.now()
    given = {"reason": Reason.TOP_UP, "amount": Decimal(-10), "begins": now - timedelta(hours=1), "ends": now}
    return DiscrepancyExplanation.objects.create(
        **given | {"key": "top_up:one", "note": "the invoice", "by": by} | fields
    )


@pytest.fixture
def rows(alice):
    """Return a named difference, and the one that takes it back."""
    wrong = explained(alice)
    back = explained(alice, amount=Decimal(10), key=f"back:{wrong.id}", reverses=wrong)
    connection.check_constraints()  # PostgreSQL would refuse to touch a table with checks pending
    return wrong, back


def state():
    return list(DiscrepancyExplanation.objects.order_by("id").values_list("id", "amount", "note", "by", "reverses"))


def refused():
    return pytest.raises(DatabaseError, match=REFUSED)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_raw_sql_cannot_change_a_name(rows, statement):
    before = state()

    with refused(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert state() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.save(),
        lambda row: DiscrepancyExplanation.objects.update(amount=F("amount") + 1),
        lambda row: DiscrepancyExplanation.objects.bulk_update([row], ["note"]),
        lambda row: DiscrepancyExplanation.objects.update_or_create(key=row.key, defaults={"note": "mine"}),
        lambda row: row.delete(),
        lambda row: DiscrepancyExplanation.objects.exclude(reverses=None).delete(),
    ],
    ids=["save", "update", "bulk_update", "update_or_create", "delete", "delete all"],
)
def test_orm_cannot_change_a_name(rows, change):
    before = state()

    with refused(), transaction.atomic():
        change(rows[1])

    assert state() == before


def test_same_statements_work_without_the_triggers(rows):
    """Control: the triggers are what refuses the statements above."""
    triggers.remove(connection)

    DiscrepancyExplanation.objects.update(amount=0)
    rows[1].delete()
    rows[0].delete()

    assert not DiscrepancyExplanation.objects.exists()


def test_name_that_was_taken_back_cannot_be_deleted(rows):
    with pytest.raises(ProtectedError):
        rows[0].delete()


def test_one_finding_is_named_once_and_one_name_taken_back_once(rows):
    wrong, _ = rows

    for fields in ({}, {"key": "back:again", "reverses": wrong}):
        with pytest.raises(IntegrityError), transaction.atomic():
            explained(**fields)
    assert explained(key="top_up:one", revision=2).pk


@pytest.mark.django_db(transaction=True)
def test_person_who_has_named_can_be_deleted_and_the_name_stays(team):
    root = make_person("Root")
    row, number = explained(root), root.pk

    root.delete()

    assert not User.objects.filter(pk=number).exists()
    (after,) = DiscrepancyExplanation.objects.select_related("by")
    assert (after.pk, after.by_id, after.by) == (row.pk, number, None)


def test_page_says_that_the_person_has_left(client, alice):
    root = User.objects.create_superuser("root@example.test", "x")
    gone = make_person("Gone")
    explained(gone)
    former = f"Former member {gone.pk}"
    gone.delete()
    client.force_login(root)

    (line,) = client.get("/provider/").context["reconciliation"].names

    assert (line.by, line.amount) == (former, "−$10.0000")


def test_names_are_given_and_taken_back_as_before(alice):
    now = timezone.now()
    run = Reconciliation.objects.create(
        since=now - timedelta(days=1),
        until=now,
        booked=1,
        balance_decrease=1,
        unexplained=0,
        tolerance=0,
        verdict=Verdict.AGREES,
    )
    wrong = explained(alice, ends=run.until)

    assert discrepancies.revoke_explanation(actor=alice, named=wrong, note="it was not") == 1
    assert sum(row.amount for row in DiscrepancyExplanation.objects.all()) == 0


def test_missing_trigger_of_names_is_noticed(rows):
    name = "generations_discrepancyexplanation_keeps_"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("replace" if SQLITE else "rows ON generations_discrepancyexplanation"))
    assert not triggers.are_in_place(connection)

    triggers.install(connection)

    assert triggers.are_in_place(connection)


def test_site_without_the_table_has_the_other_triggers_and_loses_them_for_its_migration(team, monkeypatch):
    """Otherwise SQLite could not change a table that triggers are attached to."""
    tables = [triggers.LEDGER, triggers.SIGNED]
    with monkeypatch.context() as patch:
        patch.setattr(connection.introspection, "table_names", lambda: tables)
        assert triggers.are_in_place(connection)
        triggers.remove(connection)
        assert not triggers.are_in_place(connection)
        triggers.install(connection)
        assert triggers.are_in_place(connection)

    assert triggers.are_in_place(connection)
