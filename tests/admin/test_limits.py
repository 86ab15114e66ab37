"""Limits over all teams are set in the admin, by superusers."""

import html
from decimal import Decimal

import pytest

from generations.models import AuditAction, AuditEvent, Budget, SiteLimit, Span, Team
from tests.admin.conftest import address_of
from tests.factories import order

pytestmark = pytest.mark.django_db
BASE = address_of(SiteLimit)


def add(client, **said):
    return client.post(f"{BASE}add/", {"person": "", "span": "month", "soft": "", "hard": "", **said})


def test_limit_of_the_site_and_of_a_user_is_set_changed_and_removed(client, root, bob):
    assert add(client, hard="$25.50").status_code == 302
    assert add(client, person=bob.pk, span="day", soft="1", hard="2").status_code == 302

    of_bob, of_site = SiteLimit.objects.order_by("span")
    assert (of_site.person, of_site.span, of_site.hard) == (None, Span.MONTH, Decimal("25.5"))
    assert (of_bob.person, of_bob.span, of_bob.soft, of_bob.hard) == (bob, Span.DAY, 1, 2)
    assert {(one.team, one.by_site, one.set_by) for one in (of_bob, of_site)} == {(None, True, root)}
    page = client.get(f"{BASE}{of_site.pk}/change/").content.decode()
    assert 'value="25.50"' in page
    client.post(f"{BASE}{of_site.pk}/change/", {"soft": "", "hard": "30"})
    client.post(f"{BASE}{of_bob.pk}/delete/", {"post": "yes"})
    assert [one.hard for one in SiteLimit.objects.all()] == [30]
    events = AuditEvent.objects.filter(actor=root, subject__startswith="limit across all teams").order_by("id")
    assert [one.action for one in events] == [
        AuditAction.ADDED_IN_ADMIN, AuditAction.ADDED_IN_ADMIN,
        AuditAction.CHANGED_IN_ADMIN, AuditAction.DELETED_IN_ADMIN,
    ]  # fmt: skip


def test_page_shows_how_far_a_limit_is_used_up(client, alice, team):
    (row,) = order(alice, team)
    limit = Budget.objects.create(team=None, person=alice, hard=2 * row.estimate, by_site=True)

    page = client.get(f"{BASE}{limit.pk}/change/").content.decode()

    assert "50% used · " in page
    assert page.count(f">${row.estimate:.4f}</data> reserved") == page.count(f">${row.estimate:.4f}</data> left") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Enter a limit, a warning amount, or both."),
        ({"soft": "5", "hard": "4"}, "The warning ($5.00) is above the limit ($4.00)."),
        ({"hard": "-1"}, "can't be negative"),
        ({"hard": "1,000"}, "isn't an amount"),
        ({"hard": "1", "person": "999999"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_a_sentence_at_its_field(client, said, words):
    page = add(client, **said)

    assert (page.status_code, words in html.unescape(page.content.decode())) == (200, True)
    assert not SiteLimit.objects.exists()


@pytest.mark.parametrize("whose", ["site", "person"])
def test_second_one_for_the_same_is_a_sentence(client, bob, whose):
    person, name = (bob.pk, "Bob") if whose == "person" else ("", "all users")
    add(client, person=person, hard="1")

    page = add(client, person=person, hard="2").content.decode()

    assert f"There is already a limit for {name} and this period. Change that one instead." in page
    assert [one.hard for one in SiteLimit.objects.all()] == [1]


def test_limits_of_teams_stand_elsewhere(client, alice, team):
    row = Budget.objects.create(team=team, hard=5)

    assert client.get(f"{BASE}{row.pk}/change/").status_code == 302
    assert not client.get(BASE).context["cl"].result_list


def test_new_team_in_the_admin_starts_with_the_limit_of_new_teams_or_its_own(client, settings):
    settings.NEW_TEAM_MONTHLY_LIMIT = Decimal(7)
    none = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0, "budgets-INITIAL_FORMS": 0}
    own = {"budgets-TOTAL_FORMS": 1, "budgets-0-span": "month", "budgets-0-hard": "99"}
    for slug, said in {"sea": {"budgets-TOTAL_FORMS": 0}, "lake": own}.items():
        client.post(f"{address_of(Team)}add/", {"name": slug, "slug": slug, **none, **said})  # type: ignore[dict-item]

    found = Budget.objects.filter(by_site=True).order_by("hard").values_list("team__slug", "span", "hard")
    assert list(found) == [("sea", "month", 7), ("lake", "month", 99)]
