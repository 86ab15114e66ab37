"""Who is told of an order that waits and of what became of it: on the site, by mail, and by both only once."""

import pytest
from django.core import mail
from django.utils import timezone

from generations import schema
from generations.errors import OverLimit
from generations.models import Budget, Digest, Generation, Membership, Notification, NotificationKind, Role, User
from generations.queries.activity.notifications import notifications_page, unread_count
from generations.services.activity import comments, digests
from generations.services.activity.notifications import set_preferences
from generations.services.orders.approvals import (
    approve,
    cancel_request,
    reject,
    send_or_leave_to_digest,
    submit_or_request_approval,
)
from generations.services.orders.submit import GenerationRequest
from tests.eventually import eventually
from tests.factories import clean_values, make_person, order

pytestmark = pytest.mark.django_db
PRICE = schema.get().list_price
ASKED, DECIDED = NotificationKind.REQUESTED, NotificationKind.DECIDED


@pytest.fixture
def team(team):
    team.approval_above = PRICE
    team.save()
    return team


@pytest.fixture
def mona(team):
    return make_person("Mona", team, Role.MANAGER)


@pytest.fixture
def ask(bob, team):
    return lambda actor=bob: submit_or_request_approval(
        actor=actor, team=team, order=GenerationRequest(clean_values(prompt="a lighthouse"), 3)
    )


def kinds(user):
    return [(one.kind, one.unread) for one in notifications_page(user, None)[0]]


def letters(called):
    return [one for one in called if one.func is send_or_leave_to_digest]


def switch(user, kind, *, site, by_email):
    set_preferences(actor=user, digest=Digest.HOURLY, wishes={kind: (site, by_email)})


def test_who_may_decide_is_told_and_nobody_else(ask, alice, mona, bob, vera, charlie):
    ask()

    told = set(Notification.objects.values_list("user", "kind"))
    assert told == {(alice.pk, "requested"), (mona.pk, "requested")}
    assert [unread_count(one) for one in (alice, mona, bob, vera, charlie)] == [1, 1, 0, 0, 0]


def test_manager_who_asks_is_not_told_of_it(ask, alice, mona):
    ask(mona)

    assert (kinds(alice), kinds(mona)) == ([("requested", True)], [])


@pytest.mark.parametrize("verb", [approve, reject])
def test_asker_is_told_and_for_managers_it_is_settled(ask, alice, mona, bob, verb):
    asked = ask()

    verb(actor=mona, request=asked)

    assert kinds(bob) == [("decided", True)]
    assert kinds(alice) == kinds(mona) == [("requested", False)]


def test_who_decides_about_her_own_order_is_not_told(ask, alice):
    approve(actor=alice, request=ask(alice))

    assert not Notification.objects.exists()


def test_withdrawn_it_waits_for_nobody_and_nobody_is_told_anew(ask, alice, bob):
    cancel_request(actor=bob, request=ask())

    assert (kinds(alice), kinds(bob)) == ([("requested", False)], [])


def test_decision_that_fails_tells_nobody(ask, alice, bob, team):
    asked = ask()
    Budget.objects.create(team=team, hard=PRICE)

    with pytest.raises(OverLimit):
        approve(actor=alice, request=asked)

    assert (kinds(alice), kinds(bob)) == ([("requested", True)], [])


@pytest.mark.parametrize(("role", "seen"), [(Role.OWNER, 1), (Role.MEMBER, 0), (None, 0)])
def test_manager_who_is_none_any_more_sees_nothing_of_it(ask, mona, role, seen):
    ask()
    hers = Membership.objects.filter(user=mona)
    hers.update(role=role) if role else hers.delete()

    assert (len(kinds(mona)), unread_count(mona)) == (seen, seen)


def test_asker_who_left_is_told_nothing_then_or_later(ask, alice, bob, django_capture_on_commit_callbacks):
    before, after = ask(), ask()
    reject(actor=alice, request=before)
    Membership.objects.filter(user=bob).delete()

    with django_capture_on_commit_callbacks() as called:
        reject(actor=alice, request=after)

    assert (kinds(bob), unread_count(bob), letters(called)) == ([], 0, [])
    assert Notification.objects.filter(user=bob).count() == 1


def test_switches_hold_for_the_bell_and_for_the_letter(ask, alice, mona, bob, team, django_capture_on_commit_callbacks):
    nina = make_person("Nina", team, Role.MANAGER)
    switch(alice, ASKED, site=True, by_email=False)
    switch(mona, ASKED, site=False, by_email=True)
    switch(nina, ASKED, site=False, by_email=False)
    switch(bob, DECIDED, site=True, by_email=False)

    with django_capture_on_commit_callbacks(execute=True):
        asked = ask()
    eventually(lambda: len(mail.outbox) == 1)
    with django_capture_on_commit_callbacks() as called:
        reject(actor=alice, request=asked)

    assert mail.outbox[0].to == [mona.email]
    assert mail.outbox[0].subject == "Bob requests approval for 3 pictures, ≈ $0.046"
    assert (len(kinds(alice)), kinds(mona), kinds(nina)) == (1, [], [])
    assert (kinds(bob), letters(called)) == ([("decided", True)], [])


def test_digest_leaves_it_out_for_it_has_a_letter(ask, alice, bob, team):
    User.objects.update(digest=Digest.HOURLY)
    asked = ask()
    assert digests.send_due() == 0
    reject(actor=alice, request=asked)
    assert digests.send_due() == 0

    # With other news there is a digest, and it does not speak of the order.
    (row,) = order(bob, team)
    Generation.objects.update(state="done", finished_at=timezone.now())
    row.refresh_from_db()
    comments.write(actor=alice, generation=row, text="fine")
    assert digests.send_due() == 1
    assert mail.outbox[0].subject == "1 new notification on HiDream Gallery"


def test_page_costs_the_same_with_one_and_with_three(ask, alice, django_assert_num_queries):
    ask()
    notifications_page(alice, None)
    with django_assert_num_queries(1):
        notifications_page(alice, None)
    ask(), ask()

    with django_assert_num_queries(1):
        assert len(notifications_page(alice, None)[0]) == 3
