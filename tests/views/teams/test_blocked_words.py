"""The page of a team's blocked words."""

import pytest

from generations.models import Role
from generations.services.orders.blocked_words import list_of
from tests.factories import make_person

pytestmark = pytest.mark.django_db
URL = "/t/harbour/settings/blocked-words/"


def test_list_is_saved_a_line_each_and_shown_again(as_, alice, team):
    client = as_(alice)

    answer = client.post(URL, {"words": "gun\r\n\r\nhot  dog\r\nGUN"}, follow=True)

    assert list_of(team) == ["gun", "hot dog"]
    assert answer.context["words"] == "gun\nhot dog"
    assert "Saved. 2 words and phrases are blocked." in answer.content.decode()


def test_refused_list_keeps_what_was_typed(as_, alice, team):
    typed = f"<b>\n{'x' * 101}"

    answer = as_(alice).post(URL, {"words": typed})

    html = answer.content.decode()
    assert (answer.status_code, list_of(team)) == (422, [])
    assert "has 101 characters; the maximum is 100. Shorten it." in html
    assert "&lt;b&gt;\n" in html


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.MEMBER, 403), (Role.MANAGER, 200)])
def test_managers_and_owners_see_it(as_, team, role, status):
    assert as_(make_person("Mona", team, role)).get(URL).status_code == status
