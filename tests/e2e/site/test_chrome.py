"""The bar that leads everywhere: four places and More, without scripts and by keys."""

import pytest
from playwright.sync_api import expect

from tests.e2e.site.test_accessibility import violations
from tests.e2e.states import GALLERY


@pytest.mark.parametrize("who", ["owner", "viewer"])
def test_phone_has_at_most_four_places_and_more(open_page, who):
    page = open_page(as_=who, width=390, height=844, java_script_enabled=False)
    bar = page.get_by_role("navigation", name="Main")
    places = bar.get_by_role("link")
    assert places.count() <= 4

    bar.locator("summary").click()
    expect(bar.get_by_role("link", name="Team settings")).to_be_visible()
    assert page.locator(".nav-more .menu-item:visible").count() <= 6
    expect(page.locator(".topbar-tail a[href='/provider/']")).to_have_count(int(who == "owner"))
    for link in places.all():
        box = link.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    bar.get_by_role("link", name="Trash").click()

    expect(page.get_by_role("heading", name="Trash", exact=True)).to_be_visible()
    expect(bar.locator("summary.is-here")).to_have_count(1)


def test_more_is_opened_walked_and_closed_by_keys(open_page):
    page = open_page()
    page.goto(f"{GALLERY}queue/")
    more = page.locator(".nav-more summary")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Activity")).to_be_focused()
    expect(page.locator(".nav-more").get_by_role("link", name="Credits")).to_be_hidden()

    page.keyboard.press("Escape")

    expect(more).to_be_focused()
    expect(page.get_by_role("link", name="Activity")).to_be_hidden()


SETTINGS = ["people", "tags", "links", "settings/provenance", "settings/blocked-words", "reports", "audit"]


@pytest.mark.parametrize("width", [1440, 390])
def test_heading_and_tabs_keep_their_place_from_tab_to_tab(open_page, width):
    page = open_page(as_="owner", width=width, height=844)
    places = set()
    for name in SETTINGS:
        page.goto(f"{GALLERY}{name}/")
        heading = page.get_by_role("heading", level=1).bounding_box()
        tabs = page.get_by_role("navigation", name="Team settings")
        expect(tabs.locator("[aria-current]")).to_be_in_viewport(ratio=1)
        places.add((heading["x"], heading["y"], tabs.bounding_box()["x"], tabs.bounding_box()["y"]))
        assert heading["x"] == tabs.bounding_box()["x"]

    assert len(places) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_more_has_no_serious_finding(open_page, theme):
    page = open_page(width=390, height=844, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    page.goto(f"{GALLERY}tags/")
    page.locator(".nav-more summary").click()
    expect(page.get_by_role("link", name="Activity")).to_be_visible()

    assert violations(page) == []
