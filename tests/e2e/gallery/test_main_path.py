"""What a newcomer does in the first five minutes, in a real browser on a real site."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.states import DRAWN, changed_order, generate, move_to_trash, open_page_of

PROMPT = 'a small boat at dawn, a sign that says "To the sea"'


@pytest.mark.each_commit
def test_prompt_becomes_a_picture_without_reload(open_page):
    page = open_page()
    page.evaluate("window.same = true")

    card = generate(page, PROMPT)
    expect(card).to_have_class(re.compile("is-(waiting|drawing)"))
    expect(card).to_have_class(re.compile("is-done"), timeout=DRAWN)

    picture = card.locator("img.card-picture")
    expect(picture).to_have_attribute("alt", re.compile("^AI-generated image: a small boat"))
    expect(picture).to_have_js_property("complete", value=True)
    assert page.evaluate("window.same") is True


def test_total_and_day_have_moved_when_a_picture_is_done(open_page):
    page = open_page()
    expect(generate(page, PROMPT)).to_have_class(re.compile("is-done"), timeout=DRAWN)
    expect(page.locator("#live [hx-get]")).to_have_count(0, timeout=3 * DRAWN)
    figures = page.locator("#found, .day-summary")
    # Also what narrow cells do not show.
    said = [" ".join(text.split()) for text in figures.all_text_contents()]

    page.reload()

    expect(figures).to_have_text(said)


def test_page_stops_polling_when_nothing_waits(open_page):
    page = open_page()
    expect(generate(page, PROMPT)).to_have_class(re.compile("is-done"), timeout=DRAWN)
    # Pictures that other tests left waiting in this gallery are watched as well: their end is awaited.
    expect(page.locator("#live [hx-get]")).to_have_count(0, timeout=3 * DRAWN)
    polls = []
    page.on("request", lambda request: polls.append(request.url) if "/poll/" in request.url else None)

    page.wait_for_timeout(4500)

    assert polls == []


def test_picture_is_opened_remixed_starred_deleted_and_brought_back(open_page):
    page = open_page()
    card = generate(page, "a lighthouse for the remix")
    expect(card).to_have_class(re.compile("is-done"), timeout=DRAWN)
    address = card.get_attribute("id")

    card.locator(".card-open").click()
    page.keyboard.press("i")
    expect(page.get_by_text(re.compile(r"\$0\.0\d+ charged"))).to_be_visible()
    page.locator("#panel").get_by_role("link", name="Remix", exact=True).click()
    expect(page.locator("[name=prompt]")).to_have_value("a lighthouse for the remix")
    page.keyboard.press("Escape")  # the composer stands open over the first row

    card = page.locator(f"#{address}")
    card.hover()
    star = card.get_by_role("button", name="Favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")

    move_to_trash(card)
    page.locator(f"#{address}").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#{address} img.card-picture")).to_be_visible()


def test_main_path_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.locator("[name=prompt]").fill("a hill, without any script")
    page.get_by_role("button", name=re.compile("Generate")).click()
    card = page.locator("#feed .card").first
    expect(card).to_contain_text("a hill, without any script")
    deadline = time.monotonic() + DRAWN / 1000
    while "is-done" not in (card.get_attribute("class") or "") and time.monotonic() < deadline:
        page.wait_for_timeout(1000)
        page.reload()

    card.locator(".card-open").click()
    expect(page.locator("main")).to_contain_text("a hill, without any script")
    page.get_by_role("button", name=re.compile("Favourite|favourite")).first.click()
    page.locator("summary", has_text="More actions").click()
    page.get_by_role("button", name=re.compile("trash", re.IGNORECASE)).first.click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#feed .card").first).to_contain_text("a hill, without any script")


def test_main_path_on_a_phone(open_page):
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)

    expect(generate(page, "a phone by the sea")).to_have_class(re.compile("is-done"), timeout=DRAWN)

    for address in ("/t/harbour-team/", "/t/harbour-team/queue/", "/t/harbour-team/trash/", "/accounts/password/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


@pytest.mark.parametrize("width", [720, 820, 900, 1180])
def test_page_fits_on_a_tablet(open_page, width):
    page = open_page(width=width)

    for address in ("/t/harbour-team/", "/t/harbour-team/credits/", "/t/harbour-team/people/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_keys_lead_through_the_filtered_pictures_and_back(open_page):
    page = open_page()
    page.goto("/t/harbour-team/?q=sign")
    cards = page.locator("#feed .card.is-done .card-open")
    second = cards.nth(1).get_attribute("href")
    cards.first.click()
    page.wait_for_url("**/g/**")

    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{second}")
    page.keyboard.press("Escape")

    page.wait_for_url(re.compile(r"/t/harbour-team/\?q=sign"))


def test_keys_lead_from_the_page_of_a_picture_too(open_page):
    page = open_page()
    page.goto("/t/harbour-team/?q=sign")
    cards = page.locator("#feed .card.is-done")
    second = cards.nth(1).locator(".card-open").get_attribute("href")
    open_page_of(cards.first)

    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{second}")
    page.keyboard.press("Escape")

    page.wait_for_url(re.compile(r"/t/harbour-team/\?q=sign"))


@pytest.mark.parametrize(("field", "value", "sentence"), [("prompt", " ", "empty"), ("count", "9", "from 1 to 8")])
def test_bad_input_says_so_at_its_field_and_keeps_the_text(open_page, field, value, sentence):
    page = open_page()
    before = page.locator("#feed .card").count()
    page.locator("[name=prompt]").fill("a text to keep")
    page.locator(f"[name={field}]").fill(value)
    page.get_by_role("button", name=re.compile("Generate")).click()

    expect(page.locator("#composer")).to_contain_text(sentence)
    expect(page.locator(f"[name={field}]")).to_have_value(value)
    assert page.locator("#feed .card").count() == before


def test_draft_survives_a_reload(open_page):
    page = open_page()
    page.locator("[name=prompt]").fill("a draft that is not sent yet")

    page.reload()

    expect(page.locator("[name=prompt]")).to_have_value("a draft that is not sent yet")


def test_quality_is_hidden_for_png(open_page):
    page = open_page()
    page.locator(".more summary").click()
    quality = page.locator("[name=output_quality]")
    expect(quality).to_be_visible()

    page.get_by_role("radio", name="PNG").check()

    expect(quality).to_be_hidden()


def test_price_on_the_button_follows_the_count(open_page):
    page = open_page()
    price = page.locator("#composer [data-price]")
    one = float(price.inner_text().removeprefix("$"))

    page.get_by_role("button", name="Increase number of pictures").click()

    expect(price).not_to_have_text(f"${one:.3f}")
    assert float(price.inner_text().removeprefix("$")) == pytest.approx(2 * one, abs=0.0011)
    expect(page.get_by_role("button", name="Generate 2")).to_be_visible()


def test_card_that_was_starred_or_drawn_meanwhile_still_follows_the_filter(open_page):
    page = open_page()
    page.goto("/t/harbour-team/?q=sign&layout=grid")
    card = page.locator("#feed .card.is-done").first
    address = card.locator(".card-open").get_attribute("href")
    assert address.endswith("/?q=sign&layout=grid")
    card.hover()

    with page.expect_response("**/favourite"):
        card.get_by_role("button", name="Favourite").click()

    expect(card.locator(".card-open")).to_have_attribute("href", address)


def test_order_keeps_the_layout(open_page):
    page = open_page()
    page.goto("/t/harbour-team/?layout=grid&q=sign")

    card = generate(page, "a picture in the grid")

    page.wait_for_url("**/t/harbour-team/?layout=grid")
    expect(card.locator(".card-open")).to_have_attribute("href", re.compile(r"\?layout=grid$"))


def test_cards_of_a_page_that_was_loaded_later_become_pictures_too(open_page, emulator):
    page = open_page()
    page.locator("#count").fill("8")
    # The first eight take two minutes, also beside a crowd; those that push them off the first page take none.
    emulator(speed_up=0.08, drawing="plain")
    generate(page, "eight that take their time")
    expect(page.locator("#feed .card.is-drawing")).to_have_count(8, timeout=DRAWN)
    emulator(speed_up=50)
    for number in range(6):
        generate(page, f"eight of many, {number}")
    page.reload()  # new cards come on top of the page; loaded anew, it ends after 48

    page.locator(".feed-more").scroll_into_view_if_needed()
    page.wait_for_selector("#feed .feed-page + .feed-page")
    late = page.locator("#feed .feed-page + .feed-page .card:is(.is-waiting, .is-drawing)").first
    card = page.locator(f"#{late.get_attribute('id')}")

    expect(card).to_have_class(re.compile("is-done"), timeout=2 * DRAWN)


def test_refused_form_without_javascript_is_left_by_its_own_buttons(open_page):
    page = open_page(java_script_enabled=False)
    page.locator("[name=prompt]").fill(" ")
    page.get_by_role("button", name=re.compile("Generate")).click()
    expect(page.locator("#composer")).to_contain_text("empty")

    card = page.locator("#feed .card.is-done").first
    card.hover()
    card.get_by_role("button", name="Favourite").click()

    page.wait_for_url("**/t/harbour-team/")


def test_form_key_that_is_used_up_keeps_the_words_and_the_next_try_is_taken(open_page, emulator):
    page = open_page()
    changed_order(page, emulator)
    expect(page.locator("[name=prompt]")).to_have_value("another order with the same key")

    generate(page, "another order with the same key")

    expect(page.locator("#composer-errors .field-error")).to_have_count(0)


def test_expected_time_follows_the_speed(open_page):
    page = open_page()
    page.locator("[name=prompt]").focus()
    page.locator(".more summary").click()
    hint = page.locator(".composer-hint > span:visible", has_text=re.compile(" each$"))
    before = hint.text_content()

    page.get_by_role("radio", name=re.compile("^Fastest")).check()

    expect(hint).to_have_count(1)
    expect(hint).not_to_have_text(before)


def test_viewer_sees_the_gallery_and_no_composer(open_page):
    page = open_page(as_="viewer")

    expect(page.locator("#feed .card").first).to_be_visible()
    expect(page.locator("#composer")).to_have_count(0)
