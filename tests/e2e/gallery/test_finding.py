"""Coming back to a picture: by word, maker and time, by a search that was kept, by having opened it, beside another."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.site.test_accessibility import violations

GALLERY = "/t/harbour-team/"
COUNT_CLICKS = "window.clicks = 0; addEventListener('pointerdown', () => { window.clicks += 1; }, true)"


def cards(page):
    return page.locator("#feed .card.is-done")


def test_picture_of_a_colleague_is_found_by_a_word_in_three_clicks_and_the_search_kept_by_a_fourth(open_page):
    page = open_page()
    page.evaluate(COUNT_CLICKS)
    page.locator("#search").click()
    page.keyboard.type("sign")
    page.wait_for_url("**/?q=sign")
    page.locator(".suggestions").get_by_role("button", name="Jonas Lind").click()
    page.wait_for_url(re.compile(r"\?(?=.*q=sign)person=\d+|q=sign&person=\d+"))
    expect(page.locator("#search")).to_be_focused()
    page.locator(".suggestions").get_by_role("button", name="Last 30 days").click()
    assert page.evaluate("window.clicks") == 3

    page.wait_for_url("**/?*when=month*")
    expect(page.locator(".chosen-filter")).to_have_count(2)
    expect(cards(page).first).to_be_visible()
    assert {card.text_content() for card in cards(page).locator(".card-meta span:first-child").all()} == {"Jonas Lind"}

    page.get_by_role("button", name="Save search").click()
    expect(page.locator(".toast")).to_contain_text("Saved as “sign · Jonas Lind · Last 30 days”.")
    page.locator("summary", has_text="Saved").click()
    kept = page.get_by_role("link", name="sign · Jonas Lind · Last 30 days")
    expect(kept).to_have_attribute("aria-current", "page")
    page.locator("summary", has_text="Edit").click()
    page.get_by_label("Name", exact=True).fill("Signs of Jonas")
    page.get_by_label("Share with team").check()
    page.get_by_role("button", name="Save", exact=True).click()

    viewer = open_page(as_="viewer", width=390, height=844, java_script_enabled=False)
    viewer.locator("summary", has_text="Saved").click()
    viewer.get_by_role("link", name="Signs of Jonas").click()
    viewer.wait_for_url("**/?q=sign&person=*")
    expect(viewer.locator("summary", has_text="Edit")).to_have_count(0)


def test_what_was_opened_is_listed_and_forgotten(open_page):
    page = open_page()
    name = cards(page).nth(2).get_attribute("id")
    with page.expect_response("**/viewed"):
        cards(page).nth(2).locator(".card-open").click()
    page.goto(GALLERY)
    page.locator("summary", has_text="Saved").click()
    page.get_by_role("link", name="Recently viewed").click()

    expect(cards(page).first).to_have_id(name)
    page.get_by_role("button", name="Clear history").click()
    expect(page.get_by_role("heading", name="No pictures viewed yet")).to_be_visible()


def test_two_are_chosen_and_compared_with_the_keyboard(open_page):
    page = open_page()
    button = page.locator("#selection").get_by_role("button", name="Compare")
    for number in range(2):
        expect(button).to_be_hidden()
        cards(page).nth(number).locator(".card-open").focus()
        page.keyboard.press("x")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/?a=*&b=*")
    page.get_by_role("radio", name="Side by side").focus()
    page.keyboard.press("ArrowLeft")

    divider = page.get_by_role("slider", name="Divider between A and B")
    divider.focus()
    page.keyboard.press("End")
    expect(page.locator(".is-b")).to_have_css("clip-path", "inset(0px 0px 0px 100%)")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuetext", "1% of A, 99% of B")
    expect(page.locator(".is-b")).to_have_css("clip-path", "inset(0px 0px 0px 1%)")
    expect(page.get_by_role("row", name=re.compile("^Cost")).locator("td")).to_have_count(2)

    plain = open_page(java_script_enabled=False, width=390, height=844)
    plain.goto(page.url)
    expect(plain.locator(".compare-side")).to_have_count(2)
    expect(plain.locator("[data-compare-range]")).to_be_hidden()
    a, b = (side.bounding_box() for side in plain.locator(".compare-side").all())
    assert b["y"] >= a["y"] + a["height"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_have_no_serious_finding(open_page, theme):
    page = open_page(color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    a, b = (card.get_attribute("id").removeprefix("g-") for card in cards(page).all()[:2])
    found = {}
    page.locator("#search").click()
    found["search"] = violations(page)
    for address in (f"compare/?a={a}&b={b}", "view-history/", "?q=harbour"):
        page.goto(GALLERY + address)
        found[address] = violations(page)

    assert {name: what for name, what in found.items() if what} == {}
