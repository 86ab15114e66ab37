"""Where the original is not one clean picture, every way out of the site gives the picture and nothing else of it."""

import io
import re
import zipfile
from dataclasses import replace

import pytest

from generations.imaging import traces
from generations.models import Generation, Image
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider
from generations.pipeline.worker.store import accept
from generations.storage import spool
from tests.factories import order
from tests.imaging.pictures import drawing, opened, picture_file
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db
FRAMES = {"save_all": True, "append_images": [drawing(64, 48, seed=2)]}
PAYLOAD = b"PK\x03\x04<script>alert(1)</script>"
RECEIVED = {
    "bytes behind a jpeg": (picture_file("jpeg") + PAYLOAD, "jpeg"),
    "animated webp": (picture_file("webp", **FRAMES) + PAYLOAD, "png"),
    "avif": (picture_file("avif") + PAYLOAD, "png"),
}


@pytest.fixture(params=RECEIVED)
def picture(request, alice, team, emulator):
    data, served = RECEIVED[request.param]
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    assert mark_sent(claimed)
    answer = replace(configured_provider().call(claimed.request), body=data)
    spool.write(claimed.attempt_id, answer)
    accept(claimed.attempt_id, answer, configured_provider())
    return Generation.objects.get(id=generation.id), data, served


def ways_out(client, alice, team, row):
    """Address → bytes and type, for the team and for outsiders."""
    _, base = share(alice, collect(alice, team, row), allow_download=True)
    page = outsider().get(f"{base}{row.id}/").content.decode()
    card = re.search(r'property="og:image" content="https?://[^/]+([^"]+)"', page)[1]
    archives = (
        client.post("/t/harbour/selection/", {"action": "zip", "id": [str(row.id)]}),
        outsider().get(f"{base}zip"),
    )
    zips = [zipfile.ZipFile(io.BytesIO(response.getvalue())) for response in archives]
    asked = {
        "image": client.get(f"/g/{row.id}/image"),
        "download": client.get(f"/g/{row.id}/image?download"),
        "thumbnail": client.get(f"/g/{row.id}/thumb/640.webp"),
        "shared": outsider().get(f"{base}{row.id}/image"),
        "og:image": outsider().get(card),
    }
    found = {name: (response.getvalue(), response["Content-Type"]) for name, response in asked.items()}
    packed = {f"zip {n}": (one.read(one.namelist()[0]), one.namelist()[0]) for n, one in enumerate(zips)}
    return found, packed, asked


def test_every_way_out_gives_one_clean_picture(as_, alice, team, picture):
    row, data, served = picture

    found, packed, asked = ways_out(as_(alice), alice, team, row)

    for name, (content, said) in (found | packed).items():
        kind = {"thumbnail": "webp", "og:image": "jpeg"}.get(name, served)
        file = opened(content)
        assert (PAYLOAD in content, file.format.lower(), getattr(file, "n_frames", 1)) == (False, kind, 1), name
        assert said == f"image/{kind}" or said.endswith({"jpeg": ".jpg", "png": ".png"}[kind]), name
    ending = {"jpeg": ".jpg", "png": ".png"}[served]
    assert ending in asked["download"]["Content-Disposition"]
    assert ending in asked["shared"]["Content-Disposition"]
    assert found["image"][0] != data


def test_marked_copies_lead_back(as_, alice, team, picture):
    row, _, _ = picture
    found, packed, _ = ways_out(as_(alice), alice, team, row)

    copies = [found["download"][0], found["shared"][0], *(content for content, _ in packed.values())]

    assert all(row.image.sha256 in traces(copy).before for copy in copies)


def test_nginx_is_sent_to_the_clean_file(as_, alice, picture, settings):
    settings.ACCEL_LOCATION = "/protected"
    row, _, _ = picture

    response = as_(alice).get(f"/g/{row.id}/image")

    assert response["X-Accel-Redirect"] == f"/protected/{row.image.path}"
    assert "/originals/" in response["X-Accel-Redirect"]


def test_row_that_was_tampered_with_leads_to_nothing(as_, alice, picture):
    row, _, _ = picture
    Image.objects.update(path=row.image.received_path)

    addresses = [f"/g/{row.id}/image", f"/g/{row.id}/image?download"]

    assert [as_(alice).get(address).status_code for address in addresses] == [404, 404]


def test_page_says_what_came(as_, alice, picture):
    row, _, _ = picture

    page = as_(alice).get(f"/g/{row.id}/").content.decode()

    assert row.image.received_note in page


def test_what_came_is_recognised(as_, alice, picture):
    row, data, _ = picture

    def asked(sha256):
        return as_(alice).get(f"/t/harbour/verify/?sha256={sha256}").content.decode()

    assert f"/g/{row.id}/" in asked(row.image.received_sha256)
    assert f"/g/{row.id}/" in asked(row.image.sha256)
    uploads = [io.BytesIO(data), io.BytesIO((as_(alice).get(f"/g/{row.id}/image")).getvalue())]
    answers = [as_(alice).post("/t/harbour/verify/", {"file": file}).content.decode() for file in uploads]
    assert "every byte is as the provider sent it" in answers[0]
    assert "This is the picture as this site shows it, without AI metadata." in answers[1]
