"""Pages are in the language that the browser asks for; emails are in the language of the site."""

from datetime import UTC, datetime

import pytest
from django.core import mail as post
from django.test import Client
from django.utils import translation

from generations.services.site import mail

pytestmark = pytest.mark.django_db
ARABIC = {"accept-language": "ar"}


@pytest.fixture
def arabic(settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربيّة")]


@pytest.mark.parametrize("address", ["/login/", "/no/such/page/"])
def test_page_names_its_language_and_direction(as_, alice, arabic, address):
    client = Client() if address == "/login/" else as_(alice)

    assert '<html lang="ar" dir="rtl"' in client.get(address, headers=ARABIC).content.decode()
    assert '<html lang="en" dir="ltr"' in client.get(address).content.decode()


def test_page_of_an_error_needs_nothing_of_the_request(arabic, settings):
    settings.ROOT_URLCONF = "tests.views.site.broken_urls"

    page = Client(raise_request_exception=False).get("/broken/", headers=ARABIC)

    assert (page.status_code, '<html lang="ar" dir="rtl"' in page.content.decode()) == (500, True)


def test_mail_is_in_the_language_of_the_site_whoever_caused_it(alice, settings):
    settings.LANGUAGE_CODE = "de"
    at = datetime(2026, 3, 1, 14, 2, tzinfo=UTC)

    with translation.override("fr"):
        assert mail.send("two_factor", alice.email, name="Alice", change="app added", passkey="", at=at)
        assert translation.get_language() == "fr"

    assert "1. März 2026" in post.outbox[0].body
