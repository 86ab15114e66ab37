"""Two people talk about a picture: a mention, the bell, the page of what happened."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.states import open_page_of

ACTIVITY = "/t/harbour-team/activity/"


def open_a_picture(page):
    page.goto("/t/harbour-team/?state=done")
    open_page_of(page.locator("#feed .card").first)


def test_mention_is_suggested_told_and_read(open_page):
    owner, viewer = open_page(), open_page(as_="viewer")
    open_a_picture(owner)

    field = owner.get_by_label("Write a comment")
    field.press_sequentially("the sign leans, @ad")
    expect(owner.get_by_role("option", name="Ada Okafor")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("the sign leans, @ada.okafor ")
    field.press("Control+Enter")

    expect(owner.locator(".comment-mention", has_text="@ada.okafor").last).to_be_visible()
    viewer.goto("/notifications/")
    row = viewer.locator(".notification.is-unread", has_text="the sign leans").first
    row.locator(".notification-button").click()
    viewer.wait_for_url("**/g/**#comments")
    expect(viewer.get_by_text("the sign leans").last).to_be_visible()
    expect(viewer.get_by_label("Write a comment")).to_have_count(0)
    viewer.goto(ACTIVITY)
    expect(viewer.locator(".activity-comment", has_text="the sign leans").first).to_be_visible()


def test_picture_stays_whole_beside_a_long_talk(open_page):
    page = open_page()
    open_a_picture(page)
    for number in range(6):
        page.get_by_label("Write a comment").fill(f"line {number}\n" * 5)
        page.get_by_role("button", name="Comment", exact=True).click()
        expect(page.locator(".comment", has_text=f"line {number}")).to_be_visible()

    for seen_from in (0, 400):
        page.evaluate(f"scrollTo(0, {seen_from})")
        box = page.locator("#detail .frame").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900


def test_talk_works_without_scripts(open_page):
    page = open_page(as_="member", java_script_enabled=False)
    open_a_picture(page)

    page.get_by_label("Write a comment").fill("x" * 2001)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("1 character too long")).to_be_visible()
    expect(page.get_by_label("Write a comment")).to_have_value("x" * 2001)
    page.get_by_label("Write a comment").fill("a quiet word\nin two lines")
    page.get_by_role("button", name="Comment", exact=True).click()
    line = page.locator(".comment", has_text="a quiet word").last
    line.locator("summary").click()
    line.get_by_label("Edit comment").fill("a loud word")
    line.get_by_role("button", name="Save").click()
    line = page.locator(".comment", has_text="a loud word").last
    expect(line).to_contain_text("edited")
    line.locator("summary").click()
    line.get_by_role("button", name="Delete permanently").click()

    expect(page.get_by_text("Comment deleted.")).to_be_visible()
    expect(page.get_by_text("a loud word")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_and_have_no_serious_finding(open_page, width, theme):
    page = open_page(bypass_csp=True, width=width, color_scheme=theme, reduced_motion="reduce")
    open_a_picture(page)
    page.get_by_label("Write a comment").fill("fine")
    page.get_by_role("button", name="Comment", exact=True).click()
    found = {}
    for address in (page.url, ACTIVITY, "/notifications/", "/accounts/"):
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        serious = [one for one in violations if one["impact"] in {"serious", "critical"}]
        found[address] = [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in serious]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address

    assert {address: what for address, what in found.items() if what} == {}
