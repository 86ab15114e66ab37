"""“Was this made here?”: the picture of a file for users who can see it, and one answer for all others."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from generations.models import Generation, Visibility
from generations.storage import files
from tests.factories import draw
from tests.imaging.metadata import with_manifest
from tests.imaging.pictures import flipped, picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ADDRESS = "/t/harbour/verify/"
YES, NO = "This picture was generated here", "No match"


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="two boats", output_format="webp")


def ask(client, data=b"", *, sha256="", address=ADDRESS):
    fields = {"sha256": sha256} | ({"file": SimpleUploadedFile("boats.webp", data)} if data else {})
    return client.post(address, fields)


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("asked", ["png", "jpg", "webp"])
def test_original_and_download_lead_to_their_picture(client, alice, team, emulator, asked):
    picture = draw(alice, team, output_format=asked)
    original = files.read(picture.image.path)
    copy = client.get(f"/g/{picture.id}/image?download").content

    of_original, of_copy = text(ask(client, original)), text(ask(client, copy))

    assert "untouched original" in of_original
    assert "copy downloaded here" in of_copy
    assert YES in of_original
    assert f'href="/g/{picture.id}/"' in of_original
    assert f'href="/g/{picture.id}/"' in of_copy


def test_copy_with_words_leads_to_its_picture(client, team, picture):
    type(team).objects.update(prompt_in_downloads=True, prompt_in_shared_copies=True)

    assert YES in text(ask(client, client.get(f"/g/{picture.id}/image?download").content))


@pytest.mark.parametrize("before", ["", "SHA256:", " "])
@pytest.mark.parametrize("after", ["", "  boats.webp", "\n"])
def test_hash_leads_to_its_picture_as_tools_print_it(client, picture, before, after):
    assert YES in text(ask(client, sha256=f"{before}{picture.image.sha256.upper()}{after}"))


def test_hash_may_stand_in_the_address(client, picture):
    assert YES in text(client.get(ADDRESS, {"sha256": picture.image.sha256}))


def test_changed_pixel_is_not_recognised_and_its_mark_is_named(client, picture):
    copy = client.get(f"/g/{picture.id}/image?download").content

    response = ask(client, flipped(copy, len(copy) // 2))

    assert NO in text(response)
    assert "HiDream Gallery&#x27;s AI metadata" in text(response)


def test_thumbnail_is_said_to_carry_the_mark(client, picture):
    answer = text(ask(client, client.get(f"/g/{picture.id}/thumb/320.webp").getvalue()))

    assert NO in answer
    assert "It may be a thumbnail" in answer


def test_signed_file_is_said_to_be_signed(client):
    answer = text(ask(client, with_manifest(picture_file("png"), "png")))

    assert NO in answer
    assert "C2PA manifest" in answer


@pytest.mark.parametrize("data", [b"text", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\xff\xd8\xff"])
def test_any_file_has_an_answer(client, data):
    assert NO in text(ask(client, data))


def test_answer_is_the_same_for_what_is_not_here_and_for_what_is_not_yours(as_, alice, charlie, team, picture):
    """Another team's picture gets the same answer as an unknown file."""
    data = files.read(picture.image.path)
    stranger = as_(charlie)

    hers = ask(stranger, data, address="/t/charlies/verify/")
    nobodys = ask(stranger, flipped(data, 100), address="/t/charlies/verify/")

    assert NO in text(hers)
    assert _without_hash(hers, data) == _without_hash(nobodys, flipped(data, 100))


def _without_hash(response, data):
    """Return the page's lines without what differs between any two requests."""
    sha256 = hashlib.sha256(data).hexdigest()
    token = response.wsgi_request.META["CSRF_COOKIE"]
    page = text(response).replace(sha256, "").replace(sha256[:12], "")
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and token not in line]


def test_private_picture_is_found_by_its_owner_and_managers_only(as_, alice, bob, vera, team, emulator):
    picture = draw(bob, team)
    Generation.objects.update(visibility=Visibility.PRIVATE)
    data = files.read(picture.image.path)

    found = [YES in text(ask(as_(user), data)) for user in (bob, alice, vera)]

    assert found == [True, True, False]


def test_viewer_may_ask(as_, vera, picture):
    assert YES in text(ask(as_(vera), files.read(picture.image.path)))


def test_page_of_another_team_is_missing(as_, charlie, team):
    assert as_(charlie).get(ADDRESS).status_code == 404
    assert ask(as_(charlie), b"x").status_code == 404


def test_picture_in_the_trash_is_found_and_said_to_be_there(client, picture):
    Generation.objects.update(deleted_at=timezone.now())

    assert "in the trash" in text(ask(client, files.read(picture.image.path)))


def test_purged_picture_is_not_here_any_more(client, picture):
    data = files.read(picture.image.path)
    Generation.objects.update(purged_at=timezone.now())

    assert NO in text(ask(client, data))


@pytest.mark.parametrize(
    ("sha256", "sentence"),
    [
        ("", "Choose a file, or enter"),
        ("abc", "“abc” isn&#x27;t a SHA-256 hash"),
        ("g" * 64, "isn&#x27;t a SHA-256 hash"),
        ("<script>" + "a" * 100, "isn&#x27;t a SHA-256 hash"),
        ("a" * 301, "at most 300"),
        ("\0", "Null characters"),
    ],
)
def test_question_that_makes_no_sense_is_told_what_is_missing(client, sha256, sentence):
    response = ask(client, sha256=sha256)

    assert response.status_code == 422
    assert sentence in text(response)
    assert "<script>a" not in text(response)
    assert YES not in text(response)


def test_empty_file_is_said_to_be_empty(client):
    response = client.post(ADDRESS, {"file": SimpleUploadedFile("a.png", b"")})

    assert (response.status_code, "This file is empty" in text(response)) == (422, True)


def test_file_above_the_limit_is_refused_and_not_held(client, settings, monkeypatch):
    settings.MAX_UPLOAD_BYTES = settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100_000

    response = ask(client, bytes(200_000))

    assert response.status_code == 413
    assert "larger than" in text(response)
    assert response.wsgi_request.FILES == {}


def test_nothing_is_written_for_a_question(client, picture, data_dir, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    (tmp_path / "uploads").mkdir()
    before = sorted((path, path.stat().st_mtime_ns) for path in data_dir.rglob("*"))

    ask(client, picture_file("png", 1500, 1500) + bytes(5_000_000))

    assert sorted((path, path.stat().st_mtime_ns) for path in data_dir.rglob("*")) == before
    assert list((tmp_path / "uploads").iterdir()) == []


# The savepoint and its release, a count for the hour and one for the day, and the row.
RATE_LIMIT = 5


def test_one_question_costs_two_queries_more_than_the_page(client, picture, django_assert_num_queries):
    data = files.read(picture.image.path)
    client.get(ADDRESS)

    with django_assert_num_queries(11) as page:
        client.get(ADDRESS)
    # One for the file as it is served, and one for the file as it was received.
    locks = connection.vendor == "postgresql"
    with django_assert_num_queries(len(page.captured_queries) + 2 + RATE_LIMIT + locks):
        ask(client, data)


def test_menu_of_every_page_leads_there(client, team):
    assert f'href="{ADDRESS}"' in text(client.get("/t/harbour/"))
