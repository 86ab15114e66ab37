"""A picture that is dropped on the composer: ours fills it, a foreign file says so."""

from io import BytesIO

import pytest

from generations.models import Generation, Visibility
from tests.factories import draw

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/dropped/"


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="two boats", resolution="1360x768")


def bytes_of(client, address):
    return client.get(address).getvalue()


@pytest.mark.parametrize("address", ["image", "image?download"])
def test_original_and_marked_copy_fill_the_composer(as_, alice, bob, picture, address):
    file = BytesIO(bytes_of(as_(alice), f"/g/{picture.id}/{address}"))

    answer = as_(bob).post(PAGE, {"file": file}).json()

    assert answer["values"]["prompt"] == "two boats"
    assert answer["values"]["resolution"] == picture.parameters["resolution"]
    assert answer["values"]["seed"] == str(picture.seed)
    assert answer["url"] == f"/t/harbour/?use={picture.id}"


def test_card_fills_it_by_its_id(as_, bob, picture):
    assert as_(bob).post(PAGE, {"generation": str(picture.id)}).json()["values"]["prompt"] == "two boats"


@pytest.mark.parametrize("sent", [{"file": BytesIO(b"no picture")}, {"generation": "none"}, {}])
def test_foreign_file_says_so(as_, bob, picture, sent):
    response = as_(bob).post(PAGE, sent)

    assert response.status_code == 422
    assert set(response.json()) == {"sentence"}


def test_private_picture_is_a_foreign_file_to_others(as_, alice, bob, picture):
    file = BytesIO(bytes_of(as_(alice), f"/g/{picture.id}/image"))
    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert as_(bob).post(PAGE, {"file": file}).status_code == 422
    assert as_(bob).post(PAGE, {"generation": str(picture.id)}).status_code == 422
