"""Which index each frequent query uses, with its values bound as the site binds them, on the database under test."""

import random
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from generations import ledger
from generations.models import (
    Activity,
    ActivityKind,
    Attempt,
    EntryType,
    Generation,
    Image,
    LedgerEntry,
    Notification,
    NotificationKind,
    Role,
    State,
    uuid7,
)
from generations.pipeline.recovery import recover, thumbnails, trash
from generations.pipeline.worker.fulfil import configured_provider
from generations.queries.activity import activity, comments, notifications
from generations.queries.gallery import gallery, prompt_history
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.generations import attempt_history, duplicates
from generations.queries.orders import approvals, batches, queue, queue_age, queue_metrics
from generations.queries.provenance import provenance
from generations.queries.sharing import share_links
from generations.queries.site.keyset import Cursor
from generations.queries.spending import prices
from generations.services.collections import collections
from generations.services.gallery import tags
from tests.factories import make_person, make_team, order

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_nightly]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
ROWS = 3_000
SIZES = ["1024x1024", "768x1360", "1360x768", "832x1248"]
SPEEDS = ["unsqueezed", "juiced"]


class Plans:
    """The plan of every SELECT that the wrapped code makes."""

    def __init__(self):
        self.seen = []

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            execute(EXPLAIN[connection.vendor] + sql, params, many, context)
            self.seen += [str(row) for row in context["cursor"].fetchall()]
        return execute(sql, params, many, context)


@pytest.fixture
def people(alice, team):
    return [alice, *(make_person(f"Person{n}", team) for n in range(20))]


@pytest.fixture
def plan(people, team, emulator):
    """Explain what a call asks, over a table in which forty teams have drawn for a while."""
    teams = [team, *(make_team(f"Team {n}", f"team-{n}") for n in range(39))]
    dice = random.Random(7)
    (pattern,) = order(people[0], team)
    fields = {f.attname: getattr(pattern, f.attname) for f in Generation._meta.concrete_fields}
    Generation.objects.bulk_create(_row(fields, dice, people, teams) for _ in range(ROWS))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            # For so few rows any index that begins with the team will do; a large table is read in its order.
            cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")

    def explain(call):
        plans = Plans()
        with connection.execute_wrapper(plans):
            call()
        return "\n".join(plans.seen)

    return explain


def _row(fields, dice, people, teams):
    running = {"state": State.RUNNING, "lease": uuid7(), "lease_until": timezone.now() + timedelta(minutes=1)}
    queued, failed, done = ({"state": state} for state in (State.QUEUED, State.FAILED, State.DONE))
    (state,) = dice.choices([running, queued, failed, done], [1, 1, 5, 200])
    changes = {
        "id": uuid7(),
        "team_id": dice.choice(teams).pk,
        "author_id": dice.choice(people).pk,
        "size": dice.choice(SIZES),
        "speed": dice.choice(SPEEDS),
        "finished_at": None if state in (running, queued) else timezone.now(),
        "deleted_at": timezone.now() - timedelta(days=dice.random() * 29) if dice.random() < 0.02 else None,
    }
    return Generation(**fields | state | changes)


def collapsed_page(alice, team):
    return gallery.gallery_page(team, GallerySearch(), alice, Cursor(), collapsed=True).rows


def page_of(**search):
    def ask(alice, team):
        return gallery.gallery_page(team, GallerySearch(**search), alice, Cursor()).rows

    return ask


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (page_of(), "gallery_by_team"),
        (collapsed_page, "gallery_by_team"),
        (collapsed_page, "generations_by_batch"),
        (page_of(size=SIZES[1]), "gallery_by_size"),
        (page_of(speed=SPEEDS[1]), "gallery_by_speed"),
        (page_of(state=State.FAILED), "gallery_by_state"),
        (lambda alice, team: page_of(person=alice.pk)(alice, team), "gallery_by_author"),
        (lambda alice, team: prompt_history.past_prompts(team, alice), "gallery_by_author"),
        (lambda alice, team: gallery.trash_page(team, alice, Cursor()).rows, "trash_by_team"),
        (lambda *_: recover.due(), "work_due"),
        (lambda *_: recover.recover(configured_provider()), "work_leased"),
        (lambda *_: attempt_history.usual_duration("hidream-l1-fast", SIZES[0], SPEEDS[0]), "history_by_kind"),
        (order, "waiting_of_author"),
        (
            lambda alice, team: duplicates.find_duplicates(team, alice, ["a" * 64, "b" * 64]),
            "generations_by_fingerprint",
        ),
        (lambda alice, team: batches.batch_of(team, alice, uuid7()), "generations_by_batch"),
        (lambda *_: prices.learned_prices("hidream-l1-fast", [(SIZES[0], SPEEDS[0])]), "history_by_kind"),
        (lambda alice, team: approvals.pending_count(team, alice, Role.OWNER), "approval_requests_by_state"),
        (lambda alice, team: list(queue.team_queue(team, alice)), "waiting_of_team"),
        (
            lambda alice, team: share_links.links_page(team, alice, ended=False, cursor=Cursor()).rows,
            "share_links_by_team",
        ),
        (lambda *_: thumbnails.without_thumbnails(), "image_without_thumbnails"),
        (lambda *_: trash.empty_trash(), "trash_by_age"),
        (lambda *_: trash.empty_trash(), "purge_unfinished"),
        (lambda *_: queue_metrics.queue_metrics(), "work_due"),
        (lambda *_: queue_metrics.queue_metrics(), "work_leased"),
        # Over all teams: by the index of the admin, or that of the galleries.
        (lambda *_: queue_metrics.queue_metrics(), "_by_state"),
        (lambda *_: queue_age.oldest_waiting(), "work_due"),
        (lambda *_: queue_age.oldest_running(), "work_leased"),
        (lambda *_: queue_age.is_starving(60), "work_due"),
        (lambda alice, team: activity.activity_page(team, alice, None), "activity_by_team"),
        (lambda *_: comments.comments_page(Generation.objects.order_by("id")[0], None), "comments_of_picture"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_query_uses_its_index(ask, index, plan, people, team):
    assert f"{index} " in plan(lambda: ask(people[0], team)) + " "


@pytest.fixture
def notified(plan, people):
    """Alice is told of a fifth of all: of few rows any index that begins with her would do, of most any at all."""
    dice = random.Random(7)
    common = {"actor": people[1], "kind": ActivityKind.COMMENTED}
    pictures = Generation.objects.values_list("id", "team")
    groups = [Activity(team_id=team, generation_id=id_, **common) for id_, team in pictures]
    Activity.objects.bulk_create(groups)
    kind = NotificationKind.COMMENT
    read = [None if dice.random() < 0.1 else timezone.now() for _ in groups]
    users = dice.choices(people, [5, *[1] * (len(people) - 1)], k=len(groups))
    Notification.objects.bulk_create(
        Notification(user=user, activity=group, kind=kind, read_at=at)
        for user, group, at in zip(users, groups, read, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # Of so few rows whole tables are joined; of many, a page is followed in its order.
            cursor.execute("SET LOCAL enable_mergejoin = off; SET LOCAL enable_hashjoin = off")


@pytest.mark.usefixtures("notified")
def test_count_of_what_is_unread_uses_its_index(plan, people):
    assert "notifications_unread " in plan(lambda: notifications.unread_count(people[0])) + " "


@pytest.mark.usefixtures("notified")
def test_page_of_notifications_is_read_in_its_order(plan, people):
    """On PostgreSQL by the table's own order too, which for so few rows costs as little as hers."""
    found = plan(lambda: notifications.notifications_page(people[0], None))

    own = connection.vendor == "postgresql" and "Index Scan Backward using generations_notification_pkey " in found
    assert own or "notifications_of_person " in found, found


def store_images():
    """One for each row, so that the planner knows a hash for the rare thing it is."""
    rows = list(Generation.objects.values_list("id", flat=True))
    attempts = [Attempt(generation_id=row, number=1, estimate=0) for row in rows]
    Attempt.objects.bulk_create(attempts)
    Image.objects.bulk_create(
        Image(
            generation_id=one.generation_id, attempt=one, path=str(one.id), sha256=one.id.hex * 2, format="png",
            width=8, height=8, size=1,
        )
        for one in attempts
    )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def test_hash_of_a_file_is_looked_up_by_its_index(plan, people, team):
    store_images()

    asked = plan(lambda: provenance.generations_matching(people[0], ["a" * 64, "b" * 64]))

    assert "generations_image_sha256_" in asked
    assert "image_received_as" in asked


@pytest.mark.parametrize("search", ["collection", "tag"])
def test_small_collection_in_a_large_gallery_is_read_from_its_own_end(search, plan, people, team):
    alice = people[0]
    few = list(Generation.objects.filter(team=team)[:3])
    made = collections.get_or_create(actor=alice, team=team, name="Menu ideas")
    collections.add(actor=alice, collection=made, generations=few)
    tags.add(actor=alice, team=team, words=["sea"], generations=few)

    found = plan(lambda: page_of(**{"collection": {"collection": made.pk}, "tag": {"tag": "sea"}}[search])(alice, team))  # type: ignore[arg-type]

    # Its index may bring a row that is known by its number, but not the team's rows one after the other.
    one_by_one = r"gallery_by_team \(team_id=\?\)|gallery_by_team on[^\n]*\n[^\n]*Cond: \(team_id = [\w.]+\)'"
    assert not re.search(one_by_one, found), found
    assert re.search(one_by_one, plan(lambda: page_of()(alice, team)))  # the control


def test_activity_reads_the_gallery_in_its_order(plan, people, team):
    found = plan(lambda: activity.activity_page(team, people[0], None))

    assert "gallery_by_" in found, found


@pytest.mark.parametrize("whose", ["everybody", "person"])
def test_what_is_held_in_all_teams_does_not_read_the_whole_ledger(whose, plan, people):
    """An order asks for it under a limit over all teams; holds of years are not added up."""
    holds = [Generation(id=row.id, team_id=row.team_id) for row in Generation.objects.all()]
    LedgerEntry.objects.bulk_create(
        LedgerEntry(team_id=row.team_id, kind=kind, amount=amount, idempotency_key=f"{kind}:{row.id}", generation=row)
        for row in holds for kind, amount in ((EntryType.HOLD, -1), (EntryType.RELEASE, 1))
    )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    seen = plan(lambda: ledger.held(ledger.LedgerScope(None, people[0] if whose == "person" else None)))

    assert "ledger_by_kind" not in seen
