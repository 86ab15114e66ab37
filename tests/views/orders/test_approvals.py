"""The page of approval requests: who sees which, who decides, and what it shows."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import schema
from generations.models import (
    ApprovalRequest,
    Budget,
    Generation,
    NotificationKind,
    NotificationPreference,
    RequestState,
    Role,
    Team,
)
from generations.services.orders.approvals import submit_or_request_approval
from generations.services.orders.blocked_words import set_blocked_words
from generations.services.orders.submit import GenerationRequest
from tests.factories import clean_values, draw, make_person
from tests.queries.spending.test_prices import charge

pytestmark = pytest.mark.django_db
PRICE = schema.get().list_price
URL = "/t/harbour/approvals/"


@pytest.fixture
def team(team):
    team.approval_above = PRICE
    team.save()
    return team


@pytest.fixture
def asked(bob, team):
    values = clean_values(prompt="wordsofbob", speed_mode="juiced", seed="41")
    return submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(values, 3))


def decide_url(asked):
    return reverse("decide_request", args=["harbour", asked.pk])


def test_manager_sees_exactly_what_is_asked(as_, alice, asked):
    page = as_(alice).get(URL)

    html = page.content.decode()
    (one,) = page.context["asked"]
    assert "wordsofbob" in html
    assert (one.request.who, one.request.many, one.request.cost) == ("Bob", "3 pictures", "≈ $0.046")
    assert one.request.kinds == "3 × Square 1:1, Fast"
    assert [cell["Seed"] for cell in one.request.cells] == ["41", "42", "43"]
    assert "Approve · ≈ $0.046" in html
    assert re.search(r'aria-current="page"\s*>\s*Approvals\b', html)


def test_limits_that_would_be_hit_are_named(as_, alice, asked, team):
    Budget.objects.create(team=team, hard=2 * PRICE)
    Budget.objects.create(team=team, hard=900, span="day")

    (one,) = as_(alice).get(URL).context["asked"]

    (said,) = one.in_the_way
    assert said.startswith("This exceeds a limit. Only $0.0304 of the monthly limit of Harbour team ($0.0304) is left.")


def test_asker_sees_her_own_and_others_do_not(as_, bob, vera, team, asked):
    mona = make_person("Molly", team, Role.MEMBER)

    assert "wordsofbob" in as_(bob).get(URL).content.decode()
    for other in (vera, mona):
        assert "wordsofbob" not in as_(other).get(URL).content.decode()
        assert as_(other).post(decide_url(asked), {"verdict": "approve"}).status_code == 404
        assert "waiting for approval" not in as_(other).get("/t/harbour/queue/").content.decode()


def test_asker_may_not_decide(as_, bob, asked):
    assert as_(bob).post(decide_url(asked), {"verdict": "approve"}).status_code == 403
    assert not Generation.objects.exists()


def test_queue_says_that_an_order_waits(as_, alice, bob, asked):
    for person in (alice, bob):
        page = as_(person).get("/t/harbour/queue/").content.decode()
        assert f'<a href="{URL}">1 request is waiting for approval and isn&#x27;t queued yet.</a>' in page


def test_approved_order_leads_to_its_pictures(as_, alice, bob, asked):
    as_(alice).post(decide_url(asked), {"verdict": "approve", "note": "for the fair"})

    page = as_(bob).get(URL).content.decode()
    assert f"/t/harbour/batches/{asked.batch}/" in page
    assert "“<bdi>for the fair</bdi>”" in page
    assert len(as_(bob).get(f"/t/harbour/batches/{asked.batch}/").context["cells"]) == 3


def test_refused_order_says_by_whom_and_why(as_, alice, bob, asked):
    page = as_(alice).post(decide_url(asked), {"verdict": "refuse", "note": "too many"}, follow=True)

    assert [str(one) for one in page.context["messages"]] == ["Declined. We've notified Bob."]
    (one,) = as_(bob).get(URL).context["decided"]
    assert (one.outcome, one.by, one.note) == ("Declined", "Alice", "too many")


@pytest.mark.parametrize("asker", ["alice", "bob"])
def test_answer_does_not_say_that_an_asker_is_told_who_is_not(as_, alice, bob, team, asker):
    NotificationPreference.objects.create(user=bob, kind=NotificationKind.DECIDED, on_site=False, by_email=False)
    who = {"alice": alice, "bob": bob}[asker]
    row = submit_or_request_approval(actor=who, team=team, order=GenerationRequest(clean_values(), 3))

    page = as_(alice).post(decide_url(row), {"verdict": "refuse"}, follow=True)

    assert [str(one) for one in page.context["messages"]] == ["Declined."]


def test_limit_in_the_way_is_said_and_the_note_is_kept(as_, alice, asked, team):
    Budget.objects.create(team=team, hard=PRICE)
    client = as_(alice)

    page = client.post(decide_url(asked), {"verdict": "approve", "note": "for the fair"}, follow=True)

    assert "It resets on " in page.content.decode()
    assert page.context["asked"][0].note == "for the fair"
    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING


def test_manager_is_told_that_another_one_decides_about_her_own(as_, alice, team):
    make_person("Molly", team, Role.MANAGER)
    hers = submit_or_request_approval(actor=alice, team=team, order=GenerationRequest(clean_values(), 3))

    page = as_(alice).get(URL)

    assert not page.context["asked"][0].decides
    assert "Another manager has to decide on your request." in page.content.decode()
    assert as_(alice).post(decide_url(hers), {"verdict": "approve"}).status_code == 403


def test_only_manager_is_told_why_she_may_decide(as_, alice, team):
    submit_or_request_approval(actor=alice, team=team, order=GenerationRequest(clean_values(), 3))

    assert "because you're the only manager" in as_(alice).get(URL).content.decode()


def test_note_that_is_too_long_is_said_and_kept(as_, alice, asked):
    page = as_(alice).post(decide_url(asked), {"verdict": "refuse", "note": "x" * 301}, follow=True)

    assert "301 characters" in page.content.decode()
    assert page.context["asked"][0].note == "x" * 301


def test_second_decision_is_told_that_it_is_too_late(as_, alice, asked):
    client = as_(alice)
    client.post(decide_url(asked), {"verdict": "refuse"})

    page = client.post(decide_url(asked), {"verdict": "approve"}, follow=True)

    assert "This request has already been decided or withdrawn." in page.content.decode()
    assert not Generation.objects.exists()


def test_asker_withdraws(as_, bob, alice, asked):
    url = reverse("cancel_request", args=["harbour", asked.pk])

    assert as_(alice).post(url).status_code == 403  # it is not Alice's request
    as_(bob).post(url)

    asked.refresh_from_db()
    assert asked.state == RequestState.WITHDRAWN


def test_composer_asks_and_says_so(as_, bob, team):
    page = as_(bob).post("/t/harbour/generations/", {"prompt": "a lighthouse", "count": "4"}, follow=True)

    assert page.redirect_chain == [(URL, 302)]
    assert (
        "Approval requested for 4 pictures (≈ $0.061). Nothing is charged until a manager approves it."
        in page.content.decode()
    )
    assert ApprovalRequest.objects.count() == 1


def test_composer_with_htmx_goes_there_too(as_, bob, team):
    answer = as_(bob).post(
        "/t/harbour/generations/", {"prompt": "a lighthouse", "count": "4"}, headers={"HX-Request": "true"}
    )

    assert answer["HX-Redirect"] == URL


def test_price_of_today_is_said_beside_the_one_that_was_asked(as_, alice, asked, monkeypatch):
    ApprovalRequest.objects.update(estimate="0.03")

    (one,) = as_(alice).get(URL).context["asked"]

    assert (one.request.cost, one.now) == ("≈ $0.030", "≈ $0.046")


def composer_of(client, **fields):
    """Return the composer and the page of a refused form, which show the button without scripts."""
    answer = client.post("/t/harbour/generations/", {"prompt": "", **fields})
    return answer.context["composer"], re.sub(r"\s+", " ", answer.content.decode())


def verb_of(page):
    """Return the word on the button."""
    (verb,) = re.findall("<b data-send-verb [^>]*>([^<]*)</b>", page)
    return verb


def test_button_asks_where_the_order_would_wait_and_says_who_decides(as_, bob, team):
    said, page = composer_of(as_(bob), count="3")

    assert (said.price.asks, said.price.text, said.approval.above) == (True, "≈ $0.046", f"{PRICE}")
    assert verb_of(page) == "Request approval"
    assert '<span class="without-script">each' not in page
    assert "Requests over $0.02 need a manager&#x27;s approval. Nothing is charged until then." in page


@pytest.mark.parametrize("count", ["1", "", "many"])
def test_button_orders_up_to_the_limit(as_, bob, team, count):
    said, page = composer_of(as_(bob), count=count)

    assert (said.price.asks, said.price.text) == (False, "≈ $0.015")
    assert verb_of(page) == "Generate"


def test_team_without_a_limit_says_nothing_of_asking(as_, bob, team):
    Team.objects.update(approval_above=None)

    said, page = composer_of(as_(bob), count="8")

    assert (said.price.asks, said.approval) == (False, None)
    assert "asks-hint" not in page


def test_price_of_the_chosen_kind_decides_what_the_button_says(as_, bob, team):
    for _ in range(5):
        charge(bob, team, "0.2", speed_mode="juiced")

    assert composer_of(as_(bob), speed_mode="juiced")[0].price.asks is True
    assert composer_of(as_(bob), speed_mode="extra-juiced")[0].price.asks is False


def test_manager_reads_who_decides_about_her_own(as_, alice, team):
    alone, _ = composer_of(as_(alice))
    make_person("Mona", team, Role.MANAGER)
    among, _ = composer_of(as_(alice))

    assert "as the only manager, you can approve your own" in alone.approval.text
    assert "need another manager's approval" in among.approval.text


def test_what_the_button_says_is_no_verdict(as_, bob, team):
    """The limit was raised after the page was rendered: no approval is needed."""
    said, _ = composer_of(as_(bob), count="3")
    Team.objects.update(approval_above=1)

    as_(bob).post("/t/harbour/generations/", {"prompt": "a quiet harbour", "count": "3"})

    assert (said.price.asks, Generation.objects.count()) == (True, 3)


def test_what_is_paid_for_is_asked_for_again(as_, bob, team, emulator):
    Team.objects.update(approval_above=1)
    draw(bob, team, seed="5")
    Team.objects.update(approval_above=0)

    page = as_(bob).post("/t/harbour/generations/", {"prompt": "a quiet harbour", "seed": "5"}).content.decode()

    assert re.search(r'name="x-anyway" value="1">\s*Request anyway', page)


def test_saying_who_decides_costs_a_manager_one_query(as_, alice, bob, team):
    def queries(person):
        client = as_(person)
        client.get("/t/harbour/")
        with CaptureQueriesContext(connection) as found:
            client.get("/t/harbour/")
        return len(found)

    with_limit = [queries(person) for person in (alice, bob)]
    Team.objects.update(approval_above=None)

    assert [queries(person) for person in (alice, bob)] == [with_limit[0] - 1, with_limit[1]]


def test_request_with_a_word_that_is_blocked_since_is_not_approved(as_, alice, bob, team):
    team.approval_above = 0
    team.save()
    order = GenerationRequest({}, 2, cells=(clean_values(prompt="a boat"), clean_values(prompt="a gun")))
    asked = submit_or_request_approval(actor=bob, team=team, order=order)
    assert isinstance(asked, ApprovalRequest)
    set_blocked_words(actor=alice, team=team, words=["gun"])
    client = as_(alice)
    assert client.get(URL).context["asked"][0].request.prompt == "a boat\na gun"

    answer = client.post(reverse("decide_request", args=[team.slug, asked.pk]), {"verdict": "approve"}, follow=True)

    sentence = "Your team doesn&#x27;t allow “gun” in prompts. Decline this request, or change the blocked words."
    assert sentence in answer.content.decode()
    assert not Generation.objects.exists()
