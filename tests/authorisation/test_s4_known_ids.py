"""Threat S4: an id gives no access, and the path of a file does not follow from anything that a page shows.

That known ids give no access is tested by the matrix of S1, whose ids are all real.
"""

import pytest

from generations.models import Image
from tests.authorisation.asking import ask
from tests.authorisation.row import GET
from tests.authorisation.rows import ROWS
from tests.authorisation.world import PEOPLE

pytestmark = pytest.mark.django_db
LEAST_DIGITS = 15  # of 16, or more: the 62 random bits are the end of a name


def stem(path):
    return path.split("/")[-1].split(".")[0]


def test_s4_file_names_hold_no_id_and_no_content_that_is_known(world):
    images = list(Image.objects.select_related("generation"))

    assert len({stem(image.path)[-17:] for image in images}) == len(images)
    for image in images:
        known = {image.generation_id.hex, image.sha256, str(image.generation.seed), image.generation_id.hex[-12:]}
        assert [one for one in known if one in image.path.replace("-", "")] == []


def test_s4_no_page_tells_where_a_file_lies(world):
    """An attempt with an unknown outcome has no file yet; its id is in the form that accepts a second charge."""
    stems = {stem(image.path) for image in Image.objects.all()}
    rows = [row for row in ROWS if row.method == GET and not row.name.startswith("admin")]
    bodies = {str(row): ask(row, "owner", world).body for row in rows}

    assert {row: one for row, body in bodies.items() for one in stems if one in body} == {}


@pytest.mark.parametrize("before", ["/", "/media/", "/static/", "/static/../", "/var/", "/files/", "/g/", "/s/"])
def test_s4_address_that_is_the_path_of_a_file_is_none(world, before):
    path = Image.objects.get(generation=world.things["picture"]).path

    for who in PEOPLE:
        answer = world.client(who).get(f"{before}{path}")
        assert answer.status_code in {302, 404}
        assert "image" not in answer["Content-Type"]
