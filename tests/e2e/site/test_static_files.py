"""Every page with the static files of production: few of them, and no complaint of the browser.

The pages come from Django's test client and the browser gets them from here, so no server runs beside the test.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from tests.authorisation.asking import address
from tests.authorisation.conftest import built, world  # noqa: F401  (fixtures)
from tests.authorisation.database import taken_back
from tests.authorisation.row import GET
from tests.authorisation.rows import ROWS

pytestmark = pytest.mark.django_db
MAX_FILES = 3
MIN_PAGES = 40
HOST = "https://testserver"  # a secure origin, as in production
LOADED = {"styles": re.compile(r'<link rel="stylesheet"'), "scripts": re.compile(r"<script\b")}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/json"}
# Someone for each page: those who see most come first. Django's admin has style sheets of its own.
PEOPLE = ("owner", "superuser", "anonymous")
PAGES = [
    (who, row)
    for row in ROWS
    if row.method == GET and not row.name.startswith(("admin:", "api"))
    for who in [next((who for who in PEOPLE if row.expected(who) == 200), "")]
    if who
]


@pytest.fixture
def collected(settings, tmp_path):
    """Use the static files as `collectstatic` leaves them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "hidream_site.static_files.BundledStorage"},
    }
    settings.STATIC_ROOT = tmp_path
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    call_command("collectstatic", verbosity=0, interactive=False)
    yield tmp_path
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


def test_every_page_loads_few_files_and_complains_of_none(new_context, complaints, world, collected):  # noqa: F811
    page = new_context(base_url=HOST).new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found, seen, answer = {}, 0, []
    page.route("**/*", lambda route: _fulfil(route, *answer, collected))  # type: ignore[call-arg]

    for who, row in PAGES:
        with taken_back():
            response = world.client(who).get(address(row, world))
            body = response.getvalue()
            if not response.get("Content-Type", "").startswith("text/html"):
                continue
        answer[:] = response, body
        page.goto(f"/{seen}/")
        seen += 1
        counts = {name: len(pattern.findall(body.decode())) for name, pattern in LOADED.items()}
        if complaints or max(counts.values()) > MAX_FILES:
            found[f"{who} {row}"] = (counts, list(complaints))
        complaints.clear()

    assert found == {}
    assert seen >= MIN_PAGES


def _fulfil(route, response, body: bytes, collected: Path):
    if route.request.is_navigation_request():
        route.fulfill(status=200, headers=dict(response.items()), body=body)
        return
    path = urlsplit(route.request.url).path
    file = collected / path.removeprefix("/static/")
    if path.startswith("/static/") and file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "application/octet-stream"))
    elif path.startswith("/static/"):
        route.fulfill(status=404)  # the browser says so on its console
    else:
        route.fulfill(status=204)  # pictures and polls
