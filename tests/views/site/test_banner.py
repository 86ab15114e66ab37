"""Why nothing new is being drawn: on every page, for as long as it is so, in words for everybody."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import Generation, PauseCause, ProviderPause, State
from generations.pipeline.circuit_breaker import pauses
from generations.queries.provider.pauses import clear_cache as look_again
from tests.factories import make_person, order

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LEAD = "Generation is paused"


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def since():
    """Every pause of these tests began at 14:02 of this day, in the site's time zone."""
    return timezone.localtime().replace(hour=14, minute=2, second=11)


def stop(cause=PauseCause.CREDITS, since=None, **fields):
    pauses.pause(cause, "The provider's own words.")
    fields |= {"started_at": since} if since else {}
    ProviderPause.objects.filter(cause=cause).update(**fields)


def said(client, page="/t/harbour/"):
    found = client.get(page).context["site"].notice
    return f"{found.lead} {found.rest}" if found else ""


@pytest.mark.parametrize(
    ("cause", "fields", "lead", "resumes"),
    [
        (
            "credits",
            {"balance": Decimal("0.004"), "needed": Decimal("0.0152127097")},
            ": the provider account has $0.0040 left, and a picture needs about $0.0152.",
            "It resumes automatically after a top-up.",
        ),
        (
            "credits",
            {"balance": Decimal("-0.5"), "needed": Decimal("0.0152")},
            ": the provider account has −$0.5000 left, and a picture needs about $0.0152.",
            "It resumes automatically after a top-up.",
        ),
        (
            "credits",
            {},
            ": the provider account doesn't have enough credits for a picture.",
            "It resumes automatically after a top-up.",
        ),
        (
            "limit",
            {},
            ": the spending limit set at the provider has been reached.",
            "It resumes automatically once the limit is raised.",
        ),
        (
            "key",
            {},
            ": the provider doesn't accept this site's API key.",
            "It resumes automatically once a site admin fixes it.",
        ),
        (
            "account",
            {},
            ": the provider doesn't let this site's account use the model.",
            "It resumes automatically once a site admin fixes it.",
        ),
        (
            "disk",
            {},
            ": this site's disk is full, and we don't pay for pictures that we can't save.",
            "It resumes automatically once there is free space.",
        ),
        (
            "unusable",
            {"probe_at": None},
            ": the provider charged for recent requests but returned no pictures.",
            "It resumes automatically as soon as the provider returns one.",
        ),
        (
            "by_hand",
            {"reason": "We move to another account."},
            " by a site admin: “We move to another account”.",
            "A site admin has to resume it.",
        ),
    ],
)
def test_every_cause_is_told_in_plain_words(client, alice, team, since, cause, fields, lead, resumes):
    order(alice, team, count=2)
    stop(PauseCause(cause), since=since, **fields)

    assert said(client) == f"{LEAD}{lead} 2 pictures are queued. {resumes} Paused since today 14:02."


@pytest.mark.parametrize("cause", PauseCause.values)
def test_no_cause_is_left_without_words(client, team, cause):
    stop(PauseCause(cause))

    assert said(client).startswith(LEAD)


def test_failing_provider_is_told_with_the_next_try(client, team, since):
    stop(PauseCause.FAILING, since=since, probe_at=timezone.now() + timedelta(minutes=1))
    tried_at = timezone.localtime(ProviderPause.objects.get().probe_at)
    assert f"Next try at {tried_at:%H:%M}." in said(client)

    ProviderPause.objects.update(probe_at=timezone.now() - timedelta(minutes=1))

    assert "It tries again with the next picture." in said(client)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "New pictures are queued. It resumes"), (1, "1 picture is queued. It resumes")],
)
def test_number_that_waits_is_counted_over_all_teams(client, charlie, count, text, team):
    for _ in range(count):
        order(charlie, charlie.teams.get())
    stop()

    assert text in said(client)


def test_pause_of_an_earlier_day_names_the_day(client, team, since):
    stop(since=since - timedelta(days=1))

    assert said(client).endswith("Paused since yesterday 14:02.")


def test_notice_stands_on_every_page_also_on_empty_ones(as_, vera, alice, team):
    (row,) = order(alice, team)
    stop()
    pages = ["/t/harbour/", "/t/harbour/queue/", "/t/harbour/trash/", f"/g/{row.id}/", "/accounts/password/"]

    assert [page for page in pages if LEAD.encode() not in as_(vera).get(page).content] == []


def test_visitor_is_not_told(team):
    stop()

    html = Client().get("/login/").content.decode()
    assert LEAD not in html
    assert 'id="banner"' not in html


def test_place_for_the_notice_is_empty_while_orders_are_sent(client, team):
    assert '<div class="banner" id="banner" role="status"></div>' in client.get("/t/harbour/").content.decode()


def test_way_to_the_provider_is_shown_to_whoever_runs_the_site_only(as_, alice, team):
    root = make_person("Root", team)
    root.is_superuser = True
    root.save()
    stop()

    assert b">Resolve</a>" not in as_(alice).get("/t/harbour/").content
    assert b'<a href="/provider/">Resolve</a>' in as_(root).get("/t/harbour/").content


def test_person_who_paused_cannot_slip_in_markup(client, team):
    stop(PauseCause.BY_HAND, reason="<b onclick=x>pizza</b>")

    html = client.get("/t/harbour/").content.decode()
    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;pizza&lt;/b&gt;" in html


def test_waiting_card_says_that_it_waits_for_the_pause_and_not_for_a_worker(client, alice, team):
    order(alice, team)
    Generation.objects.update(available_at=timezone.now() - timedelta(minutes=5), reason="The last answer was no.")
    stop()

    for page, name in [("/t/harbour/", "feed"), ("/t/harbour/queue/", "rows")]:
        found = client.get(page).context[name]
        card = found.days[0].cards[0] if name == "feed" else found[0].card
        assert card.headline == "Queued · generation paused"


def test_queue_leaves_the_word_to_the_notice(client, alice, team):
    order(alice, team)
    Generation.objects.update(available_at=timezone.now() - timedelta(minutes=5))
    assert client.get("/t/harbour/queue/").context["worker_note"]

    stop()

    assert client.get("/t/harbour/queue/").context["worker_note"] == ""


@pytest.mark.parametrize("page", ["/t/harbour/", "/t/harbour/queue/", "/g/{}/"])
def test_notice_comes_and_goes_with_the_pages_own_poll(client, alice, team, page):
    (row,) = order(alice, team)
    address = page.format(row.id)

    def poll():
        context = client.get(address).context
        url = context["live"].url if "live" in context else context["poll_url"]
        assert client.get(url, headers=HTMX).status_code == 204
        return url

    url = poll()
    stop()
    assert LEAD in client.get(url, headers=HTMX).content.decode()

    url = poll()
    pauses.end("Topped up.")
    answer = client.get(url, headers=HTMX)
    assert (answer.status_code, LEAD in answer.content.decode()) == (200, False)
    assert 'id="banner"' in answer.content.decode()


def test_answer_to_a_poll_swaps_what_is_in_the_notice_and_keeps_its_place(client, alice, team):
    order(alice, team)
    url = client.get("/t/harbour/").context["live"].url
    stop()

    assert 'id="banner" role="status" hx-swap-oob="innerHTML">' in client.get(url, headers=HTMX).content.decode()


def test_order_during_a_pause_is_taken_and_answered_with_the_notice(client, team):
    stop()

    answer = client.post("/t/harbour/generations/", {"prompt": "a quiet harbour"}, headers=HTMX)

    assert (answer.status_code, Generation.objects.get().state) == (200, State.QUEUED)
    assert LEAD in answer.content.decode()


LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "cancelled"}}


@pytest.mark.parametrize("how", ["rest of a batch", "one card"])
def test_notice_does_not_count_what_was_cancelled_a_moment_ago(client, alice, team, settings, how):
    settings.CACHES = LOCAL
    look_again()
    (row,) = order(alice, team)
    stop(PauseCause.BY_HAND)
    batch = f"/t/harbour/batches/{row.batch}/"
    assert "1 picture is queued." in said(client, batch)

    client.post(f"{batch}stop" if how == "rest of a batch" else f"/g/{row.id}/cancel")

    assert "New pictures are queued. A site admin has to resume it." in said(client, batch)
