"""Threat S9: no cache keeps a page, and only the browser's own keeps a picture.

tests/deploy/test_behind_nginx.py tests a real caching proxy.
"""

import re

import pytest
from django.test import Client

from generations.models import Generation, Visibility
from tests.hidream_site.test_settings import ROOT
from tests.sharing import addresses as shared_addresses
from tests.sharing import outsider
from tests.threats.addresses import address, patterns

pytestmark = pytest.mark.django_db


def answers(client, world):
    """Yield every page and file that a GET returns, by the name of its route."""
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


@pytest.mark.parametrize("kind", ["image", "thumb/320.webp", "thumb/1280.webp", "image?download"])
def test_s09_private_picture_is_asked_for_each_time(as_, bob, alice, picture, kind):
    """Within one process a browser shows a picture from its memory to the next user who signs in."""
    Generation.objects.update(visibility=Visibility.PRIVATE)
    client, url = as_(bob), f"/g/{picture.id}/{kind}"
    response = client.get(url)
    response.getvalue()

    assert (response["Cache-Control"], response["Vary"]) == ("private, no-cache", "Cookie")
    assert client.get(url, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_s09_nothing_behind_a_share_link_is_kept(world):
    base = f"/s/{world.tokens['share']}/"

    for url in [base, *shared_addresses(base, world.picture)]:
        response = outsider().get(url)
        assert response.getvalue()
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
        assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("url", ["/logout/", "/admin/logout/"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_s09_signing_out_empties_the_browsers_cache(as_, alice, url, headers):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    response = as_(alice).post(url, headers=headers)

    assert response["Clear-Site-Data"] == '"cache"'
    # The script of that page deletes the drafts.
    assert response["Location"] == "/login/?signed-out"
    assert "data-signed-out" in Client().get(response["Location"]).content.decode()


FREE_TEXT = re.compile(
    r"<(?:textarea\b[^>]*|input\b(?![^>]*\btype=)[^>]*|input\b[^>]*\btype=\"(?:text|search)\"[^>]*)>"
)


def test_s09_no_field_of_words_is_remembered_by_the_browser():
    """Text is neither suggested to the next user nor restored when the page is reloaded."""
    remembered = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        form = ""
        # In order, because a field is judged by the form that contains it.
        for found in re.finditer(r"<form\b[^>]*>|</form>|" + FREE_TEXT.pattern, path.read_text()):
            tag = found[0]
            if tag.startswith("<form"):
                form = tag
            elif tag == "</form>":
                form = ""
            elif not any(word in tag for word in ("autocomplete=", "readonly")) and 'autocomplete="off"' not in form:
                remembered.setdefault(path.name, []).append(tag[:60])

    # They are included in a form that has the attribute for all its fields.
    assert remembered.keys() <= {"_field.html"}, remembered


@pytest.mark.parametrize(
    ("path", "host"), [("/login/", "elsewhere.test"), ("/no/such/page", "testserver"), ("/login", "testserver")]
)
def test_s09_refusal_is_not_kept_either(path, host):
    assert "no-store" in Client().get(path, headers={"host": host}).get("Cache-Control", "")
