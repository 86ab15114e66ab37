"""What costs more than a team's limit waits for somebody who may decide about it."""

import uuid
from decimal import Decimal

import pytest
from django.core import mail

from generations import ledger, schema
from generations.errors import (
    NotAllowed,
    OverLimit,
    PriceChanged,
    RequestAlreadyDecided,
    RequesterNotAllowed,
    TooManyWaiting,
)
from generations.models import (
    ApprovalRequest,
    AuditAction,
    AuditEvent,
    Budget,
    Generation,
    LedgerEntry,
    Membership,
    RequestState,
    Role,
)
from generations.services.orders import approvals, quotas, submit
from generations.services.orders.approvals import (
    approve,
    cancel_request,
    exceeded_limits,
    reject,
    submit_or_request_approval,
)
from generations.services.orders.submit import GenerationRequest
from tests.eventually import eventually
from tests.factories import clean_values, make_person, make_team, order
from tests.faults.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PRICE = schema.get().list_price


@pytest.fixture
def team(team):
    team.approval_above = 2 * PRICE
    team.save()
    return team


@pytest.fixture
def mona(team):
    return make_person("Mona", team, Role.MANAGER)


def ask(actor, team, count=3, key=None, **raw):
    return submit_or_request_approval(actor=actor, team=team, order=GenerationRequest(clean_values(**raw), count, key))


def test_order_up_to_the_limit_is_taken_at_once(bob, team):
    rows = ask(bob, team, count=2)

    assert [row.state for row in rows] == ["queued", "queued"]
    assert not ApprovalRequest.objects.exists()


def test_order_above_it_is_asked_and_costs_nothing_yet(bob, team):
    asked = ask(bob, team, prompt="a lighthouse")

    assert (asked.requested_by, asked.state, asked.estimate) == (bob, RequestState.PENDING, 3 * PRICE)
    assert [cell["prompt"] for cell in asked.cells] == ["a lighthouse"] * 3
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_chosen_seed_is_counted_up_in_what_is_asked_and_a_random_one_is_left_open(bob, team):
    chosen, random = ask(bob, team, seed="41"), ask(bob, team)

    assert [cell["seed"] for cell in chosen.cells] == [41, 42, 43]
    assert {cell["seed"] for cell in random.cells} == {-1}


def test_form_that_is_sent_twice_asks_once_and_other_words_are_said(bob, team):
    key = uuid.uuid4()
    first = ask(bob, team, key=key, seed="7")

    assert ask(bob, team, key=key, seed="7") == first
    with pytest.raises(PriceChanged):
        ask(bob, team, key=key, seed="8")
    assert ApprovalRequest.objects.count() == 1


def test_approved_order_is_the_askers_with_its_holds_and_can_be_sent_again(bob, alice, team):
    key = uuid.uuid4()
    asked = ask(bob, team, key=key, seed="41")

    rows = approve(actor=alice, request=asked, note="for the fair")

    assert [(row.author, row.seed, row.batch) for row in rows] == [(bob, seed, asked.batch) for seed in (41, 42, 43)]
    assert ledger.held(team) == 3 * PRICE
    assert (asked.state, asked.decided_by, asked.note) == (RequestState.APPROVED, alice, "for the fair")
    assert ask(bob, team, key=key, seed="41") == asked
    event = AuditEvent.objects.get(action=AuditAction.APPROVED_ORDER)
    assert (event.actor, event.team, event.subject) == (alice, team, f"approval request {asked.pk}")


def test_limit_that_does_not_cover_it_leaves_it_asked(bob, alice, team):
    asked = ask(bob, team)
    Budget.objects.create(team=team, hard=PRICE)

    with pytest.raises(OverLimit, match="the monthly limit of Harbour team"):
        approve(actor=alice, request=asked)

    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, Generation.objects.count()) == (RequestState.PENDING, None, 0)
    usage = ledger.budget_usage(Budget.objects.get(team=team))
    assert [one.budget.hard for one in exceeded_limits(asked, [usage])] == [PRICE.quantize(PRICE)]


def test_who_may_not_order_any_more_cannot_be_approved_but_refused(bob, alice, team):
    asked = ask(bob, team)
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)

    with pytest.raises(RequesterNotAllowed, match="Bob can no longer generate"):
        approve(actor=alice, request=asked)

    asked.refresh_from_db()
    reject(actor=alice, request=asked, note="not you")
    assert asked.state == RequestState.REFUSED
    assert AuditEvent.objects.filter(action=AuditAction.REFUSED_ORDER).count() == 1


def test_asker_with_a_full_line_stays_in_the_list(bob, alice, team, monkeypatch):
    asked = ask(bob, team)
    monkeypatch.setattr(quotas, "MAX_IN_FLIGHT", 4)
    order(bob, team, count=2)

    with pytest.raises(TooManyWaiting, match="Bob has too many"):
        approve(actor=alice, request=asked)

    asked.refresh_from_db()
    assert asked.state == RequestState.PENDING


def test_members_decide_nothing_and_managers_not_about_their_own(bob, alice, mona, team):
    asked, hers = ask(bob, team), ask(mona, team)

    for actor, request in ((bob, asked), (mona, hers), (make_person("Out", make_team("Out", "out")), asked)):
        with pytest.raises(NotAllowed):
            approve(actor=actor, request=request)
        with pytest.raises(NotAllowed):
            reject(actor=actor, request=request)
    assert len(approve(actor=alice, request=hers)) == 3


def test_only_manager_decides_about_her_own(alice, team):
    assert len(approve(actor=alice, request=ask(alice, team))) == 3


def test_asker_withdraws_and_nobody_decides_after_that(bob, alice, team):
    asked = ask(bob, team)
    with pytest.raises(NotAllowed):
        cancel_request(actor=alice, request=asked)

    cancel_request(actor=bob, request=asked)

    with pytest.raises(RequestAlreadyDecided):
        approve(actor=alice, request=asked)
    asked.refresh_from_db()
    assert (asked.state, Generation.objects.count()) == (RequestState.WITHDRAWN, 0)
    assert AuditEvent.objects.filter(action=AuditAction.WITHDREW_ORDER).count() == 1


def test_price_that_moved_since_is_what_is_held(bob, alice, team, monkeypatch):
    asked = ask(bob, team)
    monkeypatch.setattr(submit, "expected_costs", lambda _, kinds: dict.fromkeys(kinds, Decimal("0.5")))

    approve(actor=alice, request=asked)

    assert ledger.held(team) == Decimal("1.5")


@pytest.mark.django_db(transaction=True)
def test_two_managers_approve_at_once_and_it_is_ordered_once(bob, alice, mona, team):
    asked = ask(bob, team)

    def decide(actor, verb):
        try:
            verb(actor=actor, request=ApprovalRequest.objects.select_related("team", "requested_by").get(pk=asked.pk))
        except RequestAlreadyDecided:
            return 0
        return 1

    won = together(*(lambda who=who: decide(who, approvals.approve) for who in (alice, mona, alice, mona)))

    assert sum(won) == 1
    assert Generation.objects.count() == LedgerEntry.objects.filter(kind="hold").count() == 3


@pytest.mark.django_db(transaction=True)
def test_withdrawal_and_approval_at_once_have_one_winner(bob, alice, team):
    asked = ask(bob, team)

    def end(actor, verb):
        try:
            verb(actor=actor, request=ApprovalRequest.objects.select_related("team", "requested_by").get(pk=asked.pk))
        except RequestAlreadyDecided:
            return 0
        return 1

    won = together(lambda: end(alice, approvals.approve), lambda: end(bob, approvals.cancel_request))

    asked.refresh_from_db()
    assert sum(won) == 1
    assert Generation.objects.count() == (3 if asked.state == RequestState.APPROVED else 0)


def test_managers_are_told_of_an_order_and_the_asker_of_the_answer(
    bob, alice, mona, vera, team, django_capture_on_commit_callbacks
):
    """By letters without its words."""
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask(bob, team, prompt="a lighthouse")
    eventually(lambda: len(mail.outbox) == 2)
    with django_capture_on_commit_callbacks(execute=True):
        reject(actor=mona, request=asked, note="too many gulls")
    eventually(lambda: len(mail.outbox) == 3)

    answer = mail.outbox[2]
    assert {to for letter in mail.outbox[:2] for to in letter.to} == {alice.email, mona.email}
    assert (answer.to, answer.subject) == ([bob.email], "Your request for 3 pictures was declined")
    assert "Mona declined your request for 3 pictures" in answer.body
    assert "“too many gulls”" in answer.body
    assert not any("lighthouse" in f"{letter.body}{letter.subject}" for letter in mail.outbox)
