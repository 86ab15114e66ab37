"""Months that are signed off: when they can be, what is kept, and that no entry is added to them later."""

from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from generations import ledger
from generations.errors import GalleryError, NotAllowed, NotReadyForSignOff, OutcomesUnknown
from generations.models import (
    Attempt,
    AttemptState,
    AuditAction,
    AuditEvent,
    Collection,
    EntryType,
    Generation,
    LedgerEntry,
    Membership,
    Role,
    SignOff,
    State,
    Tag,
    Tagging,
    Team,
    User,
    uuid7_at,
    uuid7_min,
)
from generations.pipeline.charges import record_charge
from generations.queries.spending.review import month_around
from generations.queries.spending.statement import BREAKDOWNS, statement_of
from generations.services.spending import sign_off as service
from tests.factories import order
from tests.sharing import collect
from tests.views.downloads import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
COST = Decimal("0.0123456789")


@pytest.fixture
def month():
    """Return the month before the last, because the last one cannot be signed during the first hour of the next."""
    return month_around(timezone.localdate().replace(day=1) - timedelta(days=32))


@pytest.fixture
def moment(month):
    return month.since + timedelta(days=3, hours=5)


def drawn(author, team, moment, cost=COST, **changes):
    """Create a picture that was requested and charged at this moment."""
    with ledger.backdated_entries(moment):
        (row,) = order(author, team, at=moment)
        fields = {"state": AttemptState.ANSWERED, "estimate": cost, "sent_at": moment}
        record_charge(Attempt.objects.create(generation=row, number=1, **fields), cost, estimated=False)
    Generation.objects.filter(id=row.id).update(state=State.DONE, finished_at=moment, **changes)
    row.refresh_from_db()
    return row


def sign(actor, team, month, **more):
    return service.sign_off(actor=actor, team=team, month=month, **more)


def test_signed_figures_are_the_ledgers(alice, bob, team, month, moment):
    for number in range(3):
        drawn((alice, bob)[number % 2], team, moment + timedelta(days=number))

    row = sign(alice, team, month, note="Agrees with the invoice.")

    whole = ledger.spent(team, month.since, month.until)
    assert (row.spent, row.entries, row.signed_by, row.note) == (whole, 3, alice, "Agrees with the invoice.")
    assert row.until == uuid7_min(month.until)
    statement = SignOff.objects.get().statement
    assert Decimal(statement["spent"]) == whole == 3 * COST
    for by in BREAKDOWNS:
        assert sum(Decimal(line["spent"]) for line in statement["by"][by]) == whole, by
    assert {line["name"]: line["charges"] for line in statement["by"]["person"]} == {"Alice": 2, "Bob": 1}
    assert AuditEvent.objects.get(action=AuditAction.SIGNED_OFF).detail == statement["month"]


def test_signed_figures_stay_when_names_tags_and_collections_change(alice, bob, team, month, moment):
    row = drawn(bob, team, moment)
    shelf = collect(alice, team, row, name="Menus")
    Tagging.objects.create(generation=row, tag=Tag.objects.create(team=team, name="sea"))
    sign(alice, team, month)
    before = SignOff.objects.get().statement

    User.objects.filter(pk=bob.pk).update(name="Robert")
    Collection.objects.filter(pk=shelf.pk).delete()
    Tag.objects.update(name="ocean")
    Generation.objects.update(state=State.FAILED)

    after = SignOff.objects.get().statement
    assert after == before
    names = {by: [line["name"] for line in after["by"][by]] for by in ("person", "collection", "tag", "outcome")}
    assert names == {"person": ["Bob"], "collection": ["Menus"], "tag": ["sea"], "outcome": ["Done"]}


def test_signed_month_keeps_its_cost_centres(alice, team, month, moment):
    Team.objects.update(cost_centre="4711")
    drawn(alice, Team.objects.get(pk=team.pk), moment)
    sign(alice, team, month)
    Team.objects.update(cost_centre="0815")

    told = [(one["name"], one["spent_usd"]) for one in file_of(team, month) if one["breakdown"] == "cost_centre"]

    now = statement_of(team, month)["by"]["cost_centre"]
    assert told == [("4711", str(COST))] == [(one["name"], one["spent"]) for one in now]


def test_month_that_was_signed_before_there_were_cost_centres_is_shown_without_them(as_, alice, team, month, moment):
    drawn(alice, team, moment)
    statement = statement_of(team, month)
    del statement["by"]["cost_centre"]
    whole = {"spent": COST, "entries": 1, "statement": statement}
    SignOff.objects.create(team=team, month=month.first, until=uuid7_min(month.until), signed_by=alice, **whole)

    page = as_(alice).get(f"/t/harbour/credits/sign-off/{month.first:%Y-%m}/")

    kept = [by for by in BREAKDOWNS if by != "cost_centre"]
    assert [table.id for table in page.context["tables"]] == kept
    assert list(dict.fromkeys(one["breakdown"] for one in file_of(team, month))) == ["all", *kept]


def test_sums_of_days_that_are_behind_their_entries_are_not_signed(alice, team, month, moment):
    ledger.roll_up()
    drawn(alice, team, moment)
    with pytest.raises(NotReadyForSignOff, match=r"add up to \$0\.0123, but the daily totals don't match"):
        sign(alice, team, month)

    ledger.rebuild()
    assert sign(alice, team, month).spent == COST


def test_signer_who_is_deleted_leaves_the_signed_month_as_it_is(alice, bob, team, month, moment):
    drawn(alice, team, moment)
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    sign(bob, team, month)
    former = f"Former member {bob.pk}"
    bob.delete()

    assert service.signer(service.signed_month(team, month.first)) == former
    assert [service.signer(row) for row in service.signed_months(team)] == [former]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_others_sign_nothing(bob, team, month, moment, role):
    drawn(bob, team, moment)
    Membership.objects.filter(user=bob).update(role=role)

    with pytest.raises(NotAllowed):
        sign(bob, team, month)
    assert not SignOff.objects.exists()


def test_month_that_goes_on_or_comes_is_not_signed(alice, team, month):
    now = month_around(timezone.localdate())
    coming = month_around(now.last + timedelta(days=1))

    for one in (now, coming):
        with pytest.raises(NotReadyForSignOff, match=r"isn't over yet\. You can sign it off from"):
            sign(alice, team, one)


def test_hour_of_grace_is_waited_for(alice, team, month, moment, monkeypatch):
    drawn(alice, team, moment)
    monkeypatch.setattr(timezone, "now", lambda: month.until + timedelta(minutes=59))
    with pytest.raises(NotReadyForSignOff, match="01:00"):
        sign(alice, team, month)

    monkeypatch.setattr(timezone, "now", lambda: month.until + timedelta(minutes=61))
    assert sign(alice, team, month).spent == COST


def test_month_is_signed_once(alice, team, month, moment):
    drawn(alice, team, moment)
    sign(alice, team, month)

    with pytest.raises(NotReadyForSignOff, match="Alice already signed off "):
        sign(alice, team, month)
    assert SignOff.objects.count() == 1


def test_month_before_the_team_is_not_signed(alice, team):
    with pytest.raises(NotReadyForSignOff, match="didn't exist in"):
        sign(alice, team, month_around(timezone.localdate() - timedelta(days=800)))


def test_note_that_is_too_long_is_refused(alice, team, month):
    with pytest.raises(GalleryError, match="1001 characters"):
        sign(alice, team, month, note="x" * 1001)


def test_doubts_keep_a_month_open_unless_a_person_accepts_them(alice, team, month, moment):
    row = drawn(alice, team, moment)
    doubt = Attempt.objects.get()
    Attempt.objects.filter(pk=doubt.pk).update(state=AttemptState.UNKNOWN, cost=None)
    # One of another month; and one whose cost is known although its picture never arrived.
    Attempt.objects.create(
        generation=row, number=3, hold_number=3, state=AttemptState.UNKNOWN, estimate=1, cost=1, sent_at=month.since
    )
    Attempt.objects.create(
        generation=row,
        number=2,
        hold_number=2,
        state=AttemptState.UNKNOWN,
        estimate=1,
        sent_at=month.until + timedelta(hours=2),
    )

    with pytest.raises(OutcomesUnknown, match=r"The cost of 1 call in .* isn't known yet"):
        sign(alice, team, month)
    assert sign(alice, team, month, despite_doubts=True).statement["in_doubt"] == 1


# --- after the sign-off -------------------------------------------------------------------------------------------


def insert(id_, team, kind, amount):
    """Insert a ledger entry past the ORM."""
    value = id_.hex if connection.vendor == "sqlite" else id_
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {LedgerEntry._meta.db_table} "  # noqa: S608
            "(id, team_id, kind, amount, idempotency_key, estimated, note, created_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [value, team.pk, kind.value, str(amount), "past the ORM", False, "", timezone.now()],
        )


@pytest.mark.parametrize("kind", EntryType)
def test_no_entry_of_any_kind_comes_into_a_signed_month(alice, team, month, moment, kind):
    row = drawn(alice, team, moment)
    sign(alice, team, month)
    amount = -COST if kind in {EntryType.HOLD, EntryType.CHARGE} else COST

    with pytest.raises(IntegrityError, match="signed off"), transaction.atomic():
        LedgerEntry.objects.create(
            id=uuid7_at(moment), team=team, kind=kind, amount=amount, idempotency_key="late", generation=row
        )
    with pytest.raises(IntegrityError, match="signed off"), transaction.atomic():
        insert(uuid7_at(moment), team, kind, amount)
    assert LedgerEntry.objects.create(team=team, kind=kind, amount=amount, idempotency_key="now").pk


def test_dated_orders_and_top_ups_are_refused_in_it_and_taken_after_it(alice, team, month, moment):
    drawn(alice, team, moment)
    sign(alice, team, month)

    for act in (
        lambda: drawn(alice, team, moment),
        lambda: ledger.top_up(team, COST, idempotency_key="invoice", actor=None),
        lambda: ledger.hold_without_generation(team, COST, idempotency_key="check", note=""),
    ):
        with pytest.raises(IntegrityError, match="signed off"), transaction.atomic(), ledger.backdated_entries(moment):
            act()
    with ledger.backdated_entries(month.until):
        assert ledger.top_up(team, COST, idempotency_key="invoice", actor=None)


def test_other_teams_months_stay_open(alice, charlie, team, month, moment):
    drawn(alice, team, moment)
    sign(alice, team, month)

    assert drawn(charlie, charlie.teams.get(), moment).cost == COST


def test_later_correction_stands_in_the_open_month_and_says_so(alice, team, month, moment):
    drawn(alice, team, moment)
    sign(alice, team, month)
    with transaction.atomic():
        assert ledger.adjust(Attempt.objects.get(), COST * 2, estimated=False, note="the history names it")

    entry = LedgerEntry.objects.get(kind=EntryType.ADJUST)
    assert entry.note == f"the history names it · Belongs to {month.first:%B %Y}, which is signed off; {booked_now()}"
    assert ledger.spent(team, month.since, month.until) == SignOff.objects.get().spent == COST
    assert ledger.spent(team, month.until) == COST


def test_doubt_that_is_charged_later_says_so_as_well(alice, team, month, moment):
    row = drawn(alice, team, moment)
    late = Attempt.objects.create(
        generation=row,
        number=2,
        hold_number=2,
        state=AttemptState.UNKNOWN,
        estimate=1,
        sent_at=month.until - timedelta(hours=1),
    )
    sign(alice, team, month, despite_doubts=True)

    ledger.charge(late, COST, estimated=False)

    said = f"Belongs to {month.first:%B %Y}, which is signed off; {booked_now()}"
    assert LedgerEntry.objects.get(attempt=late).note == said
    assert ledger.spent(team, month.until) == COST


def booked_now():
    return f"booked in {timezone.localdate():%B %Y}."


@pytest.fixture
def old_team(team, month):
    """Return the team, created two months before `month`."""
    team.created_at = month.before.before.since
    team.save()
    return team


def test_correction_of_a_month_that_only_a_later_one_closes_says_which(alice, old_team, month):
    """It was never signed itself; of the two months signed after it, the next one is named."""
    earlier = month.before.before
    drawn(alice, old_team, earlier.since + timedelta(days=3))
    doubt = Attempt.objects.create(
        generation=Generation.objects.get(), number=2, hold_number=2, state=AttemptState.UNKNOWN, estimate=1,
        sent_at=earlier.until - timedelta(hours=1),
    )  # fmt: skip
    sign(alice, old_team, month)
    sign(alice, old_team, month.before)

    ledger.adjust(Attempt.objects.get(number=1), COST * 2, estimated=False, note="the history names it")
    ledger.charge(doubt, COST, estimated=False)

    said = (
        f"Belongs to {earlier.first:%B %Y}, which is closed because {month.before.first:%B %Y} is signed off; "
        f"{booked_now()}"
    )
    assert LedgerEntry.objects.get(kind=EntryType.ADJUST).note == f"the history names it · {said}"
    assert LedgerEntry.objects.get(attempt=doubt).note == said
    assert ledger.spent(old_team, earlier.since, earlier.until) == COST


def test_correction_of_a_month_after_the_signed_one_says_nothing(alice, old_team, month):
    drawn(alice, old_team, month.since + timedelta(days=3))
    sign(alice, old_team, month.before)

    ledger.adjust(Attempt.objects.get(), COST * 2, estimated=False, note="the history names it")

    assert LedgerEntry.objects.get(kind=EntryType.ADJUST).note == "the history names it"


def test_correction_of_a_month_that_is_open_says_nothing(alice, team, month, moment):
    drawn(alice, team, moment)

    ledger.adjust(Attempt.objects.get(), COST * 2, estimated=False, note="the history names it")

    assert LedgerEntry.objects.get(kind=EntryType.ADJUST).note == "the history names it"


def file_of(team, month):
    return rows_of(b"".join(service.statement_file(service.signed_month(team, month.first))))


def test_each_line_of_the_file_says_who_signed_and_when_and_the_first_the_note(alice, team, month, moment):
    drawn(alice, team, moment)
    row = sign(alice, team, month, note="Agrees with\nthe invoice, “4711”.")
    row.refresh_from_db()

    first, *others = file_of(team, month)

    when = f"{row.signed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert {(one["signed_by"], one["signed_at"]) for one in (first, *others)} == {("Alice", when)}
    assert (first["breakdown"], first["note"]) == ("all", row.note)
    assert {one["note"] for one in others} == {""}
    assert {len(one) for one in (first, *others)} == {7}


def test_signer_and_note_are_no_formulas_in_the_file(alice, team, month, moment):
    User.objects.filter(pk=alice.pk).update(name="@SUM(A1)")
    alice.refresh_from_db()
    drawn(alice, team, moment)
    sign(alice, team, month, note="=HYPERLINK(1)")

    first = file_of(team, month)[0]

    assert (first["signed_by"], first["note"]) == ("'@SUM(A1)", "'=HYPERLINK(1)")


def test_file_of_a_signer_who_was_deleted_says_so(alice, bob, team, month, moment):
    drawn(alice, team, moment)
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    sign(bob, team, month)
    former = f"Former member {bob.pk}"
    bob.delete()

    assert {one["signed_by"] for one in file_of(team, month)} == {former}


def test_file_is_safe_in_a_spreadsheet_and_adds_up(alice, bob, team, month, moment):
    User.objects.filter(pk=bob.pk).update(name="=HYPERLINK(1)")
    row = drawn(bob, team, moment)
    Tagging.objects.create(generation=row, tag=Tag.objects.create(team=team, name="@sum"))
    sign(alice, team, month)

    rows = file_of(team, month)

    assert {row["name"] for row in rows if row["breakdown"] in {"person", "tag"}} == {"'=HYPERLINK(1)", "'@sum"}
    for by in BREAKDOWNS:
        assert sum(Decimal(row["spent_usd"]) for row in rows if row["breakdown"] == by) == COST
    assert rows[0]["spent_usd"] == str(COST)
