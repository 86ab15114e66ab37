"""Threat S25: actions can be reconstructed afterwards, and nobody can forge log entries."""

import json
import logging

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.test import Client

from generations.models import AuditAction, AuditEvent, Membership, Role, ShareLink
from generations.services.provenance.provenance_settings import set_provenance_details
from generations.services.provider import manual_pause
from generations.services.sharing.share_links import revoke
from generations.services.site import audit
from generations.services.teams.invitations import accept, invite, renew
from generations.services.teams.invitations import revoke as revoke_invitation
from generations.services.teams.members import change_role, leave, remove
from generations.services.teams.teams_and_users import change_team, create_team
from tests.factories import PASSWORD, make_person
from tests.sharing import outsider, share
from tests.threats.log import written

pytestmark = pytest.mark.django_db
FORGED = "2030-01-01 INFO generations.services.site.audit [-] forged"


@pytest.fixture
def lines():
    """Return a function for the log lines of the configured formatter."""
    with written(logging.INFO) as out:
        yield lambda: out.getvalue().splitlines()


def told(lines, what):
    """Return the audit lines of this kind, parsed as JSON."""
    mine = [line.partition(" ")[2] for line in lines() if line.startswith("generations.services.site.audit ")]
    return [one for one in map(json.loads, mine) if one["audit"] == what]


def place(user):
    return Membership.objects.select_related("team", "user").get(user=user)


def last():
    event = AuditEvent.objects.order_by("-id").first()
    return event.action, event.actor, event.team, event.subject, event.detail


def test_s25_people_who_come_go_and_change_are_noted(alice, bob, team, django_capture_on_commit_callbacks, lines):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, token = invite(actor=alice, team=team, role=Role.VIEWER, email="guest@example.test")
        named = f"invitation {invitation.pk}"
        assert last() == (AuditAction.INVITED, alice, team, named, "viewer")
        renew(actor=alice, invitation=invitation)
        assert last()[0] == AuditAction.RENEWED_INVITATION
        invitation.refresh_from_db()
        guest = make_person("Guest")
        accept(actor=guest, invitation=invitation)
        assert last() == (AuditAction.JOINED, guest, team, named, "viewer")
        change_role(actor=alice, membership=place(guest), role=Role.MEMBER)
        assert last() == (AuditAction.CHANGED_ROLE, alice, team, f"user {guest.pk}", "viewer to member")
        remove(actor=alice, membership=place(guest))
        assert last() == (AuditAction.REMOVED, alice, team, f"user {guest.pk}", "member")
        leave(actor=bob, team=team)
        assert last() == (AuditAction.LEFT, bob, team, f"user {bob.pk}", "member")
        other, _ = invite(actor=alice, team=team, role=Role.VIEWER)
        revoke_invitation(actor=alice, invitation=other)
        assert last() == (AuditAction.REVOKED_INVITATION, alice, team, f"invitation {other.pk}", "")

    noted = [json.loads(line.partition(" ")[2])["audit"] for line in lines() if "services.site.audit" in line]
    assert noted == [event.action for event in AuditEvent.objects.order_by("id")]
    assert not any(word in "\n".join(lines()) for word in (token, "guest@", "Alice"))


def test_s25_teams_links_and_pauses_are_noted(alice, bob, team, picture):
    bob.is_superuser = True
    own = create_team(actor=bob, name="Bob's")
    assert last() == (AuditAction.MADE_TEAM, bob, own, f"team {own.pk}", "")
    change_team(
        actor=alice, team=team, name="Harbour", default_visibility="private", cost_centre="Alice's budget",
        cost_centre_required=True,
    )  # fmt: skip
    told = "new pictures: private, cost centre: set, required"
    assert last() == (AuditAction.SET_UP_TEAM, alice, team, f"team {team.pk}", told)
    set_provenance_details(actor=alice, team=team, in_downloads=True, in_shared_copies=False)
    assert last()[0] == AuditAction.CHOSE_WORDS
    link, _ = share(bob, picture)
    assert last() == (AuditAction.MADE_LINK, bob, team, f"share link {link.id}", "")
    assert revoke(actor=alice, team=team, links=[link.id]) == 1
    assert last() == (AuditAction.REVOKED_LINK, alice, team, f"share link {link.id}", "")
    assert revoke(actor=alice, team=team, links=[link.id]) == 0
    manual_pause.pause(actor=alice, reason="The bill is looked at.")
    assert last() == (AuditAction.PAUSED, alice, None, "", "")
    manual_pause.resume(actor=alice, reason="It was right.")
    assert last()[0] == AuditAction.RESUMED
    assert AuditEvent.objects.count() == 7


def test_s25_signing_in_and_passwords_are_noted(alice):
    client, new = Client(), "another horse battery"
    client.post("/login/", {"username": alice.email, "password": PASSWORD})
    assert last() == (AuditAction.SIGNED_IN, alice, None, f"user {alice.pk}", "")
    words = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    client.post("/accounts/password/", words)
    assert last() == (AuditAction.CHANGED_PASSWORD, alice, None, f"user {alice.pk}", "")
    client.post("/accounts/sessions/end")
    assert last() == (AuditAction.ENDED_SESSIONS, alice, None, f"user {alice.pk}", "0")


def test_s25_what_is_rolled_back_did_not_happen(alice, team, picture, django_capture_on_commit_callbacks, lines):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        share(alice, picture)
        transaction.set_rollback(True)

    assert (ShareLink.objects.count(), AuditEvent.objects.count()) == (0, 0)
    assert told(lines, "made link") == []


def test_s25_what_is_refused_is_a_line_and_no_row(as_, vera, alice, picture, lines):
    client = as_(vera)
    before = AuditEvent.objects.count()
    client.post("/t/harbour/generations/", {"prompt": "words"})
    for email in (alice.email, "nobody@example.test", alice.email):
        authenticate(request=None, username=email, password="wrong")

    assert told(lines, "denied") == [{"audit": "denied", "actor": vera.pk, "route": "create", "method": "POST"}]
    refused = [one["account"] for one in told(lines, "sign-in refused")]
    assert (len(refused), refused[0] == refused[2], len(set(refused))) == (3, True, 2)
    assert AuditEvent.objects.count() == before
    assert alice.email not in "\n".join(lines())


def test_s25_what_leaves_is_a_line(as_, bob, picture, lines):
    client = as_(bob)
    link, base = share(bob, picture, password="open sesame", allow_download=True)
    client.get(f"/g/{picture.id}/image?download")
    client.post("/t/harbour/selection/", {"action": "zip", "id": [str(picture.id)]}).getvalue()
    guest = outsider()
    guest.post(base, {"password": "wrong one"})
    guest.post(base, {"password": "open sesame"})
    guest.get(base)
    guest.get(f"{base}{picture.id}/image")

    own, shared = told(lines, "download")
    assert (own["actor"], own["picture"], shared["link"], "actor" in shared) == (
        bob.pk,
        str(picture.id),
        str(link.id),
        False,
    )
    assert told(lines, "zip") == [{"audit": "zip", "actor": bob.pk, "pictures": 1}]
    assert told(lines, "wrong password") == [{"audit": "wrong password", "link": str(link.id)}]
    assert [one["link"] for one in told(lines, "link opened")] == [str(link.id)]


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_s25_nothing_that_is_typed_begins_a_line(as_, alice, bob, team, lines, ending):
    evil = f"harmless{ending}{FORGED}"
    bob.name = evil
    bob.save()
    client = as_(bob, headers={"User-Agent": evil.replace("\r", " ").replace("\n", " ")}, raise_request_exception=False)
    client.post("/t/harbour/generations/", {"prompt": evil, "x-model": evil, "count": evil})
    client.post("/login/", {"username": evil, "password": evil})
    Client().post("/login/", {"username": evil, "password": evil})
    client.get("/no/such/" + evil)
    client.get("/t/harbour/", {"q": evil})
    client.post("/t/harbour/people/", {"role": evil, "email": evil})
    remove(actor=alice, membership=place(bob))
    audit.log_event(evil, evil=evil)
    logging.getLogger("any").error("said %s", evil)
    try:
        raise ValueError(evil)
    except ValueError:
        logging.getLogger("any").exception("broke on %s", evil)

    assert [line for line in lines() if line.startswith(FORGED[:10])] == []
    assert any("forged" in line for line in lines())


def test_s25_nothing_of_a_person_stays_when_she_is_deleted(bob, team, picture):
    share(bob, picture)
    key = bob.pk
    bob.delete()

    (event,) = AuditEvent.objects.filter(action=AuditAction.MADE_LINK)
    assert event.actor is None
    assert not any(word in str(vars(event)) for word in ("Bob", "bob@", f"user {key}"))
