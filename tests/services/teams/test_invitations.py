"""Inviting, sending again, revoking, entering."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from generations.errors import GalleryError, InvalidInvitation, NotAllowed
from generations.models import Invitation, Membership, Role, User
from generations.queries.teams.members import valid_invitation
from generations.services.teams.invitations import MAX_OPEN, accept, invite, join, renew, revoke
from generations.services.teams.members import change_role
from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db
DORA = "dora@example.test"


@pytest.fixture
def maria(team):
    return make_person("Maria", team, Role.MANAGER)


def enter(invitation, email=DORA):
    return join(invitation=invitation, email=email, name="Dora", password=PASSWORD)


def test_token_is_long_told_once_and_kept_as_its_hash(alice, team):
    invitation, token = invite(actor=alice, team=team, role=Role.MEMBER)

    assert len(token) == 43
    assert token not in str(Invitation.objects.values())
    assert len(invitation.token_hash) == 64
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    assert valid_invitation(token) == invitation
    assert valid_invitation(token + "a") is None


def test_invited_person_gets_an_account_and_a_place_once(alice, team):
    invitation, token = invite(actor=alice, team=team, role=Role.MANAGER, email="Dora@Example.test")

    user = enter(invitation, email="somebody@else.test")

    assert (user.email, Membership.objects.get(user=user).role) == (DORA, "manager")
    assert valid_invitation(token) is None
    with pytest.raises(InvalidInvitation):
        accept(actor=make_person("Emil"), invitation=Invitation.objects.get())
    invitation.refresh_from_db()
    assert invitation.accepted_by == user


def test_weak_password_and_a_taken_address_use_nothing_up(alice, team):
    invitation, token = invite(actor=alice, team=team, role=Role.MEMBER)

    with pytest.raises(ValidationError):
        join(invitation=invitation, email=DORA, name="Dora", password="short")
    make_person("Dora")
    with pytest.raises(IntegrityError):
        enter(invitation)

    assert valid_invitation(token) == invitation


def test_link_that_was_used_meanwhile_makes_no_account(alice, team):
    invitation, _ = invite(actor=alice, team=team, role=Role.MEMBER)
    accept(actor=make_person("Emil"), invitation=invitation)

    with pytest.raises(InvalidInvitation):
        enter(invitation)
    assert not User.objects.filter(email=DORA).exists()


def test_somebody_who_is_in_uses_nothing_up(alice, bob, team):
    invitation, token = invite(actor=alice, team=team, role=Role.OWNER)

    assert accept(actor=bob, invitation=invitation) is False
    assert Membership.objects.get(user=bob).role == "member"
    assert valid_invitation(token) == invitation


def test_invitation_of_an_address_lets_nobody_else_in(alice, team):
    invitation, _ = invite(actor=alice, team=team, role=Role.MEMBER, email=DORA)

    with pytest.raises(InvalidInvitation):
        accept(actor=make_person("Emil"), invitation=invitation)
    assert accept(actor=make_person("Dora"), invitation=invitation)


@pytest.mark.parametrize(("role", "allowed"), [("viewer", True), ("member", True), ("manager", False)])
def test_manager_invites_below_herself(maria, alice, team, role, allowed):
    theirs, _ = invite(actor=alice, team=team, role=Role(role))
    if allowed:
        invite(actor=maria, team=team, role=Role(role))
        renew(actor=maria, invitation=theirs)
        assert revoke(actor=maria, invitation=theirs)
        return
    for verb, words in ((invite, {"team": team, "role": role}), (renew, {"invitation": theirs})):
        with pytest.raises(NotAllowed):
            verb(actor=maria, **words)
    with pytest.raises(NotAllowed):
        revoke(actor=maria, invitation=theirs)


def test_address_has_one_open_invitation_the_latest(alice, team):
    _, first = invite(actor=alice, team=team, role=Role.VIEWER, email=DORA)
    latest, second = invite(actor=alice, team=team, role=Role.MEMBER, email=DORA.upper())

    assert (valid_invitation(first), valid_invitation(second)) == (None, latest)


def test_member_is_not_invited_again(alice, bob, team):
    with pytest.raises(GalleryError, match=r"bob@example\.test is already in Harbour team\."):
        invite(actor=alice, team=team, role=Role.MEMBER, email=bob.email)


def test_sending_again_ends_the_old_link_and_brings_an_expired_one_back(alice, team):
    invitation, old = invite(actor=alice, team=team, role=Role.MEMBER)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert valid_invitation(old) is None

    new = renew(actor=alice, invitation=invitation)

    assert (valid_invitation(old), valid_invitation(new)) == (None, invitation)
    with pytest.raises(InvalidInvitation):
        accept(actor=make_person("Emil"), invitation=invitation)  # the copy that was opened by the old link


def test_revoked_one_is_dead_for_good(alice, team):
    invitation, token = invite(actor=alice, team=team, role=Role.MEMBER)

    assert revoke(actor=alice, invitation=invitation)
    assert not revoke(actor=alice, invitation=invitation)
    assert valid_invitation(token) is None
    with pytest.raises(InvalidInvitation):
        renew(actor=alice, invitation=invitation)


def test_it_stands_only_while_its_sender_may_send_it(alice, maria, team):
    _, token = invite(actor=maria, team=team, role=Role.MEMBER)
    Membership.objects.filter(user=maria).update(role=Role.MEMBER)
    assert valid_invitation(token) is None
    Membership.objects.filter(user=maria).update(role=Role.MANAGER)
    assert valid_invitation(token) is not None

    User.objects.filter(pk=maria.pk).update(is_active=False)
    assert valid_invitation(token) is None


def test_command_line_invites_without_a_sender(team):
    _, token = invite(actor=None, team=team, role=Role.OWNER)

    assert valid_invitation(token).role == "owner"


def test_team_has_a_most_of_open_invitations(alice, team):
    rows = [
        Invitation(team=team, token_hash=str(number), expires_at=timezone.now(), role=Role.VIEWER)
        for number in range(MAX_OPEN)
    ]
    Invitation.objects.bulk_create(rows)

    with pytest.raises(GalleryError, match="200 open invitations"):
        invite(actor=alice, team=team, role=Role.VIEWER)


def test_owner_who_steps_down_leaves_no_invitations_of_owners(alice, bob, team):
    change_role(actor=alice, membership=Membership.objects.get(user=bob), role=Role.OWNER)
    _, token = invite(actor=alice, team=team, role=Role.OWNER)

    change_role(actor=bob, membership=Membership.objects.get(user=alice), role=Role.MANAGER)

    assert valid_invitation(token) is None
