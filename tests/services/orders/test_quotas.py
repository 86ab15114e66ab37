"""How many pictures one person may have in progress and generate in a minute: who sets it, what is refused, and how."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.errors import InvalidLimit, NotAllowed, TooManyWaiting
from generations.models import (
    ApprovalRequest,
    AuditAction,
    AuditEvent,
    Generation,
    Membership,
    Role,
    State,
    Team,
    uuid7_time,
)
from generations.services.orders import quotas
from generations.services.orders.approvals import approve, submit_or_request_approval
from generations.services.orders.submit import GenerationRequest
from generations.services.spending import limits
from tests.factories import clean_values, make_team, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def allow(alice, team):
    def allow(in_flight=None, per_minute=None):
        limits.set_quotas(actor=alice, team=team, in_flight=in_flight, per_minute=per_minute)

    return allow


def ordered(person, team, count, *, ago):
    """As if they had been ordered so many seconds ago."""
    return order(person, team, count=count, at=timezone.now() - timedelta(seconds=ago))


def test_pictures_on_the_way_end_at_the_number_of_the_team_for_each_person(allow, alice, bob, team):
    allow(in_flight=3)
    order(bob, team, count=2)

    with pytest.raises(TooManyWaiting) as refused:
        order(bob, team, count=2)

    assert refused.value.message == (
        "You have 2 pictures in progress; Harbour team allows 3 per person. Wait for some to finish, or cancel "
        "some that are queued."
    )
    assert len(order(bob, team)) == 1
    assert len(order(alice, team, count=3)) == 3


def test_what_is_done_or_waits_in_another_team_is_not_on_the_way_here(allow, bob, team):
    allow(in_flight=2)
    other = make_team("Sea team", "sea")
    Membership.objects.create(user=bob, team=other, role=Role.MEMBER)
    order(bob, other, count=8)
    order(bob, team, count=2)
    Generation.objects.filter(team=team).update(state=State.DONE, finished_at=timezone.now())

    assert len(order(bob, team, count=2)) == 2


@pytest.mark.parametrize(("name", "words"), [("in_flight", "in progress"), ("per_minute", "a minute")])
@pytest.mark.parametrize("most", [3, 1])
def test_order_that_would_never_fit_says_how_many_do(allow, bob, team, name, most, words):
    allow(**{name: most})

    with pytest.raises(TooManyWaiting) as one:
        order(bob, team, count=4)

    assert (
        one.value.message == f"You asked for 4 pictures; Harbour team allows {most} {words} per person. Select fewer."
    )
    assert one.value.until is None


def test_pace_of_a_minute_says_when_to_go_on(allow, alice, bob, team):
    allow(per_minute=5)
    ordered(bob, team, 4, ago=20)

    with pytest.raises(TooManyWaiting) as refused:
        order(bob, team, count=2)

    error = refused.value
    # A crowded machine may have taken some of them.
    said = re.fullmatch(
        "You generated 4 pictures in the last minute; Harbour team allows 5 a minute per person. "
        r"Try again in (\d+) seconds?\.",
        error.message,
    )
    assert said
    assert 1 <= int(said[1]) <= 40
    # The answer to programs is taken from the moment itself.
    assert error.until == uuid7_time(Generation.objects.filter(author=bob).earliest("id").id) + timedelta(minutes=1)
    assert len(order(bob, team)) == 1
    assert len(order(alice, team, count=5)) == 5


def test_pace_counts_what_was_cancelled_and_deleted_and_forgets_after_a_minute(allow, bob, team):
    allow(per_minute=2)
    ordered(bob, team, 2, ago=61)
    assert len(order(bob, team, count=2)) == 2
    now = timezone.now()
    Generation.objects.update(state=State.CANCELLED, finished_at=now, deleted_at=now)

    with pytest.raises(TooManyWaiting):
        order(bob, team)


def test_content_entered_after_the_fact_stands_in_nobodys_queue(allow, bob, team):
    allow(in_flight=1, per_minute=1)

    assert len(order(bob, team, count=4, at=timezone.now() - timedelta(days=2))) == 4


def test_order_that_a_manager_approves_may_be_larger(allow, alice, bob, team, monkeypatch):
    allow(in_flight=2, per_minute=2)
    limits.set_approval(actor=alice, team=team, above=Decimal(0))
    team.refresh_from_db()
    asked = submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values(), 4))
    assert isinstance(asked, ApprovalRequest)

    assert len(approve(actor=alice, request=asked)) == 4


def test_number_counts_from_the_next_order_on_whatever_the_page_had_read(allow, bob, team):
    """`team` was read before it was set, as by a form that is being sent."""
    allow(in_flight=1)
    assert team.person_in_flight is None

    with pytest.raises(TooManyWaiting):
        order(bob, team, count=2)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER, Role.MANAGER])
def test_owners_set_the_numbers_and_nobody_else(alice, bob, team, role):
    Membership.objects.filter(user=bob).update(role=role)

    with pytest.raises(NotAllowed):
        limits.set_quotas(actor=bob, team=team, in_flight=5, per_minute=None)

    limits.set_quotas(actor=alice, team=team, in_flight=5, per_minute=None)
    found = Team.objects.get(pk=team.pk)
    assert (found.person_in_flight, found.person_per_minute) == (5, None)
    event = AuditEvent.objects.get(action=AuditAction.SET_LIMIT)
    assert (event.actor, event.team, event.detail) == (alice, team, "per person: 5 in progress, ∞ a minute")


@pytest.mark.parametrize(
    ("numbers", "field"), [((0, None), "in_flight"), ((201, None), "in_flight"), ((None, 1001), "per_minute")]
)
def test_number_that_is_none_is_refused_at_its_field(alice, team, numbers, field):
    with pytest.raises(InvalidLimit, match="isn't a number from 1 to") as refused:
        limits.set_quotas(actor=alice, team=team, in_flight=numbers[0], per_minute=numbers[1])
    assert refused.value.field == field


def test_team_cannot_allow_more_than_the_site(bob, team, monkeypatch):
    monkeypatch.setattr(quotas, "MAX_IN_FLIGHT", 3)
    Team.objects.filter(pk=team.pk).update(person_in_flight=150)

    with pytest.raises(TooManyWaiting, match=r"You already have 0 pictures in progress \(the maximum is 3\)"):
        order(bob, team, count=4)
