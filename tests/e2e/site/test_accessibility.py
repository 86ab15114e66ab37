"""axe reports nothing on any page and in nothing that opens, in either theme, on a screen and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.overlays import open_each
from tests.e2e.states import GALLERY, PAGES, visit, visit_admin

SCREEN, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
MAIN = ["gallery", "sweep", "queue", "credits", "people", "account"]


def violations(page):
    """Return them as sentences, minor ones too. Pages bypass their policy, which would refuse axe's style element."""
    found = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {one['help']} ({one['nodes'][0]['html'][:150]})" for one in found]


@pytest.mark.each_commit
def test_main_pages_have_no_violation(open_page):
    """In the dark theme, where contrast is harder; nightly tests cover every page and state, in both themes."""
    page = open_page(color_scheme="dark", reduced_motion="reduce", bypass_csp=True)
    found = {}
    for name in MAIN:
        page.goto(PAGES[name])
        found[name] = violations(page)
    page.goto(GALLERY)
    page.locator("#feed .card.is-done .card-open").first.click()
    page.wait_for_url("**/g/**")
    found["lightbox"] = violations(page)
    page.reload()
    found["detail"] = violations(page)

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("who", "theme", "size"),
    [("owner", "light", SCREEN), ("owner", "dark", SCREEN), ("owner", "dark", PHONE), ("viewer", "light", PHONE)],
    ids=["owner-light-1440", "owner-dark-1440", "owner-dark-390", "viewer-light-390"],
)
def test_pages_have_no_violation(open_page, emulator, who, theme, size):
    page = open_page(as_=who, color_scheme=theme, reduced_motion="reduce", bypass_csp=True, **size)

    # The owner's states are made with controls that a phone shows in a sheet; what is in the sheets is asked below.
    states = who == "viewer" or size is SCREEN
    found = {name: violations(page) for name in visit(page, who, emulator, states=states)}

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["1440", "390"])
def test_what_opens_has_no_violation(open_page, theme, size):
    page = open_page(color_scheme=theme, reduced_motion="reduce", bypass_csp=True, **size)

    found = {name: violations(page) for name in open_each(page)}

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["1440", "390"])
def test_admin_has_no_violation(open_page, theme, size):
    page = open_page(color_scheme=theme, reduced_motion="reduce", bypass_csp=True, **size)

    found = {name: violations(page) for name in visit_admin(page)}

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sign_in_has_no_violation(open_page, theme):
    page = open_page(as_=None, color_scheme=theme, bypass_csp=True)
    page.goto("/login/")

    assert violations(page) == []
