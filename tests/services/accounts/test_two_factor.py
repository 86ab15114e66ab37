"""Codes of an app and recovery codes: each opens once, and the database alone opens nothing."""

import threading

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection

from generations.errors import GalleryError
from generations.queries.accounts.two_factor import has_second_factor, second_factor_of
from generations.services.accounts import two_factor
from tests.infrastructure.authenticator import code_of, set_up_app

pytestmark = pytest.mark.django_db
WHO = ("account", "alice@example.test")


def takes(user, code):
    return two_factor.use_code(user=user, code=code, who=WHO)


def test_authenticator_shows_what_the_standard_says():
    """RFC 6238, appendix B, the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert [code_of(secret, at=at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_code_opens_once_and_so_does_none_before_it(alice):
    secret, _ = set_up_app(alice)

    assert takes(alice, code_of(secret, steps=1))
    assert not takes(alice, code_of(secret, steps=1))
    assert not takes(alice, code_of(secret))


def test_code_that_set_the_app_up_does_not_open_too(alice):
    secret, _ = set_up_app(alice)

    assert not takes(alice, code_of(secret, steps=-1))
    assert takes(alice, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ")


@pytest.mark.parametrize("steps", [-3, 3])
def test_code_of_another_minute_opens_nothing(alice, steps):
    secret, _ = set_up_app(alice)

    assert not takes(alice, code_of(secret, steps=steps))


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "١٢٣٤٥٦", "1" * 20])
def test_what_is_no_code_opens_nothing(alice, code):
    set_up_app(alice)

    assert not takes(alice, code)


def test_recovery_code_opens_once(alice):
    _, codes = set_up_app(alice)

    assert len(set(codes)) == 10
    assert takes(alice, codes[3])
    assert not takes(alice, codes[3])
    assert two_factor.codes_left(second_factor_of(alice).codes) == 9


def test_new_codes_end_the_old_ones(alice):
    _, old = set_up_app(alice)
    new = two_factor.new_codes(user=alice)

    assert not any(takes(alice, code) for code in old)
    assert takes(alice, new[0])


def test_codes_of_somebody_else_open_nothing(alice, bob):
    secret, codes = set_up_app(alice)
    set_up_app(bob)

    assert not takes(bob, code_of(secret))
    assert not takes(bob, codes[0])


def test_nothing_readable_lies_in_the_database(alice):
    secret, codes = set_up_app(alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        kept = str(cursor.fetchall())

    assert secret not in kept
    assert not any(code in kept for code in codes)


def test_other_key_of_the_site_opens_nothing_and_breaks_nothing(alice, settings):
    secret, codes = set_up_app(alice)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key of this site, drawn by the operator"

    assert not takes(alice, code_of(secret))
    assert not takes(alice, codes[0])
    assert two_factor.codes_left(second_factor_of(alice).codes) == 0

    settings.SECRET_KEY_FALLBACKS = [old]
    assert takes(alice, code_of(secret))


def test_second_app_is_refused(alice):
    set_up_app(alice)

    with pytest.raises(GalleryError, match="already"):
        set_up_app(alice)


def test_codes_need_something_to_replace(alice):
    with pytest.raises(GalleryError, match="Set up an authenticator app or passkey first"):
        two_factor.new_codes(user=alice)


def test_recovery_codes_go_with_the_last_thing_they_replace(alice):
    set_up_app(alice)
    two_factor.remove(user=alice, authenticator=second_factor_of(alice).app)

    assert not has_second_factor(alice)
    assert not Authenticator.objects.exists()


def test_person_is_told_of_every_change(alice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(alice)
        two_factor.remove_all(user=alice)
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()

    assert {letter.to[0] for letter in mail.outbox} == {alice.email}
    for said in (
        "An authenticator app was added to your account.",
        "A site admin turned off",
    ):
        assert [said in letter.body for letter in mail.outbox].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_same_code_at_the_same_moment_opens_once(alice):
    secret, codes = set_up_app(alice)
    opened, start = [], threading.Barrier(4)

    def enter(code):
        start.wait()
        opened.append(takes(alice, code))
        connection.close()

    for code in (code_of(secret, steps=1), codes[0]):
        opened.clear()
        threads = [threading.Thread(target=enter, args=[code]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(opened) == [False, False, False, True]
