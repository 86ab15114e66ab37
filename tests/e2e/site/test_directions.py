"""Arabic and Hebrew stand from the right wherever people's words are, and the page around them stays as it is."""

import re

from playwright.sync_api import expect

from tests.e2e.states import DRAWN, GALLERY, generate, open_page_of

ARABIC = "قطة على القمر 7 (صورة)"
HEBREW = "חתול על הירח, 12 תמונות!"
# The place of the text inside its element: how far its first letter is from either edge.
EDGES = """element => {
  const words = document.createRange(), box = element.getBoundingClientRect();
  words.selectNodeContents(element);
  const text = words.getBoundingClientRect();
  return {left: text.left - box.left, right: box.right - text.right};
}"""


def direction(locator):
    return locator.evaluate("element => getComputedStyle(element).direction")


def test_prompt_stands_from_the_right_where_it_is_typed_and_shown(open_page):
    page = open_page()
    field = page.locator("[name=prompt]")
    assert direction(field) == "ltr"
    field.fill(ARABIC)
    assert direction(field) == "rtl"

    card = generate(page, HEBREW)
    expect(card).to_have_class(re.compile("is-done"), timeout=DRAWN)
    assert direction(card.locator(".card-prompt")) == "rtl"
    open_page_of(card)
    prompt = page.locator(".panel-prompt")
    expect(prompt).to_have_text(HEBREW)
    edges = prompt.evaluate(EDGES)
    assert direction(prompt) == "rtl"
    assert edges["right"] < 2 < edges["left"]
    assert direction(page.locator("#panel")) == "ltr"


def test_comment_and_its_author_stand_in_their_own_directions(open_page):
    page = open_page(width=390, height=844)
    page.goto(f"{GALLERY}?state=done")
    open_page_of(page.locator("#feed .card").first)
    page.wait_for_load_state("load")
    page.get_by_label("Write a comment").fill(HEBREW)
    assert direction(page.get_by_label("Write a comment")) == "rtl"
    page.get_by_role("button", name="Comment", exact=True).click()

    comment = page.locator(".comment", has_text=HEBREW)
    expect(comment).to_be_visible()
    assert direction(comment.locator(".comment-text")) == "rtl"
    assert direction(comment.locator(".comment-author b")) == "ltr"


def test_names_do_not_turn_the_sentence_around_them(open_page):
    page = open_page()
    page.goto(f"{GALLERY}collections/")
    page.get_by_text("New collection").click()
    page.get_by_label("Name").fill(ARABIC)
    assert direction(page.get_by_label("Name")) == "rtl"
    page.get_by_role("button", name="Create collection").click()
    expect(page.get_by_role("heading", name=ARABIC)).to_be_visible()
    assert direction(page.get_by_role("heading", name=ARABIC).locator("bdi")) == "rtl"

    page.get_by_role("link", name="Share").first.click()
    title = page.get_by_role("heading", name="Share “")
    expect(title).to_be_visible()
    assert direction(title) == "ltr"
    assert direction(title.locator("bdi")) == "rtl"
    page.get_by_role("button", name="Create link").click()
    url = page.get_by_label("Share link", exact=True).input_value()

    outsider = open_page(as_=None, java_script_enabled=False, width=390, height=844)
    outsider.goto(url)
    title = outsider.get_by_role("heading", name=ARABIC)
    assert (direction(title), direction(title.locator("bdi"))) == ("ltr", "rtl")
