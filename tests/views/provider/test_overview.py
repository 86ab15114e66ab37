"""The provider page for administrators: balance, pauses and their reasons."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from generations.models import BalanceReading, Generation, PauseCause, ProviderPause, Reconciliation, Verdict
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.worker.claim import claim, mark_sent
from generations.views.provider.overview import ProviderFigure
from tests.factories import make_person, order
from tests.pipeline.reconciliation.unknown_attempts import reading

pytestmark = pytest.mark.django_db
PAGE = "/provider/"


@pytest.fixture
def root(team):
    user = make_person("Root", team)
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def client(as_, root):
    return as_(root)


def send(client, verb, reason="the account is being moved"):
    response = client.post(f"/provider/{verb}", {"reason": reason})
    assert (response.status_code, response["Location"]) == (302, PAGE)
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


@pytest.mark.parametrize("address", ["", "pause", "resume"])
@pytest.mark.parametrize("who", ["alice", "bob", "vera", "charlie"])
def test_page_and_its_forms_are_missing_for_everybody_else(request, as_, team, who, address):
    client = as_(request.getfixturevalue(who))
    url = f"{PAGE}{address}"

    answer = client.post(url, {"reason": "because"}) if address else client.get(url)

    assert answer.status_code == 404
    assert not ProviderPause.objects.exists()


def test_visitor_is_sent_to_sign_in(db):
    assert Client().get(PAGE)["Location"] == f"/login/?next={PAGE}"


def test_link_to_the_page_stands_in_the_bar_of_whoever_runs_the_site(as_, alice, client):
    link = b'href="/provider/"'

    assert link in client.get("/t/harbour/").content
    assert link not in as_(alice).get("/t/harbour/").content


def test_site_can_be_paused_and_resumed_with_a_reason(client, root):
    assert send(client, "pause", "  the account\n is being moved ").startswith("Generation paused.")
    (one,) = client.get(PAGE).context["open"]
    assert (one.reason, one.began_by) == ("the account is being moved", "Root")

    assert send(client, "resume", "the new key is in place") == "Generation resumed."

    found = client.get(PAGE).context
    assert found["open"] == []
    (one,) = found["past"]
    assert (one.ended_by, one.end_reason, one.lasted) == ("Root", "the new key is in place", "under a minute")


def test_resuming_ends_every_pause_and_says_when_there_was_none(client):
    for cause in (PauseCause.CREDITS, PauseCause.LIMIT):
        pauses.pause(cause, "The provider said no.")

    assert send(client, "resume").startswith("Generation resumed")
    assert send(client, "resume") == "Generation wasn't paused."
    assert ProviderPause.objects.filter(ended_at=None).count() == 0


@pytest.mark.parametrize("verb", ["pause", "resume"])
@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Enter a reason. It's saved"),
        (" \n\0", "Enter a reason"),
        ("x" * 301, "301 characters; the maximum is 300"),
    ],
)
def test_reason_that_is_missing_or_too_long_changes_nothing_and_says_so(client, verb, reason, sentence):
    pauses.pause(PauseCause.LIMIT, "The limit is reached.")

    assert sentence in send(client, verb, reason)
    assert ProviderPause.objects.get().ended_at is None


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_reason_that_is_too_long_stands_in_its_form_again_whole_and_once(client, verb):
    pauses.pause(PauseCause.LIMIT, "The limit is reached.")
    typed = "y" * 700
    send(client, verb, typed)

    pages = [client.get(PAGE) for _ in range(2)]

    assert [getattr(page.context["typed"], verb) for page in pages] == [typed, ""]
    assert pages[0].content.decode().count(typed) == 1
    assert b"maxlength" not in pages[0].content, "a browser would cut what is pasted"


def test_reason_that_is_taken_is_not_kept_for_the_form(client):
    send(client, "pause", "x" * 301)
    send(client, "pause")

    assert "x" * 301 not in client.get(PAGE).content.decode()


def test_reason_may_have_300_characters(client):
    assert send(client, "pause", "ä" * 300).startswith("Generation paused.")


def test_pause_by_hand_is_offered_once(client):
    assert b'action="/provider/pause"' in client.get(PAGE).content
    pauses.pause(PauseCause.LIMIT, "The limit is reached.")
    assert b'action="/provider/pause"' in client.get(PAGE).content

    send(client, "pause")

    html = client.get(PAGE).content
    assert (b'action="/provider/pause"' in html, b'action="/provider/resume"' in html) == (False, True)


def test_words_of_the_provider_are_text_and_the_key_is_nowhere(client, settings):
    settings.SEGMIND_API_KEY = "SG_feedfacecafebeef"
    settings.SEGMIND_BASE_URL = "https://api.segmind.com"
    pauses.pause(PauseCause.KEY, '<script>alert("x")</script>')

    html = client.get(PAGE).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert "feedface" not in html
    assert "api.segmind.com" in html


def test_pause_tells_what_is_there_and_what_is_needed_and_when_it_is_looked_at_again(client):
    pauses.pause(PauseCause.CREDITS, "No credits.", needed=Decimal("0.0152"), probe_in=90)
    ProviderPause.objects.update(balance=Decimal("0.004"), probes=2)

    (one,) = client.get(PAGE).context["open"]

    assert (one.balance, one.needed, one.probed) == ("$0.0040", "$0.0152", "Tried 2 times.")
    assert one.next_probe


def test_balances_stand_with_the_latest_first(client):
    BalanceReading.objects.create(credits=Decimal(3), free_credits=Decimal("0.5"))
    BalanceReading.objects.create(credits=Decimal(2), free_credits=Decimal("0.5"))

    found = client.get(PAGE).context

    assert [one.total for one in found["readings"]] == ["$2.5000", "$3.5000"]
    assert (found["numbers"][0].value, found["numbers"][0].exact) == ("$2.50", "$2.5000000000")


def test_page_of_a_fresh_site_says_that_nothing_is_known_yet(client):
    html = client.get(PAGE).content.decode()

    assert "No readings yet" in html
    assert "No pauses yet." in html


def test_page_tells_how_long_the_oldest_waits_and_is_drawn_over_all_teams(client, alice, charlie, team):
    (drawn,) = order(charlie, charlie.teams.get())
    claimed = claim(drawn.id)
    mark_sent(claimed)
    drawn.attempts.update(sent_at=timezone.now() - timedelta(minutes=3, seconds=5))
    order(alice, team, count=2)
    Generation.objects.filter(team=team).update(queued_at=timezone.now() - timedelta(minutes=7, seconds=5))

    assert client.get(PAGE).context["numbers"][1:] == [
        ProviderFigure("Queued", "2 pictures", "Longest: 7 minutes"),
        ProviderFigure("Generating", "1 picture", "Longest: 3 minutes"),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(client, root, number, django_assert_num_queries):
    reading("1.00", timedelta(hours=9))
    for hours in range(number):
        pauses.pause(PauseCause.BY_HAND, "because", by=root)
        pauses.end("it is over", by=root)
        reading("1.00", timedelta(hours=hours))
        span = {"since": timezone.now(), "until": timezone.now(), "booked": 1}
        Reconciliation.objects.create(
            **span, balance_decrease=1, unexplained=0, tolerance=0, verdict=Verdict.AGREES, by=root
        )

    # Session, user, pauses with their people, readings, the last comparison, names, comparisons, moved prices, two
    # counts, two ages, the notice; the bar: team, all teams, role, queue, money.
    with django_assert_num_queries(23):
        client.get(PAGE)


def test_superuser_without_a_team_finds_the_page_from_any_other(as_):
    user = make_person("Root")
    user.is_superuser = True
    user.save()

    assert b'href="/provider/"' in as_(user).get("/accounts/password/").content
