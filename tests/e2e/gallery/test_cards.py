"""Cards: the feed as one stop of the Tab key, the menu of a card with mouse, keys and finger, and the list of keys."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.site.test_accessibility import violations
from tests.e2e.states import GALLERY, failed_card, unknown_card

CURRENT = "document.activeElement.closest('.card')?.id ?? document.activeElement.id"


def cards(page):
    return page.locator("#feed .card.is-done")


def menu(page):
    return page.locator("#card-menu")


def focus(page, number=0):
    cards(page).nth(number).locator(".card-open").focus()
    return page.evaluate(CURRENT)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    return page.evaluate(CURRENT)


@pytest.mark.each_commit
def test_everything_a_card_offers_is_done_with_the_keyboard(open_page):
    page = open_page()
    names = [card.get_attribute("id") for card in page.locator("#feed .card").all()]
    page.locator("#feed .card-open").first.focus()
    assert press(page, "ArrowRight") == names[1]
    assert press(page, "End") == names[-1]
    assert press(page, "Home") == names[0]
    below = press(page, "ArrowDown")
    assert below in names[2:]
    assert press(page, "ArrowUp") in names[:2]

    # One card with its own buttons, and the feed is left behind.
    for _ in range(6):
        press(page, "Tab")
    assert not page.evaluate("Boolean(document.activeElement.closest('#feed .card'))")

    here = focus(page, 2)
    press(page, "Shift+F10")
    expect(menu(page)).to_be_visible()
    expect(menu(page).get_by_role("menuitem", name="Open")).to_be_focused()
    press(page, "ArrowUp")
    expect(menu(page).get_by_role("menuitem", name="Move to trash")).to_be_focused()
    assert press(page, "Escape") == here
    expect(menu(page)).to_be_hidden()

    assert press(page, "c") == "selection-collection"
    assert press(page, "Escape", "Escape") == here
    assert press(page, "t") == "selection-tag"
    page.keyboard.type("by the sea")
    press(page, "Enter")
    expect(page.locator(".toast").last).to_contain_text("tagged by the sea")
    assert page.evaluate(CURRENT) == here
    press(page, "Delete")
    expect(page.locator(f"#{here}").get_by_role("button", name="Undo")).to_be_focused()
    press(page, "Enter")
    expect(page.locator(f"#{here}")).to_have_class(re.compile("is-done"))
    assert page.evaluate(CURRENT) == here
    assert press(page, "/") == "search"


def test_menu_copies_compares_and_stays_on_the_screen(open_page):
    page = open_page(height=500)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = cards(page).nth(4)
    prompt = card.locator(".card-prompt").text_content()
    card.hover()
    card.get_by_role("button", name="More actions").click()
    box = menu(page).bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= 1440
    assert box["y"] + box["height"] <= 500
    menu(page).get_by_role("menuitem", name="Copy prompt").click()
    expect(page.locator(".toast", has_text="Copied the prompt.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == prompt

    focus(page, 4)
    press(page, "Shift+F10")
    menu(page).get_by_role("menuitem", name="Copy image").click()
    expect(page.locator(".toast", has_text="Copied the picture.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.read().then((all) => all[0].types)") == ["image/png"]

    focus(page, 4)
    press(page, "Shift+F10")
    menu(page).get_by_role("menuitem", name="Compare with").click()
    cards(page).nth(0).locator(".card-open").click()
    page.wait_for_url("**/compare/?a=*&b=*")


def test_right_button_of_the_mouse_keeps_the_menu_of_the_browser(open_page):
    page = open_page()
    page.evaluate("addEventListener('contextmenu', (event) => { window.stopped = event.defaultPrevented; })")

    cards(page).first.locator(".card-open").click(button="right")

    assert page.evaluate("window.stopped") is False
    expect(menu(page)).to_be_hidden()


def test_finger_that_rests_opens_a_sheet_of_at_most_seven_tenths_of_the_screen(open_page):
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    picture = cards(page).nth(1).locator(".card-open")
    picture.scroll_into_view_if_needed()
    where = picture.bounding_box()
    touch = page.context.new_cdp_session(page)
    point = {"x": where["x"] + where["width"] / 2, "y": where["y"] + where["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})

    expect(menu(page)).to_have_class(re.compile("is-sheet"))
    expect(menu(page)).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(400)
    expect(menu(page)).to_be_visible()
    assert menu(page).bounding_box()["height"] <= 0.7 * 844
    for name in ("Download", "Remix", "Favourite", "Share"):
        expect(menu(page).get_by_role("button", name=name)).to_be_visible()
    for row in menu(page).get_by_role("menuitem").all():
        assert row.bounding_box()["height"] >= 48

    page.touchscreen.tap(195, 60)
    expect(menu(page)).to_be_hidden()


def test_what_went_wrong_says_so_and_has_one_button_that_helps(open_page, emulator):
    page = open_page()
    card = failed_card(page, emulator)
    expect(card).to_have_class(re.compile("r100"))
    expect(card.locator(".card-help")).to_have_text("Edit settings")
    emulator(faults=["422"])
    page.locator("[name=prompt]").fill("a portrait that is refused")
    page.get_by_role("button", name=re.compile("Generate")).click()
    refused = page.locator("#feed .card", has_text="Content policy")
    expect(refused).to_contain_text("Rejected by the provider")
    expect(refused).to_contain_text("a portrait that is refused")
    refused.get_by_role("link", name="Edit prompt").click()
    expect(page.locator("[name=prompt]")).to_have_value("a portrait that is refused")

    expect(unknown_card(page, emulator).locator(".card-help")).to_have_text("Details")


def test_list_of_keys_opens_everywhere_and_takes_them_away(open_page):
    page = open_page()
    page.goto("/t/harbour-team/credits/")
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("heading", name="Gallery")).to_be_visible()
    dialog.get_by_label("Single-key shortcuts on this device").uncheck()
    press(page, "Escape")

    page.goto("/t/harbour-team/")
    here = focus(page)
    assert press(page, "x", "c", "/") == here
    expect(page.locator("#selection")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_open_menu_and_list_of_keys_have_no_serious_finding(open_page, theme, width):
    page = open_page(width=width, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    focus(page, 1)
    press(page, "Shift+F10")
    expect(menu(page)).to_be_visible()
    assert violations(page) == []
    press(page, "Escape")
    assert violations(page) == []  # with the buttons of the card that has the focus
    press(page, "?")
    assert violations(page) == []


def test_key_of_a_chosen_card_acts_on_all_that_are_chosen_and_escape_in_the_list_of_keys_keeps_them(open_page):
    page = open_page()
    page.goto(GALLERY)
    for number in (0, 1):
        focus(page, number)
        page.keyboard.press("x")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    expect(page.locator("[data-selected]")).to_have_text("2")

    focus(page, 1)
    page.keyboard.press("c")
    page.keyboard.type("Both of them")
    page.keyboard.press("Enter")

    expect(page.locator(".toast").last).to_contain_text("2 pictures added to “Both of them”.")
    expect(cards(page).nth(1).locator(".card-open")).to_be_focused()


def test_bulk_action_after_a_live_search_counts_what_is_found(open_page):
    page = open_page()
    page.goto(GALLERY)
    with page.expect_response("**q=sign**"):
        page.locator("#search").fill("sign")
    expect(page.locator("#filters")).to_contain_text("Save search")
    found = page.locator("#found").inner_text()
    focus(page, 0)
    page.keyboard.press("x")
    page.locator("#selection").get_by_role("button", name="Favourite").click()
    expect(page.locator(".toast").last).to_be_visible()

    assert page.locator("#found").inner_text() == found


def test_pictures_are_four_keys_from_the_top_of_the_page(open_page):
    page = open_page()
    page.goto(GALLERY)
    for key in ("Tab", "Tab", "Enter", "ArrowDown"):
        page.keyboard.press(key)

    expect(page.locator("#feed .card-open").first).to_be_focused()
