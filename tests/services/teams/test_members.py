"""Members of a team: who may change whose role, and what follows when a member leaves."""

import pytest

from generations import ledger
from generations.errors import LastOwner, NotAllowed
from generations.models import Generation, Invitation, LedgerEntry, Membership, Role, State, User
from generations.pipeline.worker.claim import claim
from generations.pipeline.worker.fulfil import fulfil
from generations.services.teams.invitations import invite
from generations.services.teams.members import change_role, leave, remove
from tests.factories import draw, make_person, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(team):
    return make_person("Maria", team, Role.MANAGER)


def place(user):
    return Membership.objects.select_related("team", "user").get(user=user)


def role(user):
    return Membership.objects.filter(user=user).values_list("role", flat=True).first()


@pytest.mark.parametrize("new", list(Role))
def test_owner_gives_every_role(alice, bob, new):
    change_role(actor=alice, membership=place(bob), role=new)

    assert role(bob) == new


@pytest.mark.parametrize(("new", "allowed"), [("viewer", True), ("member", True), ("manager", False), ("owner", False)])
def test_manager_gives_the_roles_below_her_own(maria, bob, new, allowed):
    if allowed:
        change_role(actor=maria, membership=place(bob), role=Role(new))
    else:
        with pytest.raises(NotAllowed):
            change_role(actor=maria, membership=place(bob), role=Role(new))

    assert role(bob) == (new if allowed else "member")


@pytest.mark.parametrize("who", ["alice", "maria"])
def test_manager_touches_neither_owners_nor_managers(request, alice, maria, who):
    person = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        change_role(actor=maria, membership=place(person), role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        remove(actor=maria, membership=place(person))


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_others_change_nobody(request, alice, bob, vera, who):
    with pytest.raises(NotAllowed):
        remove(actor=request.getfixturevalue(who), membership=place(vera))


def test_what_the_actor_may_do_is_asked_at_that_moment(alice, maria, bob):
    change_role(actor=alice, membership=place(maria), role=Role.MEMBER)

    with pytest.raises(NotAllowed):
        remove(actor=maria, membership=place(bob))


def test_last_owner_stays_until_there_is_another(alice, bob, team):
    sentence = r"Alice is the only owner of Harbour team\. Make another member an owner first\."

    with pytest.raises(LastOwner, match=sentence):
        leave(actor=alice, team=team)
    with pytest.raises(LastOwner, match=sentence):
        remove(actor=alice, membership=place(alice))
    with pytest.raises(LastOwner, match=sentence):
        change_role(actor=alice, membership=place(alice), role=Role.MANAGER)
    assert role(alice) == "owner"

    change_role(actor=alice, membership=place(bob), role=Role.OWNER)
    leave(actor=alice, team=team)
    assert (role(alice), role(bob)) == (None, "owner")


def test_leaving_twice_is_leaving_once(bob, team):
    leave(actor=bob, team=team)

    assert leave(actor=bob, team=team) == 0


def test_owner_who_is_switched_off_does_not_count(alice, team):
    carla = make_person("Carla", team, Role.OWNER)
    User.objects.filter(pk=carla.pk).update(is_active=False)

    with pytest.raises(LastOwner):
        leave(actor=alice, team=team)

    remove(actor=alice, membership=place(carla))
    assert (role(alice), role(carla)) == ("owner", None)


def test_pictures_that_wait_are_cancelled_and_their_holds_released(alice, bob, team, emulator):
    kept = draw(bob, team)
    order(bob, team, count=3)
    (other,) = order(alice, team)

    assert remove(actor=alice, membership=place(bob)) == 3

    assert Generation.objects.filter(author=bob, state=State.CANCELLED).count() == 3
    assert Generation.objects.get(id=kept.id).state == State.DONE
    assert ledger.held(team) == other.estimate
    assert LedgerEntry.objects.filter(kind="release", actor=alice).count() == 3


def test_picture_that_is_being_drawn_is_finished_and_kept(alice, bob, team, emulator):
    (row,) = order(bob, team)
    assert claim(row.id) is not None

    assert remove(actor=alice, membership=place(bob)) == 0

    row.refresh_from_db()
    assert (row.state, row.deleted_at) == (State.RUNNING, None)


def test_order_of_somebody_who_left_is_never_sent(alice, bob, team, emulator):
    """It was committed while the person went, or came back into the line afterwards."""
    (row,) = order(bob, team)
    Membership.objects.filter(user=bob).delete()

    fulfil(row.id)

    row.refresh_from_db()
    assert (row.state, row.reason) == (
        State.CANCELLED,
        "Its creator left the team. Not sent, not charged.",
    )
    assert (row.attempts.count(), ledger.held(team)) == (0, 0)


def test_order_of_a_person_who_was_deleted_is_never_sent(bob, team, emulator):
    (row,) = order(bob, team)
    kept = draw(bob, team)
    bob.delete()

    fulfil(row.id)

    row.refresh_from_db()
    kept.refresh_from_db()
    assert (row.state, row.attempts.count()) == (State.CANCELLED, 0)
    assert (kept.state, kept.author) == (State.DONE, None)


def test_second_charge_that_somebody_else_accepted_is_sent_all_the_same(alice, bob, team, emulator):
    (row,) = order(bob, team)
    Generation.objects.filter(id=row.id).update(hold_count=2)
    row.refresh_from_db()
    ledger.hold([row], actor=alice)

    assert remove(actor=alice, membership=place(bob)) == 0
    fulfil(row.id)

    row.refresh_from_db()
    assert row.state == State.DONE


def test_invitations_end_with_the_right_to_send_them(alice, maria, team):
    for new in (Role.VIEWER, Role.MEMBER):
        invite(actor=maria, team=team, role=new)
    kept, _ = invite(actor=alice, team=team, role=Role.MANAGER)

    change_role(actor=alice, membership=place(maria), role=Role.MEMBER)

    assert list(Invitation.objects.filter(revoked_at=None)) == [kept]
