"""A copy that leaves the site counts its picture as kept, whichever way it leaves; looking at it does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import Generation
from generations.services.generations.archives import zip_archive
from tests.factories import draw
from tests.sharing import collect, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="a boat")


@pytest.fixture
def shelf(alice, team, picture):
    return collect(alice, team, picture, name="Boats")


def taken(picture):
    return Generation.objects.get(id=picture.id).downloaded_at


def of_a_link(actor, thing, rest):
    _, base = share(actor, thing, allow_download=True)
    return f"{base}{rest}"


@pytest.mark.parametrize("way", ["original", "collection", "shared", "shared collection"])
def test_every_way_out_notes_the_picture(as_, alice, picture, shelf, way):
    client, address = {
        "original": (as_(alice), f"/g/{picture.id}/image?download"),
        "collection": (as_(alice), f"/t/harbour/collections/{shelf.pk}/zip"),
        "shared": (Client(), of_a_link(alice, picture, f"{picture.id}/image")),
        "shared collection": (Client(), of_a_link(alice, shelf, "zip")),
    }[way]

    assert taken(picture) is None
    response = client.get(address)
    assert (response.status_code, len(response.getvalue()) > 1000) == (200, True)

    assert timezone.now() - taken(picture) < timedelta(minutes=1)


def test_chosen_pictures_are_noted_and_no_others(as_, alice, team, picture):
    other = draw(alice, team, prompt="another boat")
    as_(alice).post("/t/harbour/selection/", {"action": "zip", "id": [str(picture.id)]}).getvalue()

    assert (taken(picture) is None, taken(other)) == (False, None)


def test_first_time_stays(as_, alice, picture):
    client = as_(alice)
    client.get(f"/g/{picture.id}/image?download")
    first = taken(picture)
    client.get(f"/g/{picture.id}/image?download")

    assert taken(picture) == first


def test_looking_and_asking_note_nothing(as_, alice, picture):
    client = as_(alice)
    for address in (f"/g/{picture.id}/image", f"/g/{picture.id}/"):
        client.get(address).getvalue()
    client.head(f"/g/{picture.id}/image?download").getvalue()

    assert taken(picture) is None


def test_archive_that_is_broken_off_notes_what_had_left(alice, team, picture):
    later = draw(alice, team, prompt="another boat")
    parts = zip_archive(actor=alice, ids=[picture.id, later.id])
    sent = b""
    while b"another boat" not in sent:
        sent += next(parts)
    parts.close()  # type: ignore[attr-defined]

    assert (taken(picture) is None, taken(later)) == (False, None)
