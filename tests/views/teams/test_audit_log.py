"""Owners read what was done in their team without Django's admin, and nobody else does."""

from datetime import datetime

import pytest
from django.utils import timezone

from generations.models import (
    AuditAction,
    AuditEvent,
    Collection,
    Invitation,
    Membership,
    Role,
    ShareLink,
    User,
    former_name,
)
from generations.services.site import audit
from generations.services.teams import members
from tests.factories import make_person, make_team, order
from tests.views.downloads import name_of, rows_of

pytestmark = pytest.mark.django_db
LOG = "/t/harbour/audit/"
FILE = "/t/harbour/audit.csv"


def events_on(page):
    return [row.event for row in page.context["rows"]]


def shown(client, address=LOG):
    return [(one.actor, one.action, one.subject, one.detail) for one in events_on(client.get(address))]


def test_owner_sees_what_was_done_in_the_team_newest_first(as_, alice, bob, team):
    members.change_role(actor=alice, membership=Membership.objects.get(user=bob), role=Role.MANAGER)
    audit.record_event(AuditAction.SET_LIMIT, actor=None, team=team, detail="the command line")
    audit.record_event(AuditAction.SET_LIMIT, actor=alice, team=make_team("Island", "island"), detail="not ours")

    assert shown(as_(alice)) == [
        ("the site", "set limit", "", "the command line"), ("Alice", "changed role", "Bob", "member to manager"),
    ]  # fmt: skip


def test_links_and_invitations_are_named_and_lead_to_what_they_are_about(as_, alice, team):
    (row,) = order(alice, team)
    album = Collection.objects.create(team=team, name="Storm")
    links = [
        ShareLink.objects.create(team=team, creator=alice, generation=row, token_hash="a"),
        ShareLink.objects.create(team=team, creator=alice, collection=album, token_hash="b"),
    ]
    invited = Invitation.objects.create(team=team, email="dora@example.test", token_hash="c", expires_at=timezone.now())
    for subject in (*links, invited, team):
        audit.record_event(AuditAction.MADE_LINK, actor=alice, subject=subject, team=team)

    page = as_(alice).get(LOG)

    assert [one.subject for one in events_on(page)] == [team.name, "dora@example.test", "Storm", "a picture"]
    html = page.content.decode()
    assert f'href="/g/{row.id}/"' in html
    assert f'href="/t/harbour/collections/{album.id}/"' in html


def test_only_owners_see_it(as_, alice, bob, vera, charlie):
    moira = make_person("Moira", Membership.objects.get(user=alice).team, Role.MANAGER)

    for address in (LOG, FILE):
        answers = [as_(person).get(address).status_code for person in (bob, vera, moira, charlie)]
        assert answers == [403, 403, 403, 404]


def test_deleted_people_have_a_name_of_their_own(as_, alice, bob, team):
    audit.record_event(AuditAction.INVITED, actor=bob, subject=alice, team=team)
    audit.record_event(AuditAction.REMOVED, actor=alice, subject=bob, team=team)
    former = former_name(bob.pk)
    bob.delete()

    assert [one[:3] for one in shown(as_(alice))] == [("Alice", "removed", former), (former, "invited", "Alice")]


def test_superuser_from_outside_is_not_named(as_, alice, team):
    root = User.objects.create_superuser("root@example.test", "x", name="Root")
    audit.record_event(AuditAction.CHANGED_IN_ADMIN, actor=root, subject=team, team=team)
    page = as_(alice).get(LOG)

    assert [one.actor for one in events_on(page)] == ["a site admin"]
    assert "Root" not in page.content.decode()


def test_pages_and_file_hold_every_event_once(as_, alice, team, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("generations.queries.teams.audit.PAGE_SIZE", 3)
    for number in range(8):
        audit.record_event(AuditAction.INVITED, actor=alice, subject=alice, team=team, detail=f"=no. {number}")
    client, address, found = as_(alice), LOG, []
    while address:
        page = client.get(address)
        found += events_on(page)
        address = page.context["older_url"]

    response = client.get(FILE)
    lines = rows_of(response.getvalue())

    assert [one.detail for one in found] == [f"=no. {number}" for number in reversed(range(8))]
    assert [line["id"] for line in lines] == [one.id for one in found]
    assert [line["detail"] for line in lines] == [f"'{one.detail}" for one in found]
    assert [datetime.fromisoformat(line["at"]) for line in lines] == [one.at for one in found]
    assert name_of(response).startswith("harbour audit ")
    with django_assert_max_num_queries(14):
        client.get(LOG)


def test_page_behind_the_last_event_leads_to_the_newest(as_, alice):
    assert as_(alice).get(f"{LOG}?before={AuditEvent.objects.create(action='left').pk}").status_code == 302


def test_page_of_the_team_leads_there_for_owners(as_, alice, bob):
    assert f'href="{LOG}"' in as_(alice).get("/t/harbour/people/").content.decode()
    assert f'href="{LOG}"' not in as_(bob).get("/t/harbour/people/").content.decode()
