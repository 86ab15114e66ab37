"""Threat S22: generations of a user who may no longer generate are not sent, and their holds are released."""

import pytest

from generations import ledger
from generations.models import Membership, Role, State
from generations.pipeline.worker.fulfil import fulfil
from generations.services.teams.members import change_role, leave, remove
from tests.factories import make_person, order

pytestmark = pytest.mark.django_db
LEFT = "Its creator left the team. Not sent, not charged."
LOST_RIGHT = "Its creator can no longer generate in this team. Not sent, not charged."


def calls(emulator):
    return [entry for entry in emulator.control.ledger if entry.kind == "DELIVERED"]


def place(user):
    return Membership.objects.select_related("team", "user").get(user=user)


def removed(alice, bob):
    remove(actor=alice, membership=place(bob))


def gone(alice, bob):
    leave(actor=bob, team=place(bob).team)


def lowered(alice, bob):
    change_role(actor=alice, membership=place(bob), role=Role.VIEWER)


def dropped(alice, bob):
    """Remove the membership without the services, as the admin could, or between commit and claim."""
    Membership.objects.filter(user=bob).delete()


def demoted(alice, bob):
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)


def deactivated(alice, bob):
    bob.is_active = False
    bob.save()


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (removed, LEFT),
        (gone, LEFT),
        (dropped, LEFT),
        (lowered, LOST_RIGHT),
        (demoted, LOST_RIGHT),
        (deactivated, LOST_RIGHT),
    ],
)
def test_s22_order_is_not_sent_and_says_why(alice, bob, team, emulator, ending, reason):
    row, before = order(bob, team)[0], len(calls(emulator))
    assert ledger.held(team) > 0

    ending(alice, bob)
    fulfil(row.id)

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.CANCELLED, reason)
    assert (ledger.held(team), row.attempts.count(), len(calls(emulator)) - before) == (0, 0, 0)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MANAGER, Role.OWNER])
def test_s22_order_of_somebody_who_may_still_order_is_sent(alice, bob, team, emulator, role):
    (row,) = order(bob, team)
    assert change_role(actor=alice, membership=place(bob), role=role) == 0

    fulfil(row.id)

    row.refresh_from_db()
    assert row.state == State.DONE


def test_s22_orders_of_others_stand(alice, bob, team, emulator):
    carla = make_person("Carla", team)
    (hers,), (his,) = order(carla, team), order(bob, team)

    assert change_role(actor=alice, membership=place(bob), role=Role.VIEWER) == 1

    hers.refresh_from_db()
    his.refresh_from_db()
    assert (hers.state, his.state) == (State.QUEUED, State.CANCELLED)
    assert ledger.held(team) == hers.estimate
