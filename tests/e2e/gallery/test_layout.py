"""The gallery as it looks: pictures fill the screen, one slim bar stays, the timeline leads to a month."""

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.e2e.states import GALLERY

COVERED = """() => {
  const bar = document.querySelector('.topbar').getBoundingClientRect().bottom;
  const nav = document.querySelector('.nav').getBoundingClientRect();
  const end = nav.top > innerHeight / 2 ? nav.top : innerHeight;
  let area = 0;
  for (const card of document.querySelectorAll('#feed .card')) {
    const box = card.getBoundingClientRect();
    const width = Math.min(innerWidth, box.right) - Math.max(0, box.left);
    area += Math.max(0, width) * Math.max(0, Math.min(end, box.bottom) - Math.max(bar, box.top));
  }
  return area / (innerWidth * innerHeight);
}"""


@pytest.mark.each_commit
@pytest.mark.parametrize(("width", "height", "first", "share"), [(1440, 900, 230, 0.70), (390, 844, 190, 0.75)])
def test_pictures_fill_the_screen(open_page, width, height, first, share):
    page = open_page(width=width, height=height)
    page.goto(GALLERY)
    # Other tests of this site may have left a notice on top.
    notice = page.evaluate("document.getElementById('banner').offsetHeight")
    assert page.locator("#feed .card").first.bounding_box()["y"] - notice < first

    shares = []
    for part in (0.35, 0.5, 0.65):
        page.evaluate(f"scrollTo(0, {part} * document.documentElement.scrollHeight - innerHeight / 2)")
        expect(page.locator(".topbar")).to_have_class(re.compile("is-slim"))
        shares.append(page.evaluate(COVERED))

    assert sum(shares) / 3 >= share, shares
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_prompt_of_the_slim_bar_opens_the_composer_where_the_page_is(open_page):
    page = open_page()
    page.goto(GALLERY)
    page.evaluate("scrollTo(0, 1200)")
    page.locator("[data-docked-prompt]").click()

    expect(page.locator("[data-prompt]")).to_be_focused()
    expect(page.locator("#composer")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 1000
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).not_to_be_in_viewport()


def test_size_of_thumbnails_is_kept_with_the_user(open_page):
    page = open_page()
    page.goto(GALLERY)
    slider = page.get_by_role("slider", name="Thumbnail size")
    before = page.locator("#feed .card").first.bounding_box()["height"]
    with page.expect_response("**/thumbnail-size/"):
        slider.fill("5")

    assert page.locator("#feed .card").first.bounding_box()["height"] > before * 1.2
    page.reload()
    expect(slider).to_have_value("5")


def test_timeline_leads_to_a_month_by_keys(open_page):
    page = open_page()
    page.goto(GALLERY)
    months = page.locator("#timeline a")
    months.first.focus()
    page.keyboard.press("End")
    expect(months.last).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_url("**/?before=*")
    expect(page.locator("#feed .card").first).to_be_visible()


def test_timeline_is_dragged_through_the_days(open_page):
    page = open_page()
    page.goto(GALLERY)
    # The month with most days on the page: on the first of a month that is the one before.
    days = page.locator("#feed .day time").evaluate_all("times => times.map(time => time.dateTime)")
    ((month, _),) = Counter(day[:7] for day in days).most_common(1)
    rail = page.locator(".timeline-months li", has=page.locator(f"[data-month='{month}']")).bounding_box()
    page.mouse.move(rail["x"] + 20, rail["y"] + 40)
    page.mouse.down()
    page.mouse.move(rail["x"] + 20, rail["y"] + rail["height"] * 0.6, steps=6)

    expect(page.locator("[data-timeline-day]")).to_be_visible()
    page.wait_for_function("() => scrollY > 300")
    named = page.locator("[data-timeline-day]").inner_text()
    assert page.locator("#feed .day time", has_text=named).first.is_visible()
    page.mouse.up()
    assert page.url.endswith(GALLERY)


def test_row_of_search_does_not_move_the_pictures(open_page):
    """A press on a picture would meet another one."""
    page = open_page(width=1440, height=900)
    page.goto(f"{GALLERY}?q=sign")
    first, row = page.locator("#feed .card").first, page.locator("#filters")
    before = first.bounding_box()["y"]

    page.locator("#search").focus()
    expect(row).to_contain_class("is-suggesting")
    assert first.bounding_box()["y"] == before
    page.keyboard.press("Escape")
    expect(row).not_to_contain_class("is-suggesting")
    assert first.bounding_box()["y"] == before
