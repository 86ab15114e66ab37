"""Whatever a superuser does in the admin is in the audit trail, in ids and names of fields."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry

from generations.admin.base import AuditedModelAdmin
from generations.models import AuditAction, AuditEvent, Budget, Membership, Role, Team, User
from tests.admin.conftest import address_of
from tests.factories import PASSWORD, make_person, make_team
from tests.views.downloads import rows_of

pytestmark = pytest.mark.django_db
HOOKS = ("construct_change_message", "log_addition", "log_change", "log_deletions")


def last():
    event = AuditEvent.objects.order_by("-id").first()
    return event.action, event.actor, event.team, event.subject, event.detail


def team_form(team, **more):
    return {
        "name": team.name, "slug": team.slug, "budgets-TOTAL_FORMS": 0, "budgets-INITIAL_FORMS": 0,
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0, **more,
    }  # fmt: skip


def test_no_model_admin_bypasses_the_audit_trail():
    classes = {type(one) for one in admin.site._registry.values()}

    assert len(classes) >= 13
    assert [
        one for one in classes for hook in HOOKS if getattr(one, hook) is not getattr(AuditedModelAdmin, hook)
    ] == []


def test_change_of_a_team_with_limits_and_members_is_recorded(client, root, team, bob):
    place = Membership.objects.get(user=bob)
    form = team_form(
        team, name="Another", **{
            "budgets-TOTAL_FORMS": 1, "budgets-0-team": team.pk, "budgets-0-span": "day", "budgets-0-hard": "3",
            "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1, "memberships-0-id": place.pk,
            "memberships-0-team": team.pk, "memberships-0-user": bob.pk, "memberships-0-role": Role.MANAGER,
        },
    )  # fmt: skip

    assert client.post(f"{address_of(Team)}{team.pk}/change/", form).status_code == 302

    added = f"added budget {Budget.objects.get().pk}"
    detail = f"name; {added}; changed membership {place.pk} (role)"
    assert last() == (AuditAction.CHANGED_IN_ADMIN, root, team, f"team {team.pk}", detail)
    assert "Bob" not in detail


def test_team_is_added_and_deleted(client, root):
    client.post(f"{address_of(Team)}add/", team_form(Team(name="New", slug="new")))
    team = Team.objects.get(slug="new")
    assert last() == (AuditAction.ADDED_IN_ADMIN, root, team, f"team {team.pk}", "name, slug")

    client.post(f"{address_of(Team)}{team.pk}/delete/", {"post": "yes"})
    assert last() == (AuditAction.DELETED_IN_ADMIN, root, None, f"team {team.pk}", "")


def test_user_is_added_changed_given_a_password_and_deleted(client, root):
    base = address_of(User)
    words = {"email": "dora@example.test", "name": "Dora", "password1": PASSWORD, "password2": PASSWORD}
    client.post(f"{base}add/", {**words, "usable_password": "true"})
    dora = User.objects.get(email="dora@example.test")
    assert last()[:2] == (AuditAction.ADDED_IN_ADMIN, root)
    client.post(f"{base}{dora.pk}/change/", {"email": dora.email, "name": "Dora B", "is_active": "on"})
    assert last() == (AuditAction.CHANGED_IN_ADMIN, root, None, f"user {dora.pk}", "name")
    new = "another long word 14"
    client.post(f"{base}{dora.pk}/password/", {"password1": new, "password2": new, "usable_password": "true"})
    assert last() == (AuditAction.CHANGED_IN_ADMIN, root, None, f"user {dora.pk}", "password")
    dora.refresh_from_db()
    assert dora.check_password(new)
    client.post(f"{base}{dora.pk}/delete/", {"post": "yes"})
    assert last() == (AuditAction.DELETED_IN_ADMIN, root, None, f"user {dora.pk}", "")


def test_each_selected_row_that_is_deleted_is_recorded(client, root):
    teams = [make_team(f"Team {n}", f"team-{n}") for n in range(3)]
    form = {"action": "delete_selected", "_selected_action": [one.pk for one in teams], "post": "yes"}

    assert client.post(address_of(Team), form).status_code == 302

    noted = AuditEvent.objects.filter(action=AuditAction.DELETED_IN_ADMIN).values_list("subject", flat=True)
    assert sorted(noted) == [f"team {one.pk}" for one in teams]
    assert not Team.objects.filter(slug__startswith="team-").exists()


def test_names_are_not_stored(client, root, bob):
    client.post(f"{address_of(User)}{bob.pk}/delete/", {"post": "yes"})

    assert not LogEntry.objects.exists()
    assert not AuditEvent.objects.filter(detail__icontains="bob").exists()


def test_history_of_a_row_is_its_part_of_the_audit_trail(client, team, bob):
    client.post(f"{address_of(Team)}{team.pk}/change/", team_form(team, name="Another"))
    make_person("Other")

    page = client.get(f"{address_of(Team)}{team.pk}/history/", follow=True)

    assert [row.detail for row in page.context["cl"].result_list] == ["name"]


def test_trail_is_filtered_by_action_team_actor_and_day_and_exported(client, root, team, bob):
    client.post(f"{address_of(Team)}{team.pk}/change/", team_form(team, name="Another"))
    client.post(f"{address_of(User)}{bob.pk}/delete/", {"post": "yes"})
    base = address_of(AuditEvent)
    day = AuditEvent.objects.first().at.date()
    queries = {
        "action__exact=changed+in+admin": 1, f"team={team.slug}": 1, f"actor={root.email}": 3,  # with the sign-in
        "from=2001-01-01&to=2001-01-02": 0, f"from={day}&to={day}": 3,
    }  # fmt: skip

    assert {query: client.get(f"{base}?{query}").context["cl"].result_count for query in queries} == queries
    (line,) = rows_of(client.post(f"{base}csv/?team={team.slug}").getvalue())
    assert line["at"] == AuditEvent.objects.get(id=line["id"]).at.isoformat()
    assert (line["action"], line["actor"], line["subject"]) == ("changed in admin", str(root.pk), f"team {team.pk}")
    assert last()[4] == "audit event: 1 lines"


def test_user_with_an_approval_request_or_a_limit_can_still_be_deleted(client, books, alice):
    """That limits and requests are read-only in the admin is no reason to keep a person."""
    page = client.post(f"{address_of(User)}{alice.pk}/delete/", {"post": "yes"})

    assert page.status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()
