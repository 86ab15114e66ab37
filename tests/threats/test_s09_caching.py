"""Threat S9: no cache keeps a page, and no cache but the browser's own keeps a picture.

tests/threats/test_s09_caching_proxy.py asks a real caching proxy.
"""

import pytest
from django.test import Client

from tests.sharing import addresses as shared_addresses
from tests.sharing import outsider
from tests.threats.addresses import address, patterns

pytestmark = pytest.mark.django_db


def answers(client, world):
    """Every page and file that a GET gives, by the name of its route."""
    for pattern in patterns():
        response = client.get(address(pattern, world))
        response.getvalue()
        yield pattern.name, response


def test_s09_no_page_is_kept(as_, alice, world):
    kept = {
        name: response.get("Cache-Control")
        for name, response in answers(as_(alice), world)
        if not response.get("Content-Type", "").startswith("image/")
        and not {"private", "no-store"} <= set(response.get("Cache-Control", "").split(", "))
    }

    assert kept == {}


def test_s09_no_page_for_a_stranger_is_kept(world):
    kept = {
        name: response.get("Cache-Control")
        for name, response in answers(Client(), world)
        if "no-store" not in response.get("Cache-Control", "")
    }

    assert kept == {}


@pytest.mark.parametrize("kind", ["image", "thumb/320.webp", "thumb/1280.webp", "image?download"])
def test_s09_picture_is_kept_by_the_browser_alone(as_, alice, picture, kind):
    response = as_(alice).get(f"/g/{picture.id}/{kind}")
    words = "no-cache" if "download" in kind else "max-age=31536000, immutable"

    assert response.getvalue()
    assert response["Cache-Control"] == f"private, {words}"
    assert response["Vary"] == "Cookie"
    assert response["ETag"].startswith('"')


def test_s09_nothing_behind_a_share_link_is_kept(world):
    base = f"/s/{world.tokens['share']}/"

    for url in [base, *shared_addresses(base, world.picture)]:
        response = outsider().get(url)
        assert response.getvalue()
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
        assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_s09_signing_out_empties_the_browsers_cache(as_, alice, headers):
    assert as_(alice).post("/logout/", headers=headers)["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize(
    ("path", "host"), [("/login/", "elsewhere.test"), ("/no/such/page", "testserver"), ("/login", "testserver")]
)
def test_s09_refusal_is_not_kept_either(path, host):
    assert "no-store" in Client().get(path, headers={"host": host}).get("Cache-Control", "")
