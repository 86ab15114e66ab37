"""The settings of a team that its owners change on the page of people."""

import pytest

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/people/"
FIELDS = {"name": "Harbour", "default_visibility": "team"}


def test_owner_sets_the_cost_centre_and_whether_it_is_required(as_, alice, team):
    client = as_(alice)

    client.post(f"{PAGE}team", {**FIELDS, "cost_centre": " 4711\u200b ", "cost_centre_required": "1"})

    team.refresh_from_db()
    assert (team.cost_centre, team.cost_centre_required) == ("4711", True)
    page = client.get(PAGE).content.decode()
    assert 'name="cost_centre" maxlength="60" value="4711"' in page
    assert page.partition('name="cost_centre_required"')[2].partition(">")[0].split() == [
        'type="checkbox"', 'value="1"', "checked", 'aria-describedby="cost-centre-help"',
    ]  # fmt: skip

    client.post(f"{PAGE}team", {**FIELDS, "cost_centre": ""})
    team.refresh_from_db()
    assert (team.cost_centre, team.cost_centre_required) == ("", False)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("?!", "“?!” contains no letters or digits. Enter a cost centre."),
        ("x" * 61, "Ensure this value has at most 60 characters (it has 61)."),
    ],
)
def test_unusable_cost_centre_changes_nothing(as_, alice, team, typed, sentence):
    answer = as_(alice).post(f"{PAGE}team", {**FIELDS, "cost_centre": typed}, follow=True)

    assert sentence in answer.content.decode()
    team.refresh_from_db()
    assert (team.name, team.cost_centre) == ("Harbour team", "")
