"""A new owner asks what was spent, who, on what, was it worth it, will it last; each answer is few clicks away."""

import csv
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

CREDITS = "/t/harbour-team/credits/"
SIDEWAYS = "[...document.querySelectorAll('.scroll, .tabs')].filter(one => one.scrollWidth > one.clientWidth).length"


def dollars(text):
    return Decimal(re.search(r"\$([\d,.]+)", text).group(1).replace(",", ""))


def spent(page):
    """Return the exact figure, which is shown on hover."""
    return dollars(page.locator(".figure", has_text="Spent").locator(".figure-value").get_attribute("title"))


def sum_of_entries(page):
    """Return the figure above the entries, with four places as tables have it."""
    page.wait_for_url("**/entries/**")
    return round(dollars(page.locator(".entries-sum [title]").get_attribute("title")), 4)


@pytest.mark.each_commit
def test_owner_follows_a_figure_to_its_pictures(open_page):
    page = open_page()
    page.goto("/t/harbour-team/")
    page.get_by_role("link", name="Credits", exact=True).click()
    month = spent(page)
    assert month > 0

    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    week = spent(page)
    assert 0 < week <= max(month, week)
    page.get_by_role("link", name="Speed", exact=True).click()
    assert spent(page) == week
    figure = page.locator(".usage-table tbody a").first
    clicked = figure.inner_text()
    figure.click()

    assert sum_of_entries(page) == dollars(clicked)
    amounts = [dollars(text) for text in page.locator(".entry-amount").all_inner_texts()]
    assert abs(sum(amounts) - dollars(clicked)) <= Decimal("0.0001") * len(amounts)
    page.locator(".entry-text a").first.click()
    page.wait_for_url("**/g/**")


def test_chart_tells_a_day_to_pointer_and_keys_and_opens_it(open_page):
    page = open_page()
    page.goto(f"{CREDITS}?when=week")
    said = page.locator("[data-chart-readout]")
    usual = said.inner_text()
    page.locator("[data-chart] .chart-place").last.hover()
    expect(said).to_contain_text(re.compile(r"\$0\.\d{4}, \d+ paid picture"))
    page.mouse.move(5, 5)
    expect(said).to_have_text(usual)

    page.locator("[data-chart]").focus()
    page.keyboard.press("ArrowLeft")
    told = said.inner_text()
    page.keyboard.press("Enter")
    assert sum_of_entries(page) == dollars(told)


def test_without_scripts_days_are_chosen_and_a_bar_is_a_link(open_page):
    page = open_page(java_script_enabled=False)
    page.goto(CREDITS)
    page.locator("summary", has_text="Custom").click()
    first = page.locator("[name=from]").input_value()
    page.locator("[name=from]").fill(f"{int(first[:4]) - 1}{first[4:]}")
    page.locator("[name=to]").fill(first)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".credits-period")).to_contain_text(str(int(first[:4]) - 1))

    page.goto(f"{CREDITS}?when=week")
    page.locator(".chart-place[href]").last.click()
    expect(page.locator(".entries-sum")).to_be_visible()


def test_member_sees_her_own_and_the_owner_everybodys(open_page):
    owner, member = open_page(), open_page(as_="member")
    # On the first of a month nobody may have spent anything in it.
    days = f"from={timezone.localdate() - timedelta(days=60)}&to={timezone.localdate()}"
    owner.goto(f"{CREDITS}?{days}&by=person")
    line = owner.locator(".usage-table tr", has_text="Jonas Lind").locator("a").inner_text()
    member.goto(f"{CREDITS}?{days}")

    assert round(spent(member), 4) == dollars(line) < spent(owner)
    assert member.locator("body", has_text="Mara Kessler").count() == 0


def test_file_adds_up_to_the_page(open_page):
    page = open_page()
    page.goto(CREDITS)
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="All entries").click()
    lines = list(csv.DictReader(coming.value.path().read_text(encoding="utf-8-sig").splitlines()))

    assert sum(Decimal(line["amount_usd"]) for line in lines) == spent(page)


def test_paper_shows_figures_chart_and_table_and_no_bar(open_page, tmp_path):
    page = open_page(color_scheme="dark")
    page.goto(CREDITS)
    page.emulate_media(media="print")

    for hidden in (".topbar", ".periods", ".tabs", ".credits-tools"):
        expect(page.locator(hidden).first).to_be_hidden()
    for shown in (".figures", ".chart", ".usage-table", ".print-only"):
        expect(page.locator(shown)).to_be_visible()
    expect(page.locator(".print-only")).to_contain_text(re.compile(r"Harbour team · .+ Printed .+ by Mara Kessler"))
    # Dark or not: paper is white.
    assert page.evaluate("getComputedStyle(document.querySelector('.credits h1')).color") == "rgb(23, 25, 28)"
    page.screenshot(path=tmp_path / "paper.png")


def test_phone_finds_credits_under_more_and_nothing_runs_over_its_edge(open_page):
    page = open_page(width=390, height=844, bypass_csp=True)
    page.goto("/t/harbour-team/")
    page.locator(".nav-more summary").click()
    page.get_by_role("link", name="Credits", exact=True).click()
    for address in (CREDITS, f"{CREDITS}?by=outcome", f"{CREDITS}entries/", f"{CREDITS}keep-rate/", "/credits/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        assert page.evaluate(SIDEWAYS) == 0, address
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == [], address


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_menus_of_the_page_open_inside_it(open_page, width):
    page = open_page(width=width, height=844)
    page.goto(CREDITS)
    top_of_bar = page.locator(".nav").first.bounding_box()["y"] if width < 720 else 844
    for name in ("Custom", "Export"):
        menu = page.locator(".credits details.menu", has=page.get_by_text(name, exact=True))
        menu.locator("summary").click()
        box = menu.locator(".menu-panel").bounding_box()

        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width, name
        assert box["y"] + box["height"] <= top_of_bar, name
        menu.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
