"""A picture that may have been charged: what its page shows, and what can be done, with and without htmx."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape

from generations import ledger
from generations.models import HISTORY_RETENTION, Attempt, Budget, Generation, State, Team, uuid7_at
from generations.pipeline.circuit_breaker import probes
from generations.pipeline.worker.claim import claim
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.services.generations import unknown_outcome
from generations.services.orders.blocked_words import set_blocked_words
from generations.views.cards.unknown_outcome import sentence
from generations.views.generations import resolve_unknown
from tests.factories import draw, make_person, order

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
ADDRESSES = ["look-up", "retry", "mark-lost"]
PRICE = "$0.0152"


@pytest.fixture
def doubt(bob, team, emulator):
    """Return Bob's picture: sent, drawn, charged, and its answer lost."""
    return lose(bob, team, emulator)


@pytest.fixture
def maria(team):
    return make_person("Maria", team, "manager")


def lose(actor, team, emulator, **raw):
    (row,) = order(actor, team, **raw)
    emulator.control.fault("drop")
    fulfil(row.id)
    row.refresh_from_db()
    assert row.state == State.UNKNOWN
    return row


def form(row, action):
    attempt = row.attempts.order_by("-number").first()
    fields = {"retry": {"attempt": attempt.id, "accept": "yes"}, "mark-lost": {"reason": "nobody knows"}, "look-up": {}}
    return fields[action]


def act(client, row, action, fields=None, **options):
    return client.post(f"/g/{row.id}/{action}", form(row, action) if fields is None else fields, **options)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def panel(client, row):
    return client.get(f"/g/{row.id}/").context["item"].doubt


def first_card(client):
    return client.get("/t/harbour/").context["feed"].days[0].cards[0]


def test_tile_and_page_say_what_is_known(as_, bob, doubt):
    moment = timezone.localtime().replace(hour=14, minute=2, second=11)
    Attempt.objects.update(sent_at=moment)
    told = f"Sent {date_format(moment)}, 14:02:11. No response. It may have cost about {PRICE}."

    card, found = first_card(as_(bob)), panel(as_(bob), doubt)

    assert (card.headline, card.note) == ("Outcome unknown", told)
    assert card.url == card.unknown_outcome_url == f"/g/{doubt.id}/#unknown-outcome"
    assert ([one.sentence for one in found.evidence], found.title) == ([told], "Outcome unknown")


def test_answer_of_a_gateway_is_named(as_, bob, team, emulator):
    (row,) = order(bob, team)
    emulator.control.fault("504")
    fulfil(row.id)

    assert "The provider responded with error 504. It may have cost about" in panel(as_(bob), row).evidence[0].sentence


@pytest.mark.parametrize(
    ("status", "request_id", "came"),
    [
        (200, "", "The provider's response was incomplete."),
        (202, "r1", "The provider's response was incomplete."),
        (404, "r1", "The provider responded with error 404."),
        (0, "", "No response."),
        (0, "r1", "The provider accepted it but didn't finish in time."),
        (None, "r1", "The provider accepted it but didn't respond."),
        (None, "", "No response."),
    ],
)
def test_sentence_says_what_came(status, request_id, came, doubt):
    Attempt.objects.update(http_status=status, request_id=request_id)

    assert f". {came} It may have cost" in sentence(Attempt.objects.get())


@pytest.mark.parametrize(
    ("action", "paid"), [("retry", resolve_unknown.QUEUED_PAID), ("mark-lost", resolve_unknown.WRITTEN_OFF_PAID)]
)
def test_what_is_paid_for_is_not_called_a_doubt_when_it_is_settled(action, paid, as_, maria, bob, doubt):
    Attempt.objects.update(cost=Decimal("0.0149"), cost_estimated=False)

    assert said(act(as_(maria), doubt, action)) == paid


def test_paid_picture_that_was_not_delivered_says_so(as_, bob, doubt):
    Attempt.objects.update(cost=Decimal("0.0149"), cost_estimated=False)

    card, found = first_card(as_(bob)), panel(as_(bob), doubt)

    assert (card.headline, card.note) == ("Paid, not delivered", "Paid $0.0149, but the picture wasn't delivered.")
    assert (found.title, found.paid) == ("Paid, not delivered", True)
    assert b"I accept a second charge of about $0.0152." in as_(bob).get(f"/g/{doubt.id}/").content


def test_words_of_the_provider_are_text_on_the_page_of_a_doubt(as_, bob, doubt):
    Attempt.objects.update(reason="<img src=x onerror=alert(1)>")

    html = as_(bob).get(f"/g/{doubt.id}/").content.decode()

    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_page_says_that_the_history_cannot_be_read(as_, bob, doubt, emulator):
    emulator.control.fault("500", on="history", text="<b>no list today")

    act(as_(bob), doubt, "look-up")

    html = as_(bob).get(f"/g/{doubt.id}/").content.decode()
    assert "The provider&#x27;s call history can&#x27;t be read right now (&lt;b&gt;no list today)." in html
    act(as_(bob), doubt, "look-up")
    assert "be read right now" not in as_(bob).get(f"/g/{doubt.id}/").content.decode()


@pytest.mark.parametrize(("days", "told"), [(30.9, False), (31.1, True)])
def test_page_says_when_the_provider_is_not_asked_any_more(as_, bob, doubt, days, told):
    sent = timezone.now() - timedelta(days=days)
    Attempt.objects.update(id=uuid7_at(sent), sent_at=sent)
    sentence = "This is older than 31 days, so we no longer ask the provider automatically. A manager can "

    assert (sentence in as_(bob).get(f"/g/{doubt.id}/").content.decode()) == told
    assert (sentence in said(act(as_(bob), doubt, "look-up"))) == told


def test_page_of_what_is_paid_has_nothing_more_to_ask(as_, bob, doubt):
    Attempt.objects.update(
        cost=Decimal("0.0149"),
        cost_estimated=False,
        sent_at=timezone.now() - timedelta(days=40),
        lookup_error="No list.",
    )

    assert [one.trouble for one in panel(as_(bob), doubt).evidence] == [""]


def test_words_of_a_refusal_are_text_of_at_most_300_characters(as_, bob, team, emulator):
    (row,) = order(bob, team)
    emulator.control.fault("400", text="2 < 3 & <<x" + "y" * 1000)
    fulfil(row.id)

    html = as_(bob).get(f"/g/{row.id}/").content.decode()

    assert "2 &lt; 3 &amp; &lt;&lt;xyyy" in html
    assert "2 < 3" not in html
    assert 250 < html.count("y" * 10) * 10 < 300


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("bob", (True, True, False)),
        ("maria", (True, True, True)),
        ("alice", (True, True, True)),
        ("vera", (False, False, False)),
    ],
)
def test_page_offers_what_the_role_allows(request, as_, doubt, who, may):
    client = as_(request.getfixturevalue(who))

    found = panel(client, doubt)

    assert (found.may_ask, found.may_retry, found.may_settle) == may
    html = client.get(f"/g/{doubt.id}/").content.decode()
    assert tuple(f'action="/g/{doubt.id}/{action}"' in html for action in ADDRESSES) == may
    assert found.evidence


def test_colleague_who_may_not_edit_is_told_and_offered_nothing(as_, team, doubt):
    found = panel(as_(make_person("Mia", team)), doubt)

    assert (found.may_ask, found.may_retry, found.may_settle) == (False, False, False)


@pytest.mark.parametrize("action", ADDRESSES)
@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("alice", {"look-up", "retry", "mark-lost"}), ("maria", {"look-up", "retry", "mark-lost"}),
        ("bob", {"look-up", "retry"}),
        ("vera", set()), ("mia", set()), ("charlie", None),
    ],
)  # fmt: skip
def test_address_is_open_to_the_roles_of_the_table_only(request, as_, team, doubt, who, allowed, action):
    actor = make_person("Mia", team) if who == "mia" else request.getfixturevalue(who)

    status = act(as_(actor), doubt, action).status_code

    doubt.refresh_from_db()
    assert status == (404 if allowed is None else 302 if action in allowed else 403)
    assert status == 302 or doubt.state == State.UNKNOWN


@pytest.mark.parametrize("action", ADDRESSES)
def test_address_takes_a_form_from_somebody_who_is_signed_in(as_, bob, doubt, action):
    assert act(Client(), doubt, action).status_code == 302
    assert as_(bob).get(f"/g/{doubt.id}/{action}").status_code == 405
    doubt.refresh_from_db()
    assert doubt.state == State.UNKNOWN


def test_asking_is_free_and_says_what_came_out(as_, bob, doubt, emulator):
    before = emulator.control.spent

    response = act(as_(bob), doubt, "look-up")

    doubt.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"/g/{doubt.id}/")
    assert said(response).endswith((".", "!"))
    assert emulator.control.spent == before


def test_asking_settles_what_was_not_charged(as_, bob, team, emulator, settings):
    """Version 1 has no request id to ask by, so an empty history and the balance have to do.

    The last balance reading is from before the request.
    """
    settings.SEGMIND_HISTORY_LAG = 0
    probes.read_hourly(configured_provider())
    (row,) = order(bob, team)
    emulator.control.fault("drop", charge=False)
    fulfil(row.id)
    row.refresh_from_db()
    assert row.state == State.UNKNOWN

    response = act(as_(bob), row, "look-up")

    row.refresh_from_db()
    assert (said(response), row.state) == (unknown_outcome.OUTCOMES[State.QUEUED], State.QUEUED)
    assert ledger.spent(team, timezone.now() - timedelta(days=1)) == 0


def test_asking_while_the_provider_is_away_is_a_sentence(as_, bob, doubt, settings):
    settings.SEGMIND_BASE_URL = "http://127.0.0.1:9"

    response = act(as_(bob), doubt, "look-up")

    assert response.status_code == 302
    assert "doesn't know the outcome yet" in said(response)


def test_second_try_needs_the_tick(as_, bob, doubt):
    fields = form(doubt, "retry") | {"accept": ""}

    response = act(as_(bob), doubt, "retry", fields)

    doubt.refresh_from_db()
    assert (doubt.state, doubt.hold_count) == (State.UNKNOWN, 1)
    assert said(response).startswith("Nothing was sent. Tick the box first")


@pytest.mark.parametrize("attempt", ["", "abc", "0b5c1d9e-3f0a-4a57-9a51-0d5c33f7c8aa"])
def test_second_try_names_the_doubt_it_accepts(as_, bob, doubt, attempt):
    response = act(as_(bob), doubt, "retry", {"attempt": attempt, "accept": "yes"})

    doubt.refresh_from_db()
    assert doubt.state == State.UNKNOWN
    assert "already been resolved" in said(response)


def test_accepted_second_try_is_queued_once_and_holds_its_money(as_, bob, team, doubt):
    client, fields = as_(bob), form(doubt, "retry")

    first, second = act(client, doubt, "retry", fields), act(client, doubt, "retry", fields)

    doubt.refresh_from_db()
    assert (doubt.state, doubt.hold_count) == (State.QUEUED, 2)
    assert said(first).startswith("Queued again.")
    assert "already been resolved" in said(second)
    assert ledger.held(team) == 2 * doubt.estimate


def test_second_try_beyond_the_limit_is_refused_with_the_sentence_of_the_limit(as_, bob, team, doubt):
    Budget.objects.create(team=team, hard=Decimal("0.02"))

    response = act(as_(bob), doubt, "retry")

    doubt.refresh_from_db()
    assert (doubt.state, doubt.hold_count) == (State.UNKNOWN, 1)
    assert "of the monthly limit of Harbour team (" in said(response)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"approval_above": 0}, "Ask a manager to try again."),
        ({"person_in_flight": 1}, "Harbour team allows 1 per person."),
    ],
)
def test_second_try_that_a_limit_of_orders_stops_is_refused_with_its_sentence(
    as_, bob, team, doubt, limits, sentence
):  # fmt: skip
    order(bob, team)
    Team.objects.update(**limits)

    response = act(as_(bob), doubt, "retry")

    doubt.refresh_from_db()
    assert (response.status_code, doubt.state, doubt.hold_count) == (302, State.UNKNOWN, 1)
    assert sentence in said(response)


def test_doubt_stays_on_the_page_while_the_second_try_waits(as_, bob, doubt):
    act(as_(bob), doubt, "retry")

    found = panel(as_(bob), doubt)

    assert found.evidence
    assert (found.may_ask, found.may_retry, found.may_settle) == (False, False, False)


def test_picture_marked_as_lost_books_the_estimate_and_ends_the_doubt(as_, alice, team, doubt):
    response = act(as_(alice), doubt, "mark-lost", {"reason": "the provider does not answer"})

    doubt.refresh_from_db()
    assert (doubt.state, doubt.cost, doubt.cost_estimated) == (State.FAILED, doubt.estimate, True)
    assert "the provider does not answer" in doubt.reason
    assert said(response).startswith("Marked as lost")
    assert panel(as_(alice), doubt) is None
    assert ledger.held(team) == 0


@pytest.mark.parametrize(("reason", "sentence"), [("", "Enter a reason"), ("x" * 301, "has 301 characters")])
def test_giving_up_needs_a_reason(as_, alice, doubt, reason, sentence):
    response = act(as_(alice), doubt, "mark-lost", {"reason": reason})

    doubt.refresh_from_db()
    assert doubt.state == State.UNKNOWN
    assert sentence in said(response)


def test_reason_that_is_too_long_stands_in_the_form_again_whole_and_once(as_, alice, doubt):
    typed = "why & " + "ä" * 600 + "<b>"
    client = as_(alice)
    act(client, doubt, "mark-lost", {"reason": typed})
    field = f'value="{escape(typed)}"'

    first, second = (client.get(f"/g/{doubt.id}/").content.decode() for _ in range(2))

    assert (field in first, field in second) == (True, False)
    assert "up to 300 characters" in first
    assert 'maxlength="300"' not in first, "a browser would cut what is pasted"


@pytest.mark.parametrize("action", ["retry", "mark-lost"])
def test_picture_that_is_in_no_doubt_is_left_alone(as_, alice, team, emulator, action):
    picture = draw(alice, team)

    response = act(as_(alice), picture, action)

    picture.refresh_from_db()
    assert picture.state == State.DONE
    assert "already been resolved" in said(response)


@pytest.mark.parametrize("action", ADDRESSES)
def test_by_htmx_the_same_address_leads_to_the_page_with_its_message(as_, alice, doubt, action):
    response = act(as_(alice), doubt, action, headers=HTMX, follow=True)

    html = response.content.decode()
    assert response.redirect_chain == [(f"/g/{doubt.id}/", 302)]
    assert 'id="detail"' in html
    assert 'class="toast toast-' in html


def test_form_leads_back_to_the_filtered_page_but_never_to_another_site(as_, bob, doubt):
    back = f"/g/{doubt.id}/?person=me#unknown-outcome"

    assert act(as_(bob), doubt, "look-up", {"next": back})["Location"] == back
    assert act(as_(bob), doubt, "look-up", {"next": "//elsewhere.test/"})["Location"] == f"/g/{doubt.id}/"


def test_doubt_about_an_earlier_try_is_told_beside_the_picture(as_, bob, team, doubt):
    act(as_(bob), doubt, "retry")
    fulfil(doubt.id)

    found = panel(as_(bob), doubt)

    doubt.refresh_from_db()
    assert (doubt.state, len(found.evidence), found.may_ask) == (State.DONE, 1, False)


def test_doubt_about_an_earlier_try_may_be_given_up_beside_the_picture(as_, alice, bob, team, doubt):
    act(as_(bob), doubt, "retry")
    assert not panel(as_(alice), doubt).may_settle, "the second try may bring the truth"
    fulfil(doubt.id)
    assert panel(as_(alice), doubt).may_settle

    response = act(as_(alice), doubt, "mark-lost")

    doubt.refresh_from_db()
    assert said(response).startswith("Marked as lost")
    assert (doubt.state, panel(as_(alice), doubt)) == (State.DONE, None)
    assert ledger.held(team) == 0


def test_doubt_in_the_trash_is_settled_there_and_tried_again_outside(as_, alice, team, doubt):
    Generation.objects.update(deleted_at=timezone.now())
    found = panel(as_(alice), doubt)

    assert (found.may_ask, found.may_retry, found.may_settle, found.trashed) == (True, False, True, True)
    assert as_(alice).get("/t/harbour/trash/").context["cards"][0].deleted.startswith("Outcome unknown · ")
    act(as_(alice), doubt, "retry")
    doubt.refresh_from_db()
    assert doubt.state == State.UNKNOWN

    act(as_(alice), doubt, "mark-lost")

    assert (panel(as_(alice), doubt), ledger.held(team)) == (None, 0)


def test_doubt_that_was_given_up_is_booked_not_charged(as_, alice, doubt):
    act(as_(alice), doubt, "mark-lost")

    cost = as_(alice).get(f"/g/{doubt.id}/").context["item"].facts[0]

    assert first_card(as_(alice)).note == f"Estimated charge ≈ {PRICE}"
    assert (cost.value, cost.note) == (
        f"≈ {PRICE} estimated", "Estimated cost. Updated if the provider reports one.",
    )  # fmt: skip


def test_correction_that_nobody_looks_for_any_more_is_not_promised(as_, alice, doubt):
    act(as_(alice), doubt, "mark-lost")
    Attempt.objects.update(sent_at=timezone.now() - HISTORY_RETENTION)

    cost = as_(alice).get(f"/g/{doubt.id}/").context["item"].facts[0]

    assert cost.note == "Estimated cost. We stop asking the provider after 31 days."


def test_picture_that_is_being_sent_has_no_doubt(as_, bob, team):
    (row,) = order(bob, team)
    claim(row.id)

    assert panel(as_(bob), row) is None


def test_second_try_with_a_word_that_is_blocked_since_is_refused_with_the_word(as_, alice, bob, team, doubt):
    set_blocked_words(actor=alice, team=team, words=[doubt.prompt])

    answer = act(as_(bob), doubt, "retry")

    doubt.refresh_from_db()
    assert said(answer) == f"Your team doesn't allow “{doubt.prompt}” in prompts. Edit the prompt and try again."
    assert doubt.state == State.UNKNOWN
