"""`manage.py remove_second_factor`: the way out for a user who has lost everything."""

import pytest
from django.core.management import CommandError, call_command

from generations.queries.accounts.two_factor import has_second_factor
from tests.infrastructure.authenticator import set_up_app

pytestmark = pytest.mark.django_db


def test_factor_is_removed_and_reported(alice, bob, capsys, caplog):
    set_up_app(alice)
    set_up_app(bob)

    call_command("remove_second_factor", "Alice@example.test")

    assert capsys.readouterr().out.startswith("alice@example.test now signs in with the password alone")
    assert "the second factor of alice@example.test was removed from the command line" in caplog.text
    assert (has_second_factor(alice), has_second_factor(bob)) == (False, True)


@pytest.mark.parametrize(
    ("email", "why"),
    [("nobody@example.test", "No user has the email address"), ("bob@example.test", "has no second factor")],
)
def test_nothing_to_remove_is_reported(bob, email, why):
    with pytest.raises(CommandError, match=why):
        call_command("remove_second_factor", email)
