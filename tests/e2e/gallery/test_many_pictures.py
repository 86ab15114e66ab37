"""Living with many pictures: chosen by keys and by mouse, collected, tagged, made private, thrown away."""

import io
import re
import zipfile

from playwright.sync_api import expect

from generations.imaging import traces
from tests.e2e.states import DRAWN, open_page_of

GALLERY = "/t/harbour-team/"


def cards(page):
    return page.locator("#feed .card.is-done")


def toast(page, text):
    expect(page.locator(".toast").filter(has_text=text).last).to_be_visible()


def test_chosen_with_the_keyboard_alone_collected_deleted_and_brought_back(open_page):
    page = open_page()
    page.goto(f"{GALLERY}?state=done")  # what other tests left in between can be chosen too
    bar = page.locator("#selection")
    expect(bar).to_be_hidden()
    cards(page).nth(0).locator(".card-open").focus()
    page.keyboard.press("x")
    cards(page).nth(3).locator(".card-open").focus()
    page.keyboard.press("Shift+X")
    expect(bar.locator("[data-selected]")).to_have_text("4")
    ids = [card.get_attribute("id") for card in cards(page).all()[:4]]

    bar.locator("summary", has_text="Collection").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Chosen by keys")
    page.keyboard.press("Enter")
    toast(page, "4 pictures added to “Chosen by keys”.")
    expect(bar).to_be_hidden()

    page.goto(f"{GALLERY}collections/")
    page.get_by_role("link", name="Chosen by keys").click()
    expect(cards(page)).to_have_count(4)
    cards(page).nth(0).locator(".card-open").focus()
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()

    page.get_by_role("button", name="Select", exact=True).click()
    bar.get_by_role("button", name="Select all").click()
    bar.get_by_role("button", name="Trash").click()
    toast(page, "4 pictures moved to trash.")
    expect(page.locator(f"#{ids[0]}")).to_have_class(re.compile("is-trashed"))
    expect(page.locator("#found")).to_have_text("0 pictures")
    page.locator(".toast", has_text="4 pictures moved").get_by_role("button", name="Undo").click()
    toast(page, "4 pictures restored.")
    expect(page.locator("#found")).to_have_text("4 pictures")
    expect(cards(page)).to_have_count(4)


def test_boxes_are_ticked_by_keys_then_starred_and_tagged(open_page):
    page = open_page()
    bar = page.locator("#selection")
    ids = [card.get_attribute("id") for card in cards(page).all()[5:7]]
    for one in ids:
        page.locator(f"#{one} .card-check input").focus()
        page.keyboard.press("Space")
    expect(bar.locator("[data-selected]")).to_have_text("2")
    bar.get_by_role("button", name="Favourite").focus()
    page.keyboard.press("Enter")
    toast(page, "2 pictures")
    for one in ids:
        expect(page.locator(f"#{one}").get_by_role("button", name="Favourite")).to_have_attribute(
            "aria-pressed", "true"
        )

    for one in ids:
        page.locator(f"#{one} .card-open").focus()
        page.keyboard.press("x")
    bar.locator("summary", has_text="Tag").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("by keys")
    page.keyboard.press("Enter")
    toast(page, "by keys")
    page.goto(f"{GALLERY}?tag=by+keys")
    expect(cards(page)).to_have_count(2)


def test_ten_are_collected_with_three_clicks(open_page):
    page = open_page()
    page.goto(f"{GALLERY}?state=done")  # what other tests left in between can be chosen too
    page.evaluate("window.clicks = 0; addEventListener('pointerdown', () => { window.clicks += 1; }, true)")
    cards(page).nth(0).locator(".card-open").click(modifiers=["ControlOrMeta"])
    cards(page).nth(9).locator(".card-open").click(modifiers=["Shift"])
    page.locator("#selection summary", has_text="Collection").click()
    expect(page.locator("#selection-collection")).to_be_focused()
    page.keyboard.type("Three clicks")
    page.keyboard.press("Enter")

    toast(page, "10 pictures added to “Three clicks”.")
    assert page.evaluate("window.clicks") == 3


def test_chosen_with_the_mouse_downloaded_and_made_private(open_page):
    page = open_page()
    mine = [card.get_attribute("id") for card in cards(page).all()[:3]]
    page.locator(f"#{mine[0]} .card-open").click(modifiers=["ControlOrMeta"])
    page.locator(f"#{mine[1]} .card-open").click()
    page.locator(f"#{mine[2]}").hover()
    page.locator(f"#{mine[2]} .card-check input").check()
    expect(page.locator("[data-selected]")).to_have_text("3")

    with page.expect_download() as coming:
        page.locator("#selection").get_by_role("button", name="ZIP").click()
    with zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes())) as found:
        assert len(found.namelist()) == 5

    page.locator("#selection summary", has_text="Visibility").click()
    page.get_by_role("button", name="Private (creator and managers)").click()
    expect(page.locator(f"#{mine[0]} .card-lock")).to_be_visible()
    viewer = open_page(as_="viewer")
    expect(viewer.locator("#feed .card").first).to_be_visible()
    assert [viewer.locator(f"#{one}").count() for one in mine] == [0, 0, 0]
    for one in mine:  # other tests look at these pictures too
        page.locator(f"#{one} .card-open").click(modifiers=["ControlOrMeta"])
    page.locator("#selection summary", has_text="Visibility").click()
    page.locator("#selection").get_by_role("button", name="Team").click()
    expect(page.locator(f"#{mine[0]} .card-lock")).to_have_count(0)


def test_marks_of_one_picture_are_changed_without_a_reload(open_page):
    page = open_page()
    open_page_of(cards(page).nth(4))
    page.evaluate("window.same = true")

    page.get_by_label("Add a tag", exact=True).fill("Twilight, SIGNS")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="twilight")).to_be_visible()
    page.get_by_label("Add to a collection", exact=True).fill("From the panel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="From the panel")).to_be_visible()
    page.get_by_role("button", name="Remove signs").click()
    expect(page.get_by_role("link", name="signs")).to_have_count(0)
    assert page.evaluate("window.same") is True

    page.get_by_role("link", name="twilight").click()
    expect(cards(page)).to_have_count(1)


def test_many_are_chosen_without_javascript_too(open_page):
    page = open_page(java_script_enabled=False)
    boxes = page.locator("#feed .card.is-done .card-check input")
    for number in range(2):
        boxes.nth(number).check()
    page.locator("#selection summary", has_text="Collection").click()
    page.locator("#selection-collection").fill("Without scripts")
    page.keyboard.press("Enter")

    expect(page.locator(".toasts")).to_contain_text("2 pictures added to “Without scripts”.")
    page.get_by_role("link", name="Collections", exact=True).click()
    page.get_by_role("link", name="Without scripts").click()
    expect(cards(page)).to_have_count(2)


def test_created_straight_into_a_collection_whatever_the_draft_says(open_page):
    page = open_page()
    page.goto(f"{GALLERY}collections/")
    page.locator("summary", has_text="New collection").click()
    page.get_by_label("Name", exact=True).fill("Made for it")
    page.get_by_role("button", name="Create collection").click()
    expect(page.get_by_role("heading", name="This collection is empty")).to_be_visible()
    page.goto(GALLERY)
    page.locator("[name=prompt]").fill("a draft that goes into no collection")

    page.goto(f"{GALLERY}collections/")
    page.get_by_role("link", name="Made for it").click()
    page.get_by_role("link", name="Generate in this collection").click()
    expect(page.locator("[name=prompt]")).to_have_value("a draft that goes into no collection")
    page.get_by_role("button", name=re.compile("Generate")).click()
    expect(page.locator("#feed .card").first).to_contain_text("a draft that goes", timeout=DRAWN)

    page.goto(f"{GALLERY}collections/")
    page.get_by_role("link", name="Made for it").click()
    expect(page.locator("#feed .card")).to_have_count(1)


def test_ten_are_shared_with_somebody_outside_who_takes_them_all(open_page, browser):
    page = open_page()
    page.goto(f"{GALLERY}?state=done")  # what other tests left in between can be chosen too
    cards(page).nth(0).locator(".card-open").click(modifiers=["ControlOrMeta"])
    cards(page).nth(9).locator(".card-open").click(modifiers=["Shift"])
    expect(page.locator("[data-selected]")).to_have_text("10")
    page.locator("#selection summary", has_text="Share").click()
    page.locator("#selection-share").fill("For the printer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share")
    toast(page, "10 pictures added to the new collection “For the printer”. Nothing is public until you create a link.")
    page.get_by_label("Allow download").check()
    page.get_by_role("button", name="Create link").click()
    url = page.locator("#share-link-url").input_value()

    with browser.new_context(java_script_enabled=False) as stranger:
        outside = stranger.new_page()
        outside.goto(url)
        expect(outside.locator(".card")).to_have_count(10)
        with outside.expect_download() as coming:
            outside.get_by_role("link", name="Download all (ZIP)").click()
        with zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes())) as found:
            assert found.namelist()[0].startswith("01 picture-")
            assert [traces(found.read(name)).marked for name in found.namelist()] == [True] * 10


def test_selection_is_shared_without_javascript_too(open_page):
    page = open_page(java_script_enabled=False)
    boxes = page.locator("#feed .card.is-done .card-check input")
    for number in range(2):
        boxes.nth(number).check()
    page.locator("#selection summary", has_text="Share").click()
    page.locator("#selection").get_by_role("button", name="Next").click()

    expect(page.locator("#share-title")).to_contain_text("Share “Pictures from ")
