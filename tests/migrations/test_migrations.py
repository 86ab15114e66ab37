"""Migrations: they match the models, and a site in use can be migrated while the release before goes on working.

It works on the new tables until it is replaced. Here the models as they were at its last migration stand for it: what
they write names the columns of that time only, as its workers and web servers do.
"""

import uuid
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger, triggers
from generations.models import Attempt, EntryType, Generation, LedgerEntry, Team, User, uuid7_at, uuid7_time
from generations.pipeline.charges import record_missing_charges
from generations.pipeline.worker.fulfil import fulfil
from generations.services.orders.submit import cancel
from tests.factories import clean_values, order

pytestmark = pytest.mark.both_databases

BEFORE = ("generations", "0001_initial")
LIST_PRICE = Decimal("0.0152127097")
CENT = Decimal("0.01")


@pytest.mark.django_db
def test_models_have_no_change_without_a_migration(capsys):
    call_command("makemigrations", "--check", "--dry-run")

    assert capsys.readouterr().out == "No changes detected\n"


class Before:
    """Code of the release before, on the tables as they are."""

    def __init__(self):
        self.apps = MigrationLoader(connection).project_state(BEFORE).apps
        self.Generation = self.apps.get_model("generations", "Generation")
        self.Attempt = self.apps.get_model("generations", "Attempt")

    def order(self, author, team, **fields):
        words = {"model": "hidream-l1-fast", "parameters": clean_values(), "prompt": "a quiet harbour", "seed": 7}
        (row,) = self.Generation.objects.bulk_create(
            [self.Generation(author_id=author, team_id=team, width=1024, height=1024, **words, **fields)]
        )
        return row

    def claim(self, row, state="reserved"):
        lease = {"lease": uuid.uuid4(), "lease_until": timezone.now() + timedelta(minutes=3)}
        self.Generation.objects.filter(id=row.id, state="queued").update(state="running", **lease)
        attempt = self.Attempt.objects.create(generation_id=row.id, n=1, seed=7, estimate=LIST_PRICE)
        if state != "reserved":
            self.move(attempt, state, sent_at=Now())
        return attempt

    def move(self, attempt, state, **fields):
        self.Attempt.objects.filter(id=attempt.id).update(state=state, **fields)

    def answered(self, attempt, cost, *, estimated=False):
        self.move(attempt, "answered", answered_at=Now(), cost=cost, cost_estimated=estimated, http_status=200)
        self.Generation.objects.filter(id=attempt.generation_id).update(cost=cost, cost_estimated=estimated)

    def end(self, row, state):
        self.Generation.objects.filter(id=row.id).update(
            state=state, finished_at=Now(), reason="", lease=None, lease_until=None
        )


# --- a site in use is migrated ----------------------------------------------------------------------------------------


@pytest.fixture
def before(transactional_db, monkeypatch):
    """Migrate back to the tables as they were, and forward again afterwards."""
    monkeypatch.setattr(import_module("generations.migrations.0003_first_entries"), "BATCH", 2)
    call_command("migrate", *BEFORE, verbosity=0)
    yield Before()
    call_command("migrate", verbosity=0, skip_checks=True)


@pytest.fixture
def people(before):
    team = before.apps.get_model("generations", "Team").objects.create(name="Harbour", slug="harbour")
    user = before.apps.get_model("generations", "User").objects.create(email="alice@example.test", password="x")
    before.apps.get_model("generations", "Membership").objects.create(user=user, team=team, role="owner")
    return user.pk, team.pk


def live_site(before, people):
    """Create a row in every state; return rows and attempts by name."""
    rows = {name: before.order(*people) for name in ("queued", "reserved", "sent", "answered", "unknown", "done",
                                                     "estimated", "rejected", "failed", "cancelled")}  # fmt: skip
    attempts = {
        name: before.claim(row, "reserved" if name == "reserved" else "sent")
        for name, row in rows.items()
        if name not in {"queued", "cancelled"}
    }
    for name, cost in (("answered", 1), ("done", 2), ("estimated", 3), ("rejected", 4)):
        before.answered(attempts[name], cost * CENT, estimated=name == "estimated")
    for name, attempt_state, state in (
        ("done", "stored", "done"), ("estimated", "stored", "done"), ("rejected", "rejected", "failed"),
        ("failed", "not_billed", "failed"), ("unknown", "unknown", "unknown"),
    ):  # fmt: skip
        before.move(attempts[name], attempt_state, finished_at=Now())
        before.end(rows[name], state)
    before.end(rows["cancelled"], "cancelled")
    return rows, attempts


def test_site_in_use_gets_its_first_entries(before, people):
    rows, attempts = live_site(before, people)

    call_command("migrate", verbosity=0)

    charges = {e.generation_id: e for e in LedgerEntry.objects.filter(kind=EntryType.CHARGE)}
    holds = {e.generation_id: e for e in LedgerEntry.objects.filter(kind=EntryType.HOLD)}
    assert LedgerEntry.objects.count() == len(charges) + len(holds)
    assert {row: (-e.amount, e.estimated) for row, e in charges.items()} == {
        rows["answered"].id: (CENT, False),
        rows["done"].id: (2 * CENT, False),
        rows["estimated"].id: (3 * CENT, True),
        rows["rejected"].id: (4 * CENT, False),
    }
    assert {row: (-e.amount, e.estimated) for row, e in holds.items()} == {
        rows[name].id: (LIST_PRICE, True) for name in ("queued", "reserved", "sent", "unknown")
    }
    assert {e.actor_id for e in LedgerEntry.objects.all()} == {people[0]}
    for name in ("answered", "done"):
        entry = charges[rows[name].id]
        assert (entry.attempt_id, entry.cause) == (attempts[name].id, f"charge:{attempts[name].id}")
        assert uuid7_time(entry.id) == uuid7_time(attempts[name].id), "dated when it happened"


def test_sums_of_a_migrated_site_are_those_of_its_rows(before, people):
    live_site(before, people)
    call_command("migrate", verbosity=0)
    team = Team.objects.get()

    assert ledger.spent(team, ledger.month_of(timezone.now())[0]) == 10 * CENT
    assert ledger.held(team) == 4 * LIST_PRICE
    assert ledger.balance(team) == -10 * CENT - 4 * LIST_PRICE
    assert triggers.are_in_place(connection)
    assert record_missing_charges() == 0


def test_charge_of_an_earlier_month_stays_in_it(before, people):
    row = before.order(*people)
    first, _ = ledger.month_of(timezone.now())
    before.Attempt.objects.create(
        id=uuid7_at(first - timedelta(days=1)), generation_id=row.id, n=1, state="stored", estimate=1,
        cost=CENT, sent_at=first,
    )  # fmt: skip
    before.end(row, "done")

    call_command("migrate", verbosity=0)

    assert ledger.spent(Team.objects.get(), first) == 0
    assert ledger.spent(Team.objects.get(), first - timedelta(days=2), first) == CENT


def test_what_waited_through_the_migration_goes_on(before, people, emulator):
    rows, _ = live_site(before, people)
    call_command("migrate", verbosity=0)
    team, alice = Team.objects.get(), User.objects.get()
    another = Before().order(*people)

    fulfil(rows["queued"].id)
    fulfil(another.id)

    assert set(Generation.objects.filter(id__in=[rows["queued"].id, another.id]).values_list("state", flat=True)) == {
        "done"
    }
    assert ledger.held(team) == 3 * LIST_PRICE
    (waiting,) = order(alice, team)
    assert cancel(actor=alice, generation=waiting)
    assert ledger.held(team) == 3 * LIST_PRICE


# --- the release before, on the new tables ----------------------------------------------------------------------------


@pytest.fixture
def old(db):
    return Before()


def test_models_of_the_release_before_lack_what_is_new(old):
    """Otherwise the tests below would prove nothing."""
    new = {"hold", "asks", "estimate", "holds"}

    names = {field.name for model in (old.Generation, old.Attempt) for field in model._meta.get_fields()}

    assert new & names == {"estimate"}  # a field of the attempt, which had it before
    assert "estimate" not in {field.name for field in old.Generation._meta.get_fields()}


def test_order_of_an_old_web_server_is_drawn_by_a_new_worker(old, alice, team, emulator):
    row = old.order(alice.pk, team.pk)
    spent = emulator.control.spent

    fulfil(row.id)

    assert Generation.objects.values_list("state", "holds", "estimate").get() == ("done", 1, 0)
    assert [(e.kind, -e.amount) for e in LedgerEntry.objects.all()] == [("charge", emulator.control.spent - spent)]
    assert ledger.held(team) == 0


def test_order_of_a_new_web_server_drawn_by_an_old_worker_is_booked_later(old, alice, team):
    (row,) = order(alice, team)
    attempt = old.claim(row, "sent")
    old.answered(attempt, 2 * CENT, estimated=True)
    old.move(attempt, "stored", finished_at=Now())
    old.end(row, "done")
    assert ledger.spent(team, ledger.month_of(timezone.now())[0]) == 0

    assert [record_missing_charges(), record_missing_charges()] == [1, 0]

    assert ledger.spent(team, ledger.month_of(timezone.now())[0]) == 2 * CENT
    assert ledger.held(team) == 0
    assert Attempt.objects.values_list("hold", "asks", "cost", "cost_estimated").get() == (1, 0, 2 * CENT, True)


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_order_of_a_new_web_server_ended_by_an_old_release_gets_its_hold_back(old, alice, team, end):
    (row,) = order(alice, team)
    if end == "failed":
        old.move(old.claim(row, "sent"), "not_billed", finished_at=Now())
    old.end(row, end)

    assert [record_missing_charges(), record_missing_charges()] == [1, 0]

    assert ledger.balance(team) == ledger.held(team) == 0


def test_doubt_that_an_old_worker_left_keeps_its_hold(old, alice, team):
    (row,) = order(alice, team)
    old.move(old.claim(row, "sent"), "unknown", finished_at=Now())
    old.end(row, "unknown")

    assert record_missing_charges() == 0

    assert ledger.held(team) == row.estimate
