"""Pictures go only to who may see them, under an address a browser may keep for ever."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation, Image, Thumbnail
from generations.storage import files
from tests.factories import draw, order
from tests.views.downloads import name_of, size_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="Two boats, a “sign”", seed="41", output_format="jpg")


def original(client, picture, query="", **options):
    return client.get(f"/g/{picture.id}/image{query}", **options)


def thumbnail(client, picture, width=320, **options):
    return client.get(f"/g/{picture.id}/thumb/{width}.webp", **options)


def test_original_is_the_providers_bytes(client, picture, emulator):
    response = original(client, picture)

    content = response.getvalue()
    delivered = [entry for entry in emulator.control.ledger if entry.kind == "DELIVERED"][-1]
    assert hashlib.sha256(content).hexdigest() == picture.image.sha256 == delivered.body_sha256
    assert (response["Content-Type"], response["Content-Length"]) == ("image/jpeg", str(picture.image.size))


@pytest.mark.parametrize(("format", "kind"), [("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp")])
def test_original_is_sent_as_what_it_is(client, alice, team, emulator, format, kind):
    response = original(client, draw(alice, team, output_format=format))

    assert (response["Content-Type"], bool(response.getvalue())) == (kind, True)


@pytest.mark.parametrize("fetch", [original, thumbnail])
def test_picture_is_private_immutable_and_harmless(client, picture, fetch):
    response = fetch(client, picture)

    assert response.getvalue()
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Vary"] == "Cookie"


@pytest.mark.parametrize("fetch", [original, thumbnail])
def test_picture_the_browser_has_is_not_sent_again(client, picture, fetch):
    first = fetch(client, picture)
    etag = first["ETag"]
    assert first.getvalue()

    again = fetch(client, picture, headers={"If-None-Match": etag})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert again["Cache-Control"].startswith("private")


def test_etag_of_another_picture_does_not_count(client, picture):
    response = original(client, picture, headers={"If-None-Match": '"something"'})

    assert (response.status_code, bool(response.getvalue())) == (200, True)


def test_etag_gives_nothing_to_a_stranger(client, as_, charlie, picture):
    hers = original(client, picture)
    assert hers.getvalue()

    assert original(as_(charlie), picture, headers={"If-None-Match": hers["ETag"]}).status_code == 404


def test_download_is_named_after_words_and_seed(client, picture):
    shown, saved = original(client, picture), original(client, picture, "?download")

    assert shown.getvalue()
    assert saved.content
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Disposition"] == f'attachment; filename="Two boats a sign 41 {size_of(picture)}.jpg"'


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("日本の港", "日本の港 7"),
        ("x" * 200, "x" * 80 + " 7"),
        ("a\nb/../c", "a b c 7"),
        ("🍋", "🍋 7"),
        ("?", "picture 7"),
    ],
)
def test_download_is_named_in_the_prompts_own_letters(client, alice, team, emulator, prompt, name):
    picture = draw(alice, team, prompt=prompt, seed="7")
    response = original(client, picture, "?download")

    assert response.getvalue()
    assert name_of(response) == f"{name} {size_of(picture)}.webp"


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_thumbnail_is_a_webp_of_its_width(client, alice, team, emulator, width):
    response = thumbnail(client, draw(alice, team, resolution="1360x768"), width)

    content = response.getvalue()
    assert (response["Content-Type"], content[:4], content[8:12]) == ("image/webp", b"RIFF", b"WEBP")


@pytest.mark.parametrize("width", [0, 1, 319, 5000, 10**30])
def test_thumbnail_of_another_width_is_missing(client, picture, width):
    assert thumbnail(client, picture, width).status_code == 404


@pytest.mark.parametrize("loss", ["file", "half", "all"])
def test_missing_thumbnail_is_made_again(client, picture, loss):
    for one in picture.image.thumbnails.all():
        if loss == "half":
            files.save(one.path, files.read(one.path)[:40])
        else:
            files.delete(one.path)
    if loss == "all":
        Thumbnail.objects.all().delete()

    response = thumbnail(client, picture, 640)

    data = response.getvalue()
    assert (response.status_code, data[8:12], len(data) > 100) == (200, b"WEBP", True)
    assert Thumbnail.objects.count() == 3


def test_thumbnail_whose_original_is_gone_is_missing_with_a_sentence(client, picture):
    for path in [picture.image.path, *Thumbnail.objects.values_list("path", flat=True)]:
        files.delete(path)

    for response in (thumbnail(client, picture), original(client, picture)):
        assert response.status_code == 404
        assert "picture" in response.content.decode()


def test_generation_without_a_picture_has_no_file(client, alice, team):
    (row,) = order(alice, team)

    assert original(client, row).status_code == thumbnail(client, row).status_code == 404


def test_picture_in_the_trash_is_still_shown_to_its_team(client, picture):
    Generation.objects.update(deleted_at=timezone.now() - timedelta(days=1))

    assert original(client, picture).getvalue()


ESCAPES = ["../secret.txt", "/etc/hostname", "originals/../../secret.txt"]


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("accel", ["", "/protected/"])
def test_row_that_names_a_file_elsewhere_gets_nothing(as_, alice, picture, settings, data_dir, path, accel):
    settings.ACCEL_LOCATION = accel
    (data_dir.parent / "secret.txt").write_text("secret")
    Image.objects.update(path=path)

    response = original(as_(alice, raise_request_exception=False), picture)

    assert response.status_code == 404
    assert "X-Accel-Redirect" not in response
    assert b"secret" not in response.content


def test_link_out_of_the_folder_is_not_followed(as_, alice, picture, data_dir):
    secret = data_dir.parent / "secret.txt"
    secret.write_text("secret")
    path = data_dir / picture.image.path
    path.unlink()
    path.symlink_to(secret)

    assert original(as_(alice, raise_request_exception=False), picture).status_code == 404


def test_web_server_delivers_the_file_when_it_is_told_where(client, picture, settings):
    settings.ACCEL_LOCATION = "/protected/"

    response = original(client, picture)

    assert response["X-Accel-Redirect"] == f"/protected/{picture.image.path}"
    assert (response.content, response["Content-Type"]) == (b"", "image/jpeg")
    assert response["Cache-Control"].startswith("private")
    assert response["Content-Disposition"].startswith("inline")
    assert thumbnail(client, picture)["X-Accel-Redirect"].startswith("/protected/thumbnails/")


def test_web_server_delivers_nothing_to_a_stranger(as_, charlie, picture, settings):
    settings.ACCEL_LOCATION = "/protected/"

    response = original(as_(charlie), picture)

    assert (response.status_code, "X-Accel-Redirect" in response) == (404, False)


def download(client, picture, **options):
    return original(client, picture, "?download", **options)


@pytest.mark.parametrize(("fetch", "queries"), [(original, 3), (thumbnail, 4), (download, 4)])
def test_picture_costs_few_queries(client, picture, fetch, queries, django_assert_num_queries):
    # Session, user, the row with its image; the thumbnail's row; that a copy was taken along.
    with django_assert_num_queries(queries):
        assert fetch(client, picture).getvalue()


def test_download_of_seed_zero_is_named_after_it(client, alice, team, emulator):
    picture = draw(alice, team, prompt="two boats", seed="0")
    response = original(client, picture, "?download")

    assert response.getvalue()
    assert response["Content-Disposition"] == f'attachment; filename="two boats 0 {size_of(picture)}.webp"'
