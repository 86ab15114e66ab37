"""axe reports nothing serious on any page, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.states import GALLERY, PAGES, visit

MAIN = ["gallery", "sweep", "queue", "credits", "people", "account"]


def serious(page):
    """Return violations as sentences. The pages bypass their policy, which would refuse axe's own style element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:150]})"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.each_commit
def test_main_pages_have_no_serious_finding(open_page):
    """In the dark theme, where contrast is harder; nightly tests cover every page and state, in both themes."""
    page = open_page(color_scheme="dark", reduced_motion="reduce", bypass_csp=True)
    found = {}
    for name in MAIN:
        page.goto(PAGES[name])
        found[name] = serious(page)
    page.goto(GALLERY)
    page.locator("#feed .card.is-done .card-open").first.click()
    page.wait_for_url("**/g/**")
    found["lightbox"] = serious(page)
    page.reload()
    found["detail"] = serious(page)

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("who", ["owner", "viewer"])
def test_pages_have_no_serious_finding(open_page, emulator, who, theme):
    page = open_page(as_=who, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)

    found = {name: serious(page) for name in visit(page, who, emulator)}

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sign_in_has_no_serious_finding(open_page, theme):
    page = open_page(as_=None, color_scheme=theme, bypass_csp=True)
    page.goto("/login/")

    assert serious(page) == []
