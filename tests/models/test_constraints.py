"""What the database itself refuses, whatever the code does."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.models import Attempt, Favourite, Generation, Membership, Role, State, Team, User
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def queued(alice, team):
    return order(alice, team)[0]


def refused(name):
    """Expect an IntegrityError that names the constraint; SQLite names the columns of a unique one."""
    return pytest.raises(IntegrityError, match=name)


def change(row, **changes):
    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**changes)


def attempt(generation, n, state="reserved", **more):
    sent = None if state in {"reserved", "released"} else timezone.now()
    with transaction.atomic():
        return Attempt.objects.create(
            generation=generation, number=n, state=state, estimate=1, **{"sent_at": sent, **more}
        )


LEASE = {"lease": uuid.UUID(int=1), "lease_until": Now()}


def test_lease_is_held_while_running(queued):
    change(queued, state=State.RUNNING, **LEASE)

    queued.refresh_from_db()
    assert queued.lease == uuid.UUID(int=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.RUNNING},
        {"state": State.RUNNING, "lease": uuid.UUID(int=1)},
        {"state": State.RUNNING, "lease_until": Now()},
        {"lease": uuid.UUID(int=1)},
        {"lease_until": Now()},
        *({"state": state, **LEASE} for state in State.values if state != State.RUNNING),
    ],
)
def test_lease_without_running_and_running_without_lease_are_refused(queued, changes):
    with refused("generation_lease_exactly_while_running"):
        change(queued, **changes)


def test_unknown_state_is_refused(queued):
    with refused("generation_state_is_known"):
        change(queued, state="lost")


def test_negative_cost_is_refused(queued):
    with refused("generation_cost_not_negative"):
        change(queued, cost=-1)
    with refused("attempt_cost_not_negative"):
        change(attempt(queued, 1), cost=-1)


@pytest.mark.parametrize("first", ["reserved", "sent", "answered"])
@pytest.mark.parametrize("second", ["reserved", "sent", "answered"])
def test_second_open_attempt_is_refused(queued, first, second):
    attempt(queued, 1, first)

    with refused("attempt_one_open_per_generation|attempt.generation_id"):
        attempt(queued, 2, second)


@pytest.mark.parametrize("state", ["released", "stored", "rejected", "not_billed", "unknown"])
def test_closed_attempt_leaves_room_for_another(queued, state):
    attempt(queued, 1, state)

    assert attempt(queued, 2).number == 2


def test_attempt_number_is_used_once(queued):
    attempt(queued, 1, "not_billed")

    with refused("attempt_number_once|attempt.number"):
        attempt(queued, 1, "unknown")


@pytest.mark.parametrize("state", ["sent", "answered", "stored", "rejected", "not_billed", "unknown"])
def test_attempt_that_left_has_the_time_it_left(queued, state):
    with refused("attempt_sent_has_a_time"):
        attempt(queued, 1, state, sent_at=None)


def test_unknown_attempt_state_is_refused(queued):
    with refused("attempt_state_is_known"):
        attempt(queued, 1, "lost")


def copy(generation, **changes):
    """Insert a second row of the same form past the service, which would return the first one."""
    again = Generation.objects.get(pk=generation.pk)
    again.pk = None
    again.id = uuid.uuid4()
    for name, value in changes.items():
        setattr(again, name, value)
    with transaction.atomic():
        again.save(force_insert=True)
    return again


def test_form_key_orders_once_per_author_and_position(alice, bob, team):
    (first,) = order(alice, team, key=uuid.uuid4())

    copy(first, author=bob)
    copy(first, position=1)
    with refused("generation_once_per_form|generation.client_key"):
        copy(first)


def test_orders_without_a_form_key_may_repeat(queued):
    copy(queued)

    assert Generation.objects.count() == 2


def test_email_is_kept_in_lower_case():
    assert User.objects.create_user(" Dora@Example.TEST ", "x").email == "dora@example.test"
    with refused("user_email_in_lower_case"), transaction.atomic():
        User.objects.create(email="Emil@example.test", password="x")


def test_email_is_taken_once():
    User.objects.create_user("dora@example.test", "x")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("DORA@example.test", "x")


def test_person_is_in_a_team_once_and_in_a_known_role(alice, team):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=alice, team=team, role=Role.VIEWER)
    with refused("membership_role_is_known"):
        change(Membership.objects.get(), role="king")


def test_star_is_given_once(alice, queued):
    Favourite.objects.create(user=alice, generation=queued)

    with pytest.raises(IntegrityError), transaction.atomic():
        Favourite.objects.create(user=alice, generation=queued)


def test_team_address_is_taken_once(team):
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.create(name="Another", slug=team.slug)
