"""A new DJANGO_SECRET_KEY: with the old one as a fallback nobody notices; without it a stated part is lost."""

import pytest
from django.core.management import CommandError, call_command

from generations.models import ShareLink
from generations.services.accounts import profile, two_factor
from generations.services.sharing import share_links
from tests.factories import draw
from tests.infrastructure.authenticator import code_of, set_up_app
from tests.sharing import outsider, share

pytestmark = pytest.mark.django_db
WHO = ("account", "alice@example.test")
PASSWORD = "open sesame street"


@pytest.fixture
def world(alice, team, as_, emulator):
    """Return what was signed or encrypted with the key before: each entry says whether it still works."""
    secret, codes = set_up_app(alice)
    browser = as_(alice)
    link, base = share(alice, draw(alice, team), password=PASSWORD)
    visitor = outsider()
    visitor.post(base, {"password": PASSWORD})
    mailed = profile.email_change_token(user=alice, new="alice@new.example.test")
    return {
        "session": lambda: browser.get("/accounts/").status_code == 200,
        "password of a link": lambda: "Password required" not in visitor.get(base).content.decode(),
        "link in an email": lambda: profile.email_change_from_token(mailed) is not None,
        "link to copy again": lambda: share_links.token_of(actor=alice, link=ShareLink.objects.get(pk=link.pk)) != "",
        "app": lambda: two_factor.use_code(user=alice, code=code_of(secret), who=WHO),
        "recovery code": lambda: two_factor.use_code(user=alice, code=codes[0], who=WHO),
    }


SIGNED = {"session", "password of a link", "link in an email"}
ENCRYPTED = {"app", "recovery code", "link to copy again"}


def works(world):
    return {name for name, asked in world.items() if asked()}


def change_key(settings, *, keep):
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key of this site, drawn by the operator"
    settings.SECRET_KEY_FALLBACKS = [old] if keep else []


def test_new_key_alone_ends_all_of_it(world, settings):
    change_key(settings, keep=False)

    assert works(world) == set()


def test_old_key_as_fallback_keeps_all_of_it(world, settings):
    change_key(settings, keep=True)

    assert works(world) == SIGNED | ENCRYPTED


def test_what_is_encrypted_outlives_the_old_key_once_encrypted_anew(world, settings, capsys):
    change_key(settings, keep=True)
    call_command("reencrypt_secrets")
    settings.SECRET_KEY_FALLBACKS = []

    assert works(world) == ENCRYPTED
    assert "2 second factors and 1 share links use the present DJANGO_SECRET_KEY." in capsys.readouterr().out


def test_secrets_that_no_key_reads_are_counted_and_kept(world, settings):
    old = settings.SECRET_KEY
    change_key(settings, keep=False)

    with pytest.raises(CommandError, match="2 second factors and 1 share links cannot be read"):
        call_command("reencrypt_secrets")

    settings.SECRET_KEY_FALLBACKS = [old]
    assert works(world) == SIGNED | ENCRYPTED
