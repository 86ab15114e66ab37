"""The composer between the click and the answer: what is in the feed at once, and what is left when it fails."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.states import DRAWN, generate

AT_ONCE = """
    () => new Promise((done) => {
        const pressed = performance.now();
        new MutationObserver(() => {
            const cards = document.querySelectorAll("#feed .card[data-pending]");
            if (cards.length) done([performance.now() - pressed, cards.length, cards[0].className]);
        }).observe(document.getElementById("feed"), { childList: true, subtree: true });
        document.querySelector("[data-send]").click();
    })
"""


def slowly(route):
    time.sleep(2)
    route.continue_()


@pytest.mark.each_commit
def test_cards_are_there_before_the_server_answers_and_make_room_for_its_own(open_page):
    page = open_page()
    page.route("**/generations/**", slowly)
    page.locator("[name=prompt]").fill("two boats that are on their way")
    page.get_by_role("radio", name=re.compile("^Wide")).check()
    page.locator("#count").fill("2")

    milliseconds, count, classes = page.evaluate(AT_ONCE)

    assert milliseconds < 100
    assert count == 2
    assert "r177" in classes
    expect(page.locator("#feed [data-pending]").first).to_contain_text("two boats that are on their way")
    expect(page.locator("#announcements")).to_have_text(re.compile("Queued, position|Generating"))
    expect(page.locator("#feed [data-pending]")).to_have_count(0)
    card = page.locator("#feed .card[id]").first
    expect(card).to_have_class(re.compile("is-done"), timeout=DRAWN)
    expect(page.locator("#announcements")).to_contain_text("Ready")


@pytest.mark.parametrize(("answer", "sentence"), [("abort", "No connection"), (503, "temporarily unavailable")])
def test_failed_request_leaves_a_card_with_reason_and_prompt(open_page, complaints, answer, sentence):
    page = open_page()
    before = page.locator("#feed .card").count()
    page.route("**/generations/**", lambda route: route.abort() if answer == "abort" else route.fulfill(status=answer))
    page.locator("[name=prompt]").fill("words that do not arrive")
    page.locator("#count").fill("3")
    page.locator("[data-send]").click()

    card = page.locator("#feed [data-refused].card")
    expect(card).to_contain_text("words that do not arrive")
    expect(card).to_contain_text(sentence)
    expect(page.locator("#feed .card")).to_have_count(before + 1)
    expect(page.locator("[name=prompt]")).to_have_value("words that do not arrive")
    page.unroute("**/generations/**")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Edit prompt").click()
    expect(page.locator("[name=prompt]")).to_be_focused()
    generate(page, "words that arrive")
    expect(card).to_have_count(0)
    complaints[:] = [said for said in complaints if not said.startswith(("htmx:", "Response Status Error"))]


def test_earlier_prompts_open_by_arrow_and_fill_the_composer(open_page):
    page = open_page()
    prompt = page.locator("[name=prompt]")
    prompt.press("ArrowUp")
    search = page.get_by_role("searchbox", name="Search your prompts")
    expect(search).to_be_focused()
    expect(page.locator(".prompt-row").first).to_be_visible()
    search.fill("sign")
    expect(page.locator(".prompt-row", has_not_text="sign")).to_have_count(0)
    row = page.locator(".prompt-row").first
    words = row.locator(".prompt-text").inner_text()

    page.keyboard.press("ArrowDown")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")

    expect(prompt).to_have_value(words)
    expect(prompt).to_be_focused()
    expect(page.locator(".prompt-row").first).to_be_hidden()


def test_error_goes_when_its_field_is_edited(open_page):
    page = open_page()
    page.locator("[name=prompt]").fill("a text to keep")
    page.locator("#count").fill("9")
    page.locator("[data-send]").click()
    error = page.locator("#count-error")
    expect(error).to_contain_text("from 1 to 8")
    expect(page.locator("#count")).to_have_attribute("aria-invalid", "true")

    page.locator("#count").press("ArrowDown")

    expect(error).to_be_empty()
    expect(page.locator("#count")).not_to_have_attribute("aria-invalid", "true")


def test_composer_opens_over_the_page_and_closes_by_esc_and_by_a_press_elsewhere(open_page):
    page = open_page()
    composer, card = page.locator("#composer"), page.locator("#feed .card").first
    first = card.bounding_box()["y"]
    expect(composer).to_have_css("height", "56px")

    page.locator("[name=prompt]").click()
    expect(composer).to_have_class(re.compile("is-open"))
    assert composer.bounding_box()["height"] > 150
    assert card.bounding_box()["y"] == first
    page.keyboard.press("Escape")
    expect(composer).to_have_css("height", "56px")
    page.get_by_role("button", name="1:1").click()
    expect(page.locator("[name=prompt]")).to_be_focused()
    page.locator("#feed").click(position={"x": 2, "y": 2})
    expect(composer).to_have_css("height", "56px")


def test_error_of_a_setting_opens_the_settings(open_page):
    page = open_page()
    page.locator("[name=prompt]").fill("a seed that is none")
    page.locator(".more summary").click()
    page.locator("[name=seed]").fill("one")
    page.keyboard.press("Escape")
    expect(page.locator("[name=seed]")).to_be_hidden()

    page.locator("[data-send]").click()

    expect(page.locator("[name=seed]")).to_be_focused()


def test_composer_on_a_phone_is_a_line_and_then_a_sheet(open_page):
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    composer = page.locator("#composer")
    expect(composer).to_have_css("height", "48px")

    page.locator("[data-send]").tap()

    expect(page.locator("[name=prompt]")).to_be_focused()
    box = composer.bounding_box()
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    assert box["height"] <= 0.6 * 844


def test_preset_is_saved_where_one_types_and_fills_the_composer_again(open_page):
    page = open_page()
    page.locator("[name=prompt]").fill("words that stay")
    page.get_by_role("radio", name=re.compile("^Wide")).check()
    menu = page.locator("details", has=page.locator(".composer-presets")).locator("summary")
    menu.click()
    page.get_by_role("textbox", name="Name of the preset").fill("Posters in a row")
    page.keyboard.press("Enter")
    expect(page.locator(".preset.is-active")).to_have_text(re.compile("Posters in a row"))
    page.get_by_role("radio", name=re.compile("^Square")).check()

    menu.click()
    page.locator(".preset", has_text="Posters in a row").click()

    expect(page.get_by_role("radio", name=re.compile("^Wide"))).to_be_checked()
    expect(page.locator("[name=prompt]")).to_have_value("words that stay")


DROP = """
    async ([address, name]) => {
        const bytes = await (await fetch(address)).blob();
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], name));
        const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector("#composer [data-prompt]").dispatchEvent(event);
    }
"""


def test_picture_that_is_dropped_on_the_composer_fills_it_and_a_foreign_file_does_not(open_page):
    page = open_page()
    card = page.locator("#feed .card.is-done").first
    words = card.locator(".card-prompt").inner_text()
    picture = card.locator(".card-open").get_attribute("href").split("?")[0]

    page.evaluate(DROP, ["/static/img/logo.svg", "logo.svg"])
    expect(page.get_by_text("isn't a picture from this site")).to_be_visible()
    expect(page.locator("[name=prompt]")).to_have_value("")
    page.evaluate(DROP, [f"{picture}image", "anything"])

    expect(page.locator("[name=prompt]")).to_have_value(words)
    expect(page.locator("[name=seed]")).to_have_value(re.compile(r"\d+"))
