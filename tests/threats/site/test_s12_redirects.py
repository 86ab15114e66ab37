"""Threat S12: the next page that a form names is always a page of this site."""

import re
from itertools import product
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client

from generations.models import Attempt
from tests.factories import PASSWORD, order
from tests.hidream_site.test_settings import ROOT
from tests.threats.addresses import address, patterns

pytestmark = pytest.mark.django_db
HERE = "http://testserver/t/harbour/"
ELSEWHERE = [
    "https://evil.example", "http://evil.example/x", "//evil.example", "///evil.example", "////evil.example",
    "http:evil.example",
    "https:evil.example", "https:///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example", " //evil.example", "/\n/evil.example", "\x00//evil.example", "\x01//evil.example",
    "javascript:alert(1)",
    "data:text/html,x", "//testserver@evil.example/", "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://[::1", "//\uff45vil.example", "/\r\nLocation: https://evil.example",
    "/%0d%0aLocation:%20https://evil.example", "//evil.example/t/harbour/",
]  # fmt: skip
COMMONEST = ["https://evil.example", "//evil.example", "/\\evil.example"]
# Views that read the field themselves; a new one must be tried here.
READERS = {
    "account", "actions", "bulk_actions", "collection_list", "link_list", "notifications", "resolve_unknown",
    "two_factor_settings", "two_factor_sign_in", "unsent_forms",
}  # fmt: skip


def host_of(location):
    """Return the host to which a browser goes: it drops tabs and line feeds and reads a backslash as a slash."""
    return urlsplit(urljoin(HERE, re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/"))).netloc


def led_away(response):
    location = response.get("Location", response.get("HX-Redirect", ""))
    return bool(location) and (host_of(location) != "testserver" or bool(re.search(r"[\r\n]", location)))


def test_s12_reader_of_the_field_is_known():
    readers = {
        path.stem for path in Path(ROOT / "generations" / "views").rglob("*.py") if "get_next_url(" in path.read_text()
    }

    assert readers - {"requests"} == READERS


def test_s12_no_address_leads_away(as_, bob, world):
    """Requests every route by GET and by POST; changes are rolled back."""
    client, away = as_(bob), set()
    for pattern in patterns():
        for wish, ask in product(COMMONEST, (client.get, client.post)):
            with transaction.atomic():
                response = ask(address(pattern, world), {"next": wish})
                response.getvalue()
                transaction.set_rollback(True)
            if led_away(response):
                away.add((pattern.name, wish))

    assert away == set()


def actions(world):
    """Yield valid forms, which reach the redirect."""
    one = {"id": str(world.picture.id), "action": "favourite"}
    picture, team = f"/g/{world.picture.id}", f"/t/{world.team.slug}"
    (waiting,) = order(world.member, world.team)
    yield "/theme/", {"theme": "dark"}
    yield "/thumbnail-size/", {"size": "4"}
    yield f"{picture}/favourite", {}
    yield f"{picture}/delete", {}
    yield f"{picture}/restore", {}
    yield f"/g/{waiting.id}/cancel", {}
    yield f"{picture}/look-up", {}
    yield f"{picture}/retry", {"accept": "1", "attempt": str(Attempt.objects.first().id)}
    yield f"{picture}/mark-lost", {"reason": "gone"}
    yield f"{team}/selection/", one
    yield f"{team}/selection/?restore=1", {}
    yield f"{team}/links/revoke", {"person": "1", "all": "1"}
    yield f"{team}/collections/{world.collection.id}/cover", {"generation": str(world.picture.id)}
    yield f"/notifications/{world.ids['notification']}/read", {}
    yield "/accounts/confirm/", {"proof": PASSWORD}


def test_s12_forms_go_back_to_a_page_of_the_site_and_nowhere_else(as_, alice, world):
    client, back = as_(alice), "/t/harbour/?q=boats"
    for url, data in actions(world):
        assert client.post(url, {**data, "next": back}).get("Location") == back, url
        away = [wish for wish in ELSEWHERE if led_away(client.post(url, {**data, "next": wish}))]
        assert away == [], url


def test_s12_signing_in_leads_nowhere_else(alice):
    """Django's admin has no sign-in form of its own and redirects to this one."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    for wish in ELSEWHERE:
        client = Client()
        form = {"username": alice.email, "password": PASSWORD, "next": wish}
        answers = [client.get(door, {"next": wish}) for door in ("/admin/login/", "/login/")]
        answers += [client.post("/login/", form), client.get("/login/", {"next": wish})]
        assert [led_away(answer) for answer in answers] == [False] * 4, wish
        assert [answers[number].status_code for number in (0, 2)] == [302, 302]
        assert not led_away(client.post("/logout/", {"next": wish}))
