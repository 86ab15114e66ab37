"""What the team is having drawn right now."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation, PauseCause
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.worker.claim import claim, mark_sent
from tests.factories import make_person, order
from tests.infrastructure.valkey import valkey

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
# Session, user, team, the queue (twice), rows (three times), role, two ages, my own, all teams, role again, queue,
# money, the notice (four times; a cache would remember it).
QUERIES = 24


@pytest.fixture
def mia(team):
    return make_person("Mia", team)


def page(as_, person):
    return as_(person).get("/t/harbour/queue/").context


def test_queue_is_the_oldest_first_with_owner_and_time(as_, alice, bob, team):
    order(bob, team)
    order(alice, team)

    rows = page(as_, alice)["rows"]
    assert [(row.card.author, row.card.mine, row.card.headline) for row in rows] == [
        ("Bob", False, "Queued · position 1"),
        ("Alice", True, "Queued · position 2"),
    ]
    assert all(len(row.since) == 5 for row in rows)


def test_words_of_others_are_hidden(as_, alice, bob, team):
    order(bob, team, prompt="a surprise")

    assert page(as_, alice)["rows"][0].card.prompt == ""
    assert page(as_, bob)["rows"][0].card.prompt == "a surprise"


def test_summary_counts_what_is_drawn_and_what_waits(as_, alice, team):
    first, *_ = order(alice, team, count=3)
    mark_sent(claim(first.id))

    found = page(as_, alice)
    assert (found["summary"], bool(found["poll_url"])) == ("1 generating, 2 queued", True)


def test_ages_of_the_oldest_are_told_over_all_teams(as_, alice, charlie, team):
    (drawn,) = order(charlie, charlie.teams.get())
    mark_sent(claim(drawn.id))
    drawn.attempts.update(sent_at=timezone.now() - timedelta(minutes=3, seconds=5))
    order(alice, team)
    assert page(as_, alice)["ages"] == "Across all teams: longest wait under a minute, longest generation 3 minutes"

    Generation.objects.filter(team=team).update(queued_at=timezone.now() - timedelta(minutes=7, seconds=5))

    assert page(as_, alice)["ages"].startswith("Across all teams: longest wait 7 minutes")


def test_empty_queue_is_silent(as_, alice, team):
    found = page(as_, alice)

    assert (found["rows"], found["summary"], found["ages"], found["worker_note"]) == ([], "", "", "")
    assert found["poll_url"] == ""


@pytest.mark.services
def test_queue_that_nobody_works_on_says_so(as_, alice, team, settings):
    order(alice, team)
    with valkey() as server:
        settings.REDIS_URL = server.url
        assert page(as_, alice)["worker_note"] == ""
        Generation.objects.update(available_at=timezone.now() - timedelta(minutes=1))
        assert page(as_, alice)["worker_note"].startswith("No workers have picked up pictures recently.")


def test_redis_that_is_away_is_said_to_members_here_and_to_superusers_everywhere(as_, alice, bob, team):
    """The address of Redis in the settings of tests is one where nothing answers."""
    order(alice, team)
    alice.is_superuser = True
    alice.save()

    found = {user.name: as_(user).get("/t/harbour/queue/").context for user in (alice, bob)}

    assert [one["worker_note"][:37] for one in found.values()] == ["New pictures start with a delay. Noth"] * 2
    assert found["Bob"]["site"].notice is None
    assert found["Alice"]["site"].notice.lead == "Redis isn't responding, so new pictures start late."
    assert as_(alice).get("/t/harbour/").context["site"].notice == found["Alice"]["site"].notice


def test_poll_is_answered_with_nothing_while_nothing_changes(as_, alice, team):
    first, _ = order(alice, team, count=2)
    client = as_(alice)
    url = client.get("/t/harbour/queue/").context["poll_url"]
    assert client.get(url, headers=HTMX).status_code == 204
    assert client.get(url).status_code == 200

    mark_sent(claim(first.id))

    assert client.get(url, headers=HTMX).status_code == 200


@pytest.mark.parametrize(("who", "offered"), [("alice", True), ("bob", True), ("vera", False)])
def test_cancel_is_offered_to_whoever_may_edit(request, as_, alice, bob, team, who, offered):
    order(bob, team)

    page = as_(request.getfixturevalue(who)).get("/t/harbour/queue/")

    assert (">Cancel</button>" in page.content.decode()) == offered


@pytest.mark.parametrize("state", ["in line", "paused", "no worker"])
def test_free_to_cancel_is_said_to_whoever_may_cancel(as_, bob, mia, team, state):
    order(bob, team)
    if state == "paused":
        pauses.pause(PauseCause.BY_HAND, "Enough.")
    elif state == "no worker":
        Generation.objects.update(available_at=timezone.now() - timedelta(minutes=1))

    for page in ("/t/harbour/queue/", "/t/harbour/"):
        said = ["You can cancel at no charge." in as_(who).get(page).content.decode() for who in (bob, mia)]
        assert said == [True, False]


@pytest.mark.parametrize("number", [1, 3])
def test_queue_costs_the_same_for_one_and_three(as_, alice, team, number, django_assert_num_queries):
    order(alice, team, count=number)
    client = as_(alice)

    with django_assert_num_queries(QUERIES):
        client.get("/t/harbour/queue/")


def test_queue_is_in_the_order_in_which_it_is_served(as_, alice, bob, team):
    running, *rest = order(bob, team, count=3)
    mark_sent(claim(running.id))
    alices = order(alice, team, count=2)
    later = rest.pop()
    Generation.objects.filter(id=later.id).update(available_at=timezone.now() + timedelta(minutes=5))

    rows = page(as_, alice)["rows"]
    assert [row.card.id for row in rows] == [str(one.id) for one in (running, alices[0], *rest, alices[1], later)]
    assert [row.card.headline for row in rows] == [
        "Generating", "Queued · position 1", "Queued · position 2", "Queued · position 3", "Queued",
    ]  # fmt: skip


def test_all_that_waits_of_mine_is_cancelled_at_once(as_, alice, bob, charlie, team):
    sent, *waiting = order(alice, team, count=3)
    mark_sent(claim(sent.id))
    (his,), (elsewhere,) = order(bob, team), order(charlie, charlie.teams.get())
    client = as_(alice)
    assert "Cancel all mine" in client.get("/t/harbour/queue/").content.decode()

    said = client.post("/t/harbour/queue/cancel-own", follow=True).content.decode()

    assert "Cancelled 2 pictures at no charge. Pictures already generating will finish." in said
    assert "Cancel all mine" not in said
    states = dict(Generation.objects.values_list("id", "state"))
    assert [states[row.id] for row in waiting] == ["cancelled", "cancelled"]
    assert [states[row.id] for row in (sent, his, elsewhere)] == ["running", "queued", "queued"]
    assert "You had nothing queued" in client.post("/t/harbour/queue/cancel-own", follow=True).content.decode()
