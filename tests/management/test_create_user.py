"""`manage.py create_user`: how the first owner of a site is made."""

import io

import pytest
from django.core.management import CommandError, call_command

from generations.management.commands.create_user import NO_SUPERUSER
from generations.models import Membership, Role, User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def create(monkeypatch, capsys):
    """Run the command with a password on standard input, and return what it printed."""

    def run(*arguments, password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        call_command("create_user", *arguments, "--password-stdin")
        return capsys.readouterr().out

    return run


def test_first_owner_is_made_with_a_team(create):
    said = create("Dora@Example.test", "--team", "Harbour team", "--role", "owner", "--name", "Dora")

    user = User.objects.get()
    assert said == f"Dora@Example.test is owner of Harbour team.\n{NO_SUPERUSER}\n"
    assert (user.email, user.name, user.check_password(PASSWORD)) == ("dora@example.test", "Dora", True)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert Membership.objects.get().role == Role.OWNER


def test_team_that_there_is_may_be_named_by_its_slug(create, team):
    create("dora@example.test", "--team", team.slug)

    assert Membership.objects.get().team == team


def test_hint_to_make_a_superuser_is_printed_until_there_is_one(create):
    root = User.objects.create_superuser("root@example.test", PASSWORD)

    with_one = create("dora@example.test", "--team", "Sea")
    User.objects.filter(pk=root.pk).update(is_active=False)
    without = create("emma@example.test", "--team", "Sea")

    assert (NO_SUPERUSER in with_one, NO_SUPERUSER in without) == (False, True)


def test_password_may_hold_blanks_and_ends_at_the_line(create):
    create("dora@example.test", "--team", "Sea", password=" spaces around it ")

    assert User.objects.get().check_password(" spaces around it ")


@pytest.mark.parametrize(
    ("address", "password", "sentence"),
    [
        ("dora@example.test", "short", "This password is too short."),
        ("dora@example.test", "password1234", "This password is too common."),
        ("dora@example.test", "", "This password is too short."),
        ("no address", PASSWORD, "Enter a valid email address."),
    ],
)
def test_invalid_values_are_refused_and_nothing_is_created(create, address, password, sentence):
    with pytest.raises(CommandError, match=sentence):
        create(address, "--team", "Sea", password=password)

    assert not User.objects.exists()


def test_address_that_is_taken_is_refused(create):
    create("dora@example.test", "--team", "Sea")

    with pytest.raises(CommandError, match="already has an account"):
        create("DORA@example.test", "--team", "Sea")
    assert User.objects.count() == 1


def test_role_that_does_not_exist_is_refused(create):
    with pytest.raises(CommandError, match="king"):
        create("dora@example.test", "--team", "Sea", "--role", "king")


@pytest.mark.parametrize(("second", "made"), [(PASSWORD, 1), ("another", 0)])
def test_password_that_is_typed_is_asked_for_twice(monkeypatch, second, made):
    typed = iter([PASSWORD, second])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))

    if made:
        call_command("create_user", "dora@example.test", "--team", "Sea")
    else:
        with pytest.raises(CommandError, match=r"The two passwords differ; no user was created\."):
            call_command("create_user", "dora@example.test", "--team", "Sea")

    assert User.objects.count() == made
