"""The pages of the team's settings: one heading, one row of tabs, one way in."""

import re

import pytest

from generations.models import Role
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PEOPLE = "/t/harbour/people/"
TABS = ["People", "Tags", "Share links", "File metadata", "Blocked words", "Reports", "Audit log"]
SEEN = {
    Role.VIEWER: ["People", "Share links"],
    Role.MEMBER: ["People", "Share links"],
    Role.MANAGER: ["People", "Tags", "Share links", "Blocked words", "Reports"],
    Role.OWNER: TABS,
}


def tabs(text):
    nav = re.search(r'<nav class="page-tabs".*?</nav>', text, re.DOTALL)[0]
    links = re.findall(r'<a\s+href="([^"]+)"\s*(aria-current="page")?\s*>([^<]+)</a>', nav)
    return [(address, name, bool(current)) for address, current, name in links]


@pytest.mark.parametrize("role", SEEN)
def test_each_tab_opens_its_page_for_those_who_see_it(as_, team, role):
    client = as_(make_person("Wanda", team, role))
    shown = tabs(client.get(PEOPLE).content.decode())
    assert [name for _, name, _ in shown] == SEEN[role]

    for address, name, _ in shown:
        answer = client.get(address)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert [one for *one, current in tabs(text) if current] == [[address, name]]
        assert re.findall(r"<h1[^>]*>(.*?)</h1>", text) == ["Team settings"]


def test_menu_leads_to_the_settings_once(as_, alice, team):
    text = as_(alice).get("/t/harbour/reports/").content.decode()
    panel = re.search(r'<details class="menu nav-more".*?</details>', text, re.DOTALL)[0]

    assert re.findall(r'href="/t/harbour/([^"]*)"', panel) == ["activity/", "verify/", "trash/", "people/", "credits/"]
    assert re.search(r'href="/t/harbour/people/"\s+aria-current="true"', panel)
    assert "is-here" in panel
