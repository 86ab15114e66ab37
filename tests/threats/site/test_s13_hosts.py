"""Threat S13: hosts and addresses that a visitor sends decide nothing; behind nginx see test_behind_nginx.py."""

import re
import threading
from ipaddress import ip_network

import pytest
from django.core import mail
from django.test import Client

from generations.services.accounts import login_throttle
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
EVIL = [
    "evil.example",
    "testserver.evil.example",
    "evil.example:80",
    "testserver@evil.example",
    "testserver:80@evil.example",
    "",
    "a b",
]
SPOOFED = {
    "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example;proto=https", "X-Host": "evil.example",
    "X-Original-URL": "http://evil.example/", "X-Forwarded-Server": "evil.example", "X-Forwarded-Port": "666",
}  # fmt: skip
PAGES = ["/login/", "/accounts/reset/", "/healthz", "/s/x/", "/invitation/x/", "/no/such/page", "/"]


@pytest.mark.parametrize("host", EVIL)
def test_s13_foreign_host_is_a_400(host):
    for path in PAGES[:2] + PAGES[3:]:
        response = Client().get(path, headers={"host": host})
        assert (response.status_code, b"evil" in response.content) == (400, False)


def letters():
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()
    return [letter.body for letter in mail.outbox]


def test_s13_letters_name_the_host_of_the_site(alice, as_, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = as_(alice, headers=SPOOFED)
    client.post("/accounts/reset/", {"email": alice.email})
    client.post("/t/harbour/people/", {"role": "member", "email": "guest@example.test"})
    client.post("/accounts/email", {"email": "new@example.test", "current_password": PASSWORD})

    links = [link for body in letters() for link in re.findall(r"https?://\S+", body)]

    assert len(links) >= 3
    assert [link for link in links if not link.startswith("http://testserver/")] == []


def test_s13_port_that_the_visitor_made_up_is_in_no_letter_and_no_link(alice, as_, picture, settings):
    """Django compares the host alone, whatever port follows it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ALLOWED_HOSTS = ["gallery.example"]
    settings.SITE_URL, settings.SITE_URL_IS_GIVEN = "https://gallery.example:8443", True
    client = as_(alice, headers={"Host": "gallery.example:666"})
    client.post("/accounts/reset/", {"email": alice.email})
    client.post("/t/harbour/people/", {"role": "member", "email": "guest@example.test"})
    client.post("/accounts/email", {"email": "new@example.test", "current_password": PASSWORD})
    shown = client.post(f"/g/{picture.id}/share", {"expires": "7"}, follow=True).content.decode()

    links = [link for body in letters() for link in re.findall(r"https?://\S+", body)]
    public = re.findall(r"https?://[^\"<]+/s/[\w-]{43}/", shown)

    assert len(links) >= 3
    assert public
    assert [link for link in links + public if not link.startswith("https://gallery.example:8443/")] == []


def test_s13_link_that_is_shown_names_the_host_of_the_site(alice, as_, picture):
    html = as_(alice, headers=SPOOFED).post(f"/g/{picture.id}/share", {"expires": "7"}, follow=True).content.decode()

    assert set(re.findall(r"https?://[^/\"]+/s/", html)) == {"http://testserver/s/"}
    assert "evil" not in html


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_s13_made_up_address_moves_no_limit(alice, settings, behind_proxy):
    """Behind the proxy the last address counts, which the proxy writes; without one, that of the socket."""
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")] if behind_proxy else []
    for _ in range(12):
        login_throttle.record_failure("address", alice.email, "203.0.113.5")
    login_throttle.seconds_until_retry("address", alice.email, "203.0.113.5")
    here = (
        {"HTTP_X_FORWARDED_FOR": "{}, 203.0.113.5"}
        if behind_proxy
        else {"REMOTE_ADDR": "203.0.113.5", "HTTP_X_FORWARDED_FOR": "{}"}
    )

    for n in range(5):
        spoofed = {name: value.format(f"198.51.100.{n}") for name, value in here.items()}
        form = {"username": alice.email, "password": PASSWORD}
        response = Client().post("/login/", form, HTTP_X_REAL_IP="198.51.100.9", **spoofed)  # type: ignore[arg-type]
        assert response.status_code == 429


@pytest.mark.parametrize(("peer", "secure"), [("127.0.0.1", True), ("203.0.113.5", False)])
def test_s13_only_a_trusted_proxy_says_that_a_request_came_over_tls(settings, peer, secure):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get("/login/", HTTP_X_FORWARDED_PROTO="https", REMOTE_ADDR=peer)

    assert response.status_code == (200 if secure else 301)


def test_s13_proxy_that_is_not_trusted_is_named_once(settings, caplog):
    """Otherwise every page would redirect to itself without an explanation."""
    client = Client()
    for _ in range(3):
        client.get("/login/", HTTP_X_FORWARDED_PROTO="https", REMOTE_ADDR="10.0.0.7")

    said = [record.getMessage() for record in caplog.records if record.name == "hidream_site.proxies"]
    assert said == [
        "10.0.0.7 sends X-Forwarded-Proto and is not in TRUSTED_PROXIES. If it is your proxy, add it there."
    ]
