"""Django's admin: money and pauses can be read there and not be written, a team's limit can be set."""

import re
from decimal import Decimal

import pytest

from generations.models import BalanceReading, Budget, LedgerEntry, Membership, PauseCause, ProviderPause, Team, User
from generations.pipeline.circuit_breaker import pauses
from tests.factories import draw, make_person, order

pytestmark = pytest.mark.django_db
READ_ONLY = {"ledgerentry": LedgerEntry, "providerpause": ProviderPause, "balancereading": BalanceReading}


@pytest.fixture
def client(as_, team):
    root = make_person("Root", team)
    root.is_staff = root.is_superuser = True
    root.save()
    return as_(root)


@pytest.fixture
def books(alice, team, emulator):
    draw(alice, team)
    pauses.pause(PauseCause.BY_HAND, "because", by=alice)
    BalanceReading.objects.create(credits=25, free_credits=0)


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_stands_for_money_can_be_read_and_not_written(client, books, name):
    row = READ_ONLY[name]._default_manager.first()
    base = f"/admin/generations/{name}/"

    assert client.get(base).status_code == 200
    assert client.get(f"{base}{row.pk}/change/").status_code == 200
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{base}{row.pk}/change/", {"amount": "1"}).status_code == 403
    assert READ_ONLY[name]._default_manager.filter(pk=row.pk).exists()


def test_entries_of_a_deleted_user_are_still_listed(client, bob, team):
    order(bob, team)
    entry = LedgerEntry.objects.get()
    bob.delete()

    assert client.get("/admin/generations/ledgerentry/").status_code == 200
    assert client.get(f"/admin/generations/ledgerentry/{entry.pk}/change/").status_code == 200


def test_user_is_deleted_and_pictures_and_ledger_stay(client, bob, team, emulator):
    picture = draw(bob, team)
    entries = set(LedgerEntry.objects.values_list("idempotency_key", "amount", "actor"))
    client.get(f"/admin/generations/user/{bob.pk}/delete/")

    assert client.post(f"/admin/generations/user/{bob.pk}/delete/", {"post": "yes"}).status_code == 302

    assert not User.objects.filter(pk=bob.pk).exists()
    assert f"Former member {bob.pk}" in client.get(f"/g/{picture.id}/").content.decode()
    assert set(LedgerEntry.objects.values_list("idempotency_key", "amount", "actor")) == entries
    assert bob.pk in {actor for _, _, actor in entries}


def delete(client, name, *rows):
    """Ticked in the list, and confirmed."""
    form = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    return client.post(f"/admin/generations/{name}/", form).content.decode()


def test_superuser_cannot_delete_themselves(client):
    root = User.objects.get(is_superuser=True)

    one = client.post(f"/admin/generations/user/{root.pk}/delete/", {"post": "yes"}).content.decode()

    for page in (one, delete(client, "user", root)):
        assert "Nothing was deleted." in page
        assert "You can&#x27;t delete yourself. Ask another site admin." in page
    assert User.objects.filter(pk=root.pk).exists()


def test_superuser_keeps_their_own_rights(client, bob):
    root = User.objects.get(is_superuser=True)
    for one in (root, bob):
        form = {"email": one.email, "name": "Renamed", "is_staff": "on"}
        assert client.post(f"/admin/generations/user/{one.pk}/change/", form).status_code == 302
    root.refresh_from_db()
    bob.refresh_from_db()

    assert (root.name, root.is_active, root.is_superuser) == ("Renamed", True, True)
    assert (bob.is_active, bob.is_staff, bob.is_superuser) == (False, True, False)


def test_team_keeps_an_owner_while_others_are_in_it(client, alice, bob, charlie):
    alone = "Harbour team would have members and no owner. Make another member an owner first."

    # Charlie is the only one in his own team: it goes on without anybody, as one does that all have left.
    assert alone in delete(client, "user", alice, charlie)
    assert set(User.objects.filter(pk__in=[alice.pk, charlie.pk])) == {alice, charlie}

    Membership.objects.filter(user=bob).update(role="owner")
    assert alone in delete(client, "user", alice, bob)

    delete(client, "user", alice, charlie)
    assert not User.objects.filter(pk__in=[alice.pk, charlie.pk]).exists()


def test_team_with_a_ledger_is_kept_and_none_of_it_is_listed(client, bob, team, django_assert_max_num_queries):
    for _ in range(3):
        order(bob, team)

    with django_assert_max_num_queries(12):
        page = client.get(f"/admin/generations/team/{team.pk}/delete/").content.decode()

    assert "Harbour team has spending records, which are never deleted." in page
    assert str(LedgerEntry.objects.first().pk) not in page
    assert "has spending" in delete(client, "team", team)
    assert Team.objects.filter(pk=team.pk).exists()


def test_limit_of_a_team_is_set_on_its_page(client, team):
    page = f"/admin/generations/team/{team.pk}/change/"
    form = {
        "name": team.name, "slug": team.slug, "budgets-TOTAL_FORMS": 1, "budgets-INITIAL_FORMS": 0,
        "budgets-0-team": team.pk, "budgets-0-span": "month", "budgets-0-hard": "30.00", "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }  # fmt: skip

    assert client.post(page, form).status_code == 302
    limit = Budget.objects.get()
    assert (limit.hard, limit.span, limit.by_site, limit.team) == (Decimal(30), "month", True, team)


def test_team_page_is_not_shown_without_permission(as_, alice, team):
    assert as_(alice).get(f"/admin/generations/team/{team.pk}/change/").status_code == 302


def test_team_with_many_members_has_no_form_for_each(client, team):
    people = User.objects.bulk_create(User(email=f"p{n}@example.test") for n in range(101))
    Membership.objects.bulk_create(Membership(team=team, user=one) for one in people)

    page = client.get(f"/admin/generations/team/{team.pk}/change/").content.decode()

    assert "memberships-TOTAL_FORMS" not in page
    assert "102, too many to edit here" in page  # with the superuser


def test_second_limit_for_the_same_time_is_a_sentence(client, team):
    form = {
        "name": team.name, "slug": team.slug, "budgets-TOTAL_FORMS": 2, "budgets-INITIAL_FORMS": 0,
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number in (0, 1):
        form |= {f"budgets-{number}-team": team.pk, f"budgets-{number}-span": "day", f"budgets-{number}-hard": "3"}

    page = client.post(f"/admin/generations/team/{team.pk}/change/", form)

    assert "There are two limits for the same period. Keep one." in page.content.decode()
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    ("kind", "words"),
    [("user", ["jorg", "JÖRG muller", "Muller", "jm@"]), ("team", ["ecole", "ÉCOLE", "sous-marine"])],
)
def test_names_are_found_however_they_are_written(client, kind, words):
    Team.objects.create(name="École sous-marine", slug="diving")
    User.objects.create_user("jm@example.test", name="Jörg Müller")

    for word in words:
        listed = client.get(f"/admin/generations/{kind}/", {"q": word}).context["cl"].result_list
        assert [str(row) for row in listed] == ["École sous-marine" if kind == "team" else "jm@example.test"]
    assert not client.get(f"/admin/generations/{kind}/", {"q": "nobody"}).context["cl"].result_list


def test_fields_of_limits_and_members_have_names_and_amounts_are_as_typed(client, team):
    Budget.objects.create(team=team, hard=Decimal("12.5"), by_site=True)

    page = client.get(f"/admin/generations/team/{team.pk}/change/").content.decode()
    fields = re.findall(r'<(?:input|select)[^>]* name="(?:budgets|memberships)-0-[^>]*>', page)

    shown = [one for one in fields if 'type="hidden"' not in one]
    assert len(shown) == 7
    assert [one for one in shown if "aria-label=" not in one] == []
    assert 'value="12.50"' in page
