"""The ledger's list adds up to the last place and hands out what it lists; nothing in it writes."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.utils import timezone

from generations import ledger
from generations.admin import exports
from generations.models import AuditAction, AuditEvent, EntryType, LedgerEntry, uuid7_at
from tests.admin.conftest import address_of
from tests.factories import make_team
from tests.threats.spending.test_s10_formulas import PAYLOADS, is_formula
from tests.views.downloads import rows_of

pytestmark = pytest.mark.django_db
LIST = address_of(LedgerEntry)
KINDS = ["hold", "release", "charge", "adjust", "top_up"]
THIRD = Decimal("0.0333333333")
TODAY = "2026-11-20"


@pytest.fixture
def entries(alice, bob, team):
    """Amounts that floats do not hold, of two teams and two people, over ninety days and today."""
    other = make_team("Other", "other")
    now, rows = timezone.now(), []
    for number in range(90):
        for kind, sign in (("hold", -1), ("release", 1), ("charge", -1), ("top_up", 1), ("adjust", (-1) ** number)):
            rows.append(
                LedgerEntry(
                    id=uuid7_at(now - timedelta(days=number)), team=(team, other)[number % 2], kind=kind,
                    amount=sign * THIRD * (number + 1), idempotency_key=f"{kind}:{number}",
                    actor=(alice, bob)[number % 3 == 0], created_at=now, estimated=number % 7 == 0,
                )
            )  # fmt: skip
    LedgerEntry.objects.bulk_create(rows)
    return rows


def listed(client, query):
    return client.get(f"{LIST}?all=&{query}").context["cl"]


def by_hand(rows):
    sums = Counter({kind: Decimal(0) for kind in KINDS})
    for row in rows:
        sums[row.kind] += row.amount
    return {kind: sums[kind] for kind in KINDS}


def filters(alice, bob):
    today = timezone.localdate()
    month = today - timedelta(days=30)
    return {
        "": lambda row: True,
        "kind__exact=charge": lambda row: row.kind == "charge",
        "team=other": lambda row: row.team.slug == "other",
        f"actor={bob.email}": lambda row: row.actor_id == bob.pk,
        f"actor={alice.pk}": lambda row: row.actor_id == alice.pk,
        "estimated__exact=1": lambda row: row.estimated,
        f"from={month}&to={today}": lambda row: month <= day_of(row) <= today,
        f"to={month}&kind__exact=adjust&team=harbour": lambda row: (
            day_of(row) <= month and row.kind == "adjust" and row.team.slug == "harbour"
        ),
        "q=charge:7": lambda row: row.idempotency_key == "charge:7",
        "team=nowhere": lambda row: False,
    }


def day_of(row):
    return timezone.localdate(row.created_at if row.id is None else ledger_day(row))


def ledger_day(row):
    return datetime.fromtimestamp((row.id.int >> 80) / 1000, tz=timezone.get_default_timezone())


@pytest.mark.parametrize("number", range(10))
def test_totals_are_the_sums_of_what_is_listed(number, client, entries, alice, bob):
    query, is_in = list(filters(alice, bob).items())[number]
    rows = [row for row in entries if is_in(row)]

    found = listed(client, query)

    assert found.result_count == len(rows)
    assert found.totals.parts == by_hand(rows)
    assert found.totals.sum == sum((row.amount for row in rows), Decimal(0))
    assert found.totals.scope == "Totals for all results, in US dollars"


@pytest.mark.parametrize("number", range(10))
def test_file_holds_what_is_listed(number, client, entries, alice, bob):
    query, is_in = list(filters(alice, bob).items())[number]
    rows = sorted((row for row in entries if is_in(row)), key=lambda row: row.id, reverse=True)

    lines = read(client.post(f"{LIST}csv/?{query}"))

    assert [line["id"] for line in lines] == [str(row.id) for row in rows]
    assert [Decimal(line["amount_usd"]) for line in lines] == [row.amount for row in rows]
    assert [line["team"] for line in lines] == [row.team.slug for row in rows]
    assert [line["at"] for line in lines] == [row.created_at.isoformat() for row in rows]


def read(answer):
    assert answer.status_code == 200
    return rows_of(answer.getvalue())


def test_totals_of_a_long_list_are_of_this_month_unless_all_are_asked_for(client, alice, team, monkeypatch):
    now, year = timezone.now(), timedelta(days=365)
    first, _ = ledger.month_of(now)
    old = [entry(team, alice, number, now - year) for number in range(600)]
    new = [entry(team, alice, number, max(first, now - timedelta(hours=1))) for number in range(600, 1_200)]
    LedgerEntry.objects.bulk_create(old + new)

    page = client.get(LIST)
    totals = page.context["cl"].totals

    assert totals.parts == by_hand(new)
    assert totals.scope == f"Totals for {timezone.localdate():%B %Y}, in US dollars"
    assert totals.scope in page.content.decode()
    whole = client.get(LIST + totals.full_query).context["cl"].totals
    assert whole.parts == by_hand(old + new)
    assert whole.full_query == ""
    assert client.get(f"{LIST}?from=2000-01-01").context["cl"].totals.parts == by_hand(old + new)


def entry(team, actor, number, moment):
    return LedgerEntry(
        id=uuid7_at(moment), team=team, kind=EntryType.CHARGE, amount=-THIRD, idempotency_key=f"charge:{number}",
        actor=actor, created_at=moment,
    )  # fmt: skip


def test_file_of_several_batches_is_complete(client, entries, monkeypatch):
    monkeypatch.setattr(exports, "BATCH_SIZE", 7)

    assert len(read(client.post(f"{LIST}csv/"))) == len(entries)


def test_file_that_would_be_too_long_is_refused_with_a_way_out(client, entries, monkeypatch):
    monkeypatch.setattr(exports, "MAX_ROWS", 100)

    answer = client.post(f"{LIST}csv/?team=harbour", follow=True)

    assert answer.redirect_chain == [(f"{LIST}?team=harbour", 302)]
    assert "Filter it by month" in answer.content.decode()
    assert not AuditEvent.objects.filter(action=AuditAction.EXPORTED_IN_ADMIN).exists()


def test_export_is_recorded_and_needs_a_post(client, root, entries, as_):
    assert client.get(f"{LIST}csv/").status_code == 405
    assert as_(root, enforce_csrf_checks=True).post(f"{LIST}csv/").status_code == 403
    client.post(f"{LIST}csv/?team=other&kind__exact=hold")

    noted = AuditEvent.objects.get(action=AuditAction.EXPORTED_IN_ADMIN)
    assert (noted.actor, noted.detail) == (root, "ledger entry: 45 lines")


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_s10_no_cell_of_the_ledger_is_a_formula(client, team, payload):
    LedgerEntry.objects.create(team=team, kind=EntryType.ADJUST, amount=-THIRD, idempotency_key=payload, note=payload)

    (line,) = read(client.post(f"{LIST}csv/"))

    assert line.pop("amount_usd") == f"-{THIRD}"  # a number, and no formula for anybody
    assert [name for name, cell in line.items() if is_formula(cell)] == []
    assert payload.strip() in line["note"]


def test_ledger_is_safe_from_code_in_the_admin_too(entries):
    """The admin needs no trust: the database refuses what it could try."""
    model_admin = admin.site.get_model_admin(LedgerEntry)
    row = LedgerEntry.objects.first()

    with pytest.raises(IntegrityError), transaction.atomic():
        model_admin.delete_model(None, row)
    row.amount = Decimal(0)
    with pytest.raises(IntegrityError), transaction.atomic():
        model_admin.save_model(None, row, None, change=True)


def test_entries_of_a_deleted_user_show_the_number(client, bob, team):
    LedgerEntry.objects.create(team=team, kind=EntryType.ADJUST, amount=-THIRD, idempotency_key="adjust:x", actor=bob)
    number = bob.pk
    bob.delete()

    assert f"Former member {number}" in client.get(LIST).content.decode()
    row = LedgerEntry.objects.get()
    assert f"Former member {number}" in client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert listed(client, f"actor={number}").result_count == 1


def test_days_are_those_of_the_time_zone(client, team, alice, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    moment = datetime(2026, 3, 31, 11, 30, tzinfo=timezone.get_fixed_timezone(0))  # there, half past midnight
    LedgerEntry.objects.bulk_create([entry(team, alice, 1, moment)])

    assert listed(client, "from=2026-04-01&to=2026-04-01").result_count == 1
    assert listed(client, "from=2026-03-31&to=2026-03-31").result_count == 0
    assert date(2026, 4, 1) == timezone.localdate(moment)
