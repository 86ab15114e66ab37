"""Making people and teams."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from generations.errors import NotAllowed
from generations.models import Budget, Membership, Role, Team, User
from generations.services.teams.teams_and_users import (
    create_team,
    create_user,
    find_team,
    get_or_create_team,
    record_use,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def create(email="dora@example.test", team_name="Harbour team", **more):
    with transaction.atomic():
        return create_user(email=email, password=PASSWORD, team_name=team_name, **more)


def test_person_is_made_in_a_new_team():
    user = create("Dora@Example.test", role=Role.OWNER, name="Dora")

    membership = Membership.objects.get()
    assert (user.email, user.display_name, user.check_password(PASSWORD)) == ("dora@example.test", "Dora", True)
    assert (membership.user, membership.team.slug, membership.role) == (user, "harbour-team", "owner")


def test_team_is_made_by_superusers_and_by_nobody_else(settings):
    dora = create(role=Role.OWNER)
    with pytest.raises(NotAllowed, match="Only site admins can create teams"):
        create_team(actor=dora, name="Mine")
    settings.TEAM_CREATION = "everybody"
    assert create_team(actor=dora, name="Mine").members.get() == dora
    Membership.objects.update(role=Role.VIEWER)
    with pytest.raises(NotAllowed, match="once you can generate pictures"):
        create_team(actor=dora, name="Another")
    dora.is_superuser = True
    assert create_team(actor=dora, name="Another").slug == "another"


@pytest.mark.parametrize(("most", "limits"), [(Decimal("2.50"), [Decimal("2.5")]), (Decimal(0), [0]), (None, [])])
def test_every_new_team_starts_with_the_limit_of_new_teams(settings, most, limits):
    settings.NEW_TEAM_MONTHLY_LIMIT = most
    create()
    create("emil@example.test")
    call_command("create_team", "Sea")

    for team in Team.objects.all():
        found = Budget.objects.filter(team=team)
        assert [(one.hard, one.span, one.by_site) for one in found] == [(one, "month", True) for one in limits]
    assert Team.objects.count() == 2


def test_second_person_joins_the_team_of_that_name():
    create()
    create("emil@example.test")

    assert (Team.objects.count(), Membership.objects.count()) == (1, 2)
    assert Membership.objects.get(user__email="emil@example.test").role == Role.MEMBER


@pytest.mark.parametrize("password", ["short", "password1234", "dora@example"])
def test_weak_password_is_refused_and_nothing_is_made(password):
    with pytest.raises(ValidationError):
        create_user(email="dora@example.test", password=password, team_name="Harbour team")

    assert (User.objects.count(), Team.objects.count()) == (0, 0)


def test_address_that_is_taken_is_refused_and_nothing_is_made():
    create()

    with pytest.raises(IntegrityError):
        create("DORA@example.test", team_name="Another team")
    assert Team.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Harbour team", "harbour-team"),
        ("Größe & Maß", "groe-ma"),
        ("日本", "team"),
        ("!!!", "team"),
        ("x" * 80, "x" * 50),
    ],
)
def test_address_of_a_team_is_made_from_its_name(name, slug):
    assert get_or_create_team(name=name).slug == slug


def test_teams_whose_names_make_the_same_address_get_numbers():
    slugs = [get_or_create_team(name=name).slug for name in ("Sea", "sea", "SEA!", "Sea side", "sea ?")]

    assert slugs == ["sea", "sea-2", "sea-3", "sea-side", "sea-4"]


def test_team_of_a_name_is_made_once():
    assert get_or_create_team(name="Sea") == get_or_create_team(name="Sea")


def test_use_of_a_team_is_noted_for_this_person_only(alice, bob, team):
    record_use(user=alice, team=team)

    assert Membership.objects.get(user=alice).last_used_at is not None
    assert Membership.objects.get(user=bob).last_used_at is None


def test_visit_begins_after_half_an_hour_away_and_is_written_once(alice, team, django_assert_num_queries):
    left = timezone.now() - timedelta(minutes=31)
    Membership.objects.filter(user=alice).update(last_used_at=left)

    assert record_use(user=alice, team=team) == left
    with django_assert_num_queries(1):
        assert record_use(user=alice, team=team) == left
    Membership.objects.filter(user=alice).update(last_used_at=timezone.now() - timedelta(minutes=29))
    assert record_use(user=alice, team=team) == left


def test_team_is_found_by_slug_then_by_name_then_by_its_folded_name(db):
    plain, accented, slug = (
        Team.objects.create(name=n, slug=s) for n, s in (("Cafe", "a"), ("Café", "b"), ("C", "cafe"))
    )
    lodz = Team.objects.create(name="Łódź", slug="d")

    found = {word: find_team(word) for word in ("cafe", "Cafe", "Café", "lodz", "ŁO\u0301DZ\u0301")}

    assert list(found.values()) == [slug, plain, accented, lodz, lodz]
    with pytest.raises(LookupError, match="2 teams are called 'CAFE'; there are: a, b"):
        find_team("CAFE")
