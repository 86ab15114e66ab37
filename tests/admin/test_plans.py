"""Which index answers each list of the admin, with the values bound as Django binds them."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generations import ledger
from generations.models import (
    Attempt,
    AuditAction,
    AuditEvent,
    EntryType,
    Generation,
    LedgerEntry,
    ShareLink,
    uuid7_at,
)  # fmt: skip
from tests.admin.conftest import address_of
from tests.factories import make_person, make_team, order
from tests.models.test_indexes import Plans

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_nightly]
ROWS = 1_200


@pytest.fixture
def many(alice, team, emulator):
    """Twenty teams and people over a year; `team` and Alice are as rare as the others."""
    teams = [team, *(make_team(f"Team {n}", f"team-{n}") for n in range(19))]
    people = [alice, *(make_person(f"Person{n}", team) for n in range(19))]
    (pattern,) = order(alice, team)
    fields = {f.attname: getattr(pattern, f.attname) for f in Generation._meta.concrete_fields}
    dice, now = random.Random(3), timezone.now()

    def some(n):
        return {"team": dice.choice(teams), "id": uuid7_at(now - timedelta(hours=4 * n))}

    pictures = [
        Generation(**fields | {"client_key": None, "team_id": one["team"].pk, "id": one["id"], "state": state(n),
                               "author_id": dice.choice(people).pk, "finished_at": now,
                               "deleted_at": now if n % 40 == 0 else None})
        for n in range(ROWS) for one in [some(n)]
    ]  # fmt: skip
    Generation.objects.bulk_create(pictures)
    Attempt.objects.bulk_create(
        Attempt(id=one.id, generation=one, number=1, state="rejected" if n % 50 == 0 else "stored", estimate=1,
                sent_at=now, request_id=one.id.hex, cost_estimated=n % 70 == 0)
        for n, one in enumerate(pictures)
    )  # fmt: skip
    LedgerEntry.objects.bulk_create(
        LedgerEntry(**some(n), kind=EntryType.ADJUST if n % 50 == 0 else EntryType.CHARGE, amount=-1,
                    idempotency_key=f"key:{n}", actor=dice.choice(people), estimated=n % 70 == 0,
                    generation=pictures[n])
        for n in range(ROWS)
    )  # fmt: skip
    AuditEvent.objects.bulk_create(
        AuditEvent(**some(n), action=AuditAction.PAUSED if n % 50 == 0 else AuditAction.SIGNED_IN,
                   actor=dice.choice(people), subject=f"user {n % 400}")
        for n in range(ROWS)
    )  # fmt: skip
    ShareLink.objects.bulk_create(
        ShareLink(**some(n), creator=dice.choice(people), generation=pictures[n], token_hash=str(n))
        for n in range(ROWS)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")


def state(n):
    return "failed" if n % 50 == 0 else "done"


def plans_of(call):
    plans = Plans()
    with connection.execute_wrapper(plans):
        call()
    return "\n".join(plans.seen)


LISTS = {
    Generation: {
        "state__exact=failed": "generations_by_state",
        "team=harbour": "gallery_by_team",
        "team=harbour&state__exact=failed": "gallery_by_state",
        "author=alice@example.test": "generations_by_author",
        "place=trash": "trash_",
    },
    Attempt: {
        "state__exact=rejected": "attempts_by_state",
        "cost_estimated__exact=1": "attempt_estimated",
        "q=00000000000070008000000000000000": "attempts_by_request_id",
    },
    LedgerEntry: {
        "": "ledger_by_kind",  # the sums of this month
        "team=harbour": "ledger_by_team",
        "kind__exact=adjust": "ledger_by_kind",
        "team=harbour&kind__exact=adjust": "ledger_sums",
        "actor=alice@example.test": "ledger_by_actor",
        "estimated__exact=1": "ledger_estimated",
    },
    AuditEvent: {
        "action__exact=paused": "audit_events_by_action",
        "team=harbour": "audit_events_by_team",
        "q=user+12": "audit_events_by_subject",
    },
    ShareLink: {"team=harbour": "share_links_by_team"},
}


def uses(index, plans):
    """For so few rows PostgreSQL takes any index that begins alike, and a month's entries by their ids."""
    fitting = {index} if connection.vendor == "sqlite" else {f"{index.partition('_')[0]}_", "ledgerentry_pkey"}
    return any(name in plans for name in fitting)


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.model_name)
def test_list_uses_its_index_and_newest_rows_are_read_in_their_order(model, client, many):
    """Nothing is sorted: a page costs fifty rows, not the table."""
    found = {query: plans_of(lambda query=query: client.get(f"{address_of(model)}?{query}")) for query in LISTS[model]}
    newest = plans_of(lambda: client.get(f"{address_of(model)}?from=2020-01-01"))

    assert [(query, found[query]) for query, index in LISTS[model].items() if not uses(index, found[query])] == []
    assert [line for line in newest.splitlines() if "ORDER BY" in line or "Sort" in line] == []


def test_sums_of_a_team_still_read_the_index_alone(many, team):
    """The indexes of the admin have not become the planner's first choice for what every page asks."""
    first, _ = ledger.month_of(timezone.now())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As on an SSD. Otherwise reading the month of all teams costs about as much, of so few rows: the choice
            # would depend on the day of the month.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
    found = plans_of(lambda: ledger.spent(team, first))

    # PostgreSQL knows only after a VACUUM, which no transaction may ask for, that the index alone would do.
    fitting = ["ledger_sums"] if connection.vendor == "sqlite" else ["ledger_sums", "ledger_by_team"]
    assert any(index in found for index in fitting), found
