"""What a screen reader announces: every control has a role and a name; those of a card name their picture.

docs/accessibility.md has the outline of both pages as it was read.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.states import open_page_of

CONTROLS = "button|link|textbox|searchbox|checkbox|radio|spinbutton|slider|combobox|img|region|navigation|figure"
LANDMARKS = ["banner", "main", 'navigation "Main"']


def tree(page):
    """Return the accessibility tree, with one role and its name in each line."""
    return page.locator("html").aria_snapshot()


def nameless(page):
    found = re.findall(rf"^ *- (?:{CONTROLS})\b(?!.* \"|.*:.+).*$", tree(page).replace("- figure:", ""), re.MULTILINE)
    return [line.strip() for line in found]


def roles(page, role):
    return re.findall(rf"^ *- '?{role} \"([^\"]+)\"", tree(page), re.MULTILINE)


@pytest.fixture(params=["owner", "viewer"])
def gallery(request, open_page):
    return open_page(as_=request.param)


def open_picture(page):
    open_page_of(page.locator("#feed .card.is-done").nth(1))
    page.wait_for_selector("#panel")
    return page


@pytest.fixture
def detail(gallery):
    return open_picture(gallery)


@pytest.fixture(params=["gallery", "detail"])
def page(request, gallery):
    return gallery if request.param == "gallery" else open_picture(gallery)


def test_everything_that_can_be_used_has_a_name(page):
    assert nameless(page) == []


def test_page_has_its_landmarks_and_one_heading_on_top(page):
    assert [one for one in LANDMARKS if not re.search(rf"^ *- {one}", tree(page), re.MULTILINE)] == []
    assert len(re.findall(r"heading .*\[level=1\]", tree(page))) == 1


def test_buttons_of_a_card_say_which_picture_they_mean(gallery):
    card = gallery.locator("#feed .card.is-done").first
    prompt = card.locator(".card-prompt").inner_text()

    expect(card.locator(".card-open")).to_have_accessible_name(f"AI-generated image: {prompt}")
    for control in card.locator(".card-actions :is(a, button)").all():
        expect(control).to_have_accessible_name(re.compile("^(Download|Remix|Favourite|More actions)$"))
        expect(control).to_have_accessible_description(prompt)


def test_days_are_regions_that_a_reader_can_jump_between(gallery):
    days = roles(gallery, "heading")

    assert [day for day in days if "picture" in day]


def test_page_of_a_picture_says_what_it_shows_who_made_it_and_what_can_be_done(detail):
    about = detail.get_by_role("region", name="About this picture")

    expect(about.get_by_role("heading", level=1)).to_have_accessible_name(re.compile("^Picture by "))
    expect(detail.locator(".frame-picture")).to_have_accessible_name(re.compile("^AI-generated image: "))
    expect(about.get_by_role("link", name="Download", exact=True)).to_have_accessible_description(
        "Download, marked as AI-generated (d)"
    )
    assert {"Newer picture", "Older picture", "Back to gallery"} <= set(roles(detail, "link"))


def test_rule_of_names_sees_a_planted_one(gallery):
    gallery.evaluate("document.getElementById('main').append(document.createElement('button'))")

    assert nameless(gallery) == ["- button"]
