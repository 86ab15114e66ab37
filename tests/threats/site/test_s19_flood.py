"""Threat S19: too large requests are refused in words and break nothing; behind nginx see test_behind_nginx.py."""

import json
import uuid
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Generation
from generations.schema import coerce
from generations.services.generations import archives
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db
CREATE = "/t/harbour/generations/"
HUGE = [
    "999999999", str(10**30), "-1", "0", "9" * 5000, "NaN", "1e309", "%00", "\x00", "ä" * 3000, "' OR 1=1 --",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff", "{" * 2000, "٣" * 40, "0x10", "9999-12-31", "0001-01-01", "[]",
    "a" * 8000,
]  # fmt: skip
NAMES = [
    "before", "after", "page", "q", "person", "collection", "tag", "size", "speed", "state", "from", "to", "favourite",
    "layout", "model", "ended", "sha256", "restore", "seen", "cards",
]  # fmt: skip
PAGES = [
    "/t/harbour/", "/t/harbour/poll/", "/t/harbour/queue/", "/t/harbour/trash/", "/t/harbour/links/",
    "/t/harbour/people/", "/t/harbour/collections/", "/t/harbour/tags/", "/t/harbour/verify/",
]  # fmt: skip


@pytest.fixture
def client(as_, alice):
    return as_(alice, raise_request_exception=False)


@pytest.mark.parametrize("page", [*PAGES, "one", "collection", "shared"])
def test_s19_address_full_of_nonsense_is_answered(client, world, page):
    places = {
        "one": f"/g/{world.picture.id}/", "collection": f"/t/harbour/collections/{world.collection.id}/",
        "shared": f"/s/{world.tokens['share']}/",
    }  # fmt: skip
    path = places.get(page, page)
    for text in HUGE:
        response = client.get(f"{path}?{urlencode(dict.fromkeys(NAMES, text))}")
        response.getvalue()
        assert response.status_code < 500, text


def test_s19_page_beyond_all_costs_no_more_than_the_first(client, picture):
    client.get("/t/harbour/")
    with CaptureQueriesContext(
        connection,
    ) as first:
        client.get("/t/harbour/")
    for query in (f"page={10**9}", f"before={uuid.UUID(int=0)}", "before=1000000000", f"q={'a' * 8000}"):
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"/t/harbour/?{query}").status_code < 400
        assert len(found) <= len(first) + 3


@pytest.mark.parametrize(
    "path", [CREATE, "/t/harbour/selection/", "/login/", "/accounts/name", "/t/harbour/people/", "/theme/"]
)
def test_s19_form_of_many_megabytes_is_a_413(client, team, path):
    response = client.post(path, "prompt=" + "x" * 1_100_000, content_type="application/x-www-form-urlencoded")

    assert (response.status_code, "Make it smaller" in response.content.decode()) == (413, True)


def test_s19_hundred_megabytes_are_not_kept_in_memory(client, team):
    """Django has discarded them when the form is read."""
    boundary = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    )
    body = boundary + bytes(100 * 1024 * 1024) + b"\r\n--x--\r\n"

    response = client.post("/t/harbour/verify/", body, content_type="multipart/form-data; boundary=x")

    assert response.status_code == 413


def test_s19_ten_thousand_chosen_pictures_are_refused(client, picture):
    body = urlencode([("action", "delete"), *(("id", str(uuid.uuid4())) for _ in range(10_000))])

    response = client.post("/t/harbour/selection/", body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400
    assert Generation.objects.get(id=picture.id).deleted_at is None


def test_s19_more_pictures_than_may_be_chosen_are_refused_in_words(client, picture):
    ids = [str(uuid.uuid4()) for _ in range(501)]

    html = client.post("/t/harbour/selection/", {"action": "zip", "id": ids}, follow=True).content.decode()

    assert "You selected 501 pictures; the maximum is 500." in html


@pytest.mark.parametrize(("limit", "value"), [("MAX_PICTURES", 0), ("MAX_BYTES", 10)])
def test_s19_zip_that_would_be_too_much_is_refused_before_it_begins(
    client, bob, team, picture, monkeypatch, limit, value
):
    monkeypatch.setattr(archives, limit, value)
    collection = collect(bob, team, picture, name="All of them")

    for response in (
        client.get(f"/t/harbour/collections/{collection.id}/zip", follow=True),
        client.post("/t/harbour/selection/", {"action": "zip", "id": [str(picture.id)]}, follow=True),
    ):
        assert "download them in parts." in response.content.decode()
        assert response["Content-Type"].startswith("text/html")

    _, base = share(bob, collection, allow_download=True)
    assert "too large for one ZIP" in outsider().get(f"{base}zip").content.decode()


def test_s19_length_of_a_prompt_is_looked_at_before_anything_else(client, team, monkeypatch):
    """Nothing that reads each character runs on text of unlimited size."""

    def looked(character):
        raise AssertionError("each character was looked at")

    monkeypatch.setattr(coerce.unicodedata, "category", looked)  # type: ignore[attr-defined]
    response = client.post(CREATE, {"prompt": "x" * 1_000_000})

    assert (response.status_code, Generation.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_s19_deep_json_is_no_form(client, team, kind):
    for body in ("[" * 100_000, json.dumps({"prompt": "words"}), '{"a":' * 50_000):
        response = client.post(CREATE, body, content_type=kind)
        assert 400 <= response.status_code < 500
    assert Generation.objects.count() == 0


def test_s19_thousands_of_fields_and_files_are_refused(client, team):
    many = urlencode([(f"f{n}", "x") for n in range(5000)])
    part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a{}.png"\r\n\r\nx\r\n'
    files = "".join(part.format(n) for n in range(500)) + "--x--\r\n"

    fields = client.post(CREATE, many, content_type="application/x-www-form-urlencoded")
    parts = client.post("/t/harbour/verify/", files, content_type="multipart/form-data; boundary=x")

    assert (fields.status_code, parts.status_code) == (400, 400)


FIELDS = ["count", "seed", "client_key", "collection", "visibility", "x-model", "size", "output_quality"]


@pytest.mark.parametrize("text", HUGE)
def test_s19_all_fields_of_an_order_may_be_anything(client, team, text):
    """Each field is read before any is refused."""
    assert client.post(CREATE, {"prompt": "words", **dict.fromkeys(FIELDS, text)}).status_code < 500


@pytest.mark.nightly
@pytest.mark.parametrize("name", FIELDS)
def test_s19_field_of_an_order_may_be_anything(client, team, name):
    for text in HUGE:
        assert client.post(CREATE, {"prompt": "words", name: text}).status_code < 500, text
