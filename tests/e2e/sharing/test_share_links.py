"""A picture is shown to somebody without an account and without scripts, and then it is gone for them."""

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.states import GALLERY

SECRET = "open sesame street"
# What is announced to screen readers from now on.
HEARD = """() => {
  const place = document.getElementById("announcements"), heard = [];
  new MutationObserver(() => heard.push(place.textContent)).observe(place, {childList: true});
  return heard;
}"""


# Nothing can be read from the clipboard of a test, so it is asked what was written there.
CLIPBOARD = """() => {
  window.written = [];
  navigator.clipboard.write = async ([item]) => written.push(await (await item.getType("text/plain")).text());
}"""


def open_panel(page):
    page.goto(GALLERY)
    page.locator("#feed .card.is-done .card-open").first.click()
    page.get_by_role("link", name="Share").click()
    expect(page.get_by_role("dialog", name="Share this picture")).to_be_visible()
    if page.get_by_role("link", name="New link with other options").is_visible():
        page.get_by_role("link", name="New link with other options").click()
    expect(page.get_by_role("button", name="Create link")).to_be_visible()


def make_link(page, *ticks, password=""):
    open_panel(page)
    for tick in ticks:
        page.get_by_label(tick).check()
    page.get_by_label("Require a password").set_checked(bool(password))
    if password:
        page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Share link", exact=True).input_value()


@pytest.mark.parametrize("width", [pytest.param(1440, marks=pytest.mark.each_commit), 390])
def test_link_is_created_copied_changed_and_revoked_over_the_gallery(open_page, width):
    page = open_page(as_="member", width=width, height=844)
    page.goto(f"{GALLERY}?state=done")
    page.evaluate(CLIPBOARD)
    card = page.locator("#feed .card.is-done[data-seen=team]").last
    card = page.locator(f"#{card.get_attribute('id')}")
    dialog = page.get_by_role("dialog", name="Share this picture")

    card.locator(".card-open").press("s")
    dialog.get_by_role("button", name="Create link").press("Enter")
    expect(page.locator("#announcements")).to_have_text("Link created and copied")
    expect(dialog.get_by_role("button", name="Copy link")).to_be_focused()
    url = dialog.get_by_label("Share link", exact=True).input_value()
    assert page.evaluate("written") == [url]

    dialog.get_by_label("Show names").click()
    expect(dialog.locator(".share-done")).to_contain_text("Saved")
    dialog.get_by_label("Require a password").check()
    dialog.get_by_label("Password", exact=True).fill(SECRET)
    dialog.get_by_label("Password", exact=True).press("Tab")
    expect(dialog.get_by_placeholder("Unchanged")).to_be_visible()
    assert page.evaluate("document.querySelector('.share-dialog').scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(card).to_have_attribute("data-seen", "link")
    expect(card.locator(".card-open")).to_be_focused()
    assert "Password required" in requests.get(url, timeout=120).text

    card.locator(".card-open").press("s")
    expect(dialog.get_by_label("Share link", exact=True)).to_have_value(url)
    expect(dialog.locator(".share-foot")).to_contain_text("days left")
    dialog.get_by_role("button", name="Revoke link").click()
    expect(dialog.get_by_text("Link revoked.")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(card).to_have_attribute("data-seen", "team")
    assert requests.get(url, timeout=120).status_code == 404


@pytest.mark.each_commit
def test_picture_is_shown_outside_and_taken_back(open_page):
    member = open_page(as_="member")
    url = make_link(member, "Allow download", "Show prompt")
    # The button says "Copied" for a moment only, which a crowded machine may miss.
    member.wait_for_load_state("load")
    heard = member.evaluate_handle(HEARD)
    member.get_by_role("button", name="Copy link").click()
    member.wait_for_function("heard => heard.includes('Copied')", arg=heard)

    outsider = open_page(as_=None, java_script_enabled=False, width=390, height=844)
    outsider.goto(url)
    expect(outsider.get_by_text("AI-generated image", exact=True)).to_be_visible()
    picture = outsider.locator(".public-frame img[srcset]")
    expect(picture).to_be_visible()
    files = [outsider.get_by_role("link", name="Download").get_attribute("href"), picture.get_attribute("src")]
    addresses = [url, *(url.partition("/s/")[0] + path for path in files)]
    assert [requests.get(one, timeout=120).status_code for one in addresses] == [200] * 3

    member.goto(f"{GALLERY}links/")
    expect(member.locator(".link-row").first).to_contain_text("2 visits")
    member.get_by_role("button", name="Revoke the link to").first.click()
    expect(member.get_by_text("Link revoked.")).to_be_visible()

    outsider.reload()
    expect(outsider.get_by_role("heading", name="This link isn't available")).to_be_visible()
    assert [requests.get(one, timeout=120).status_code for one in addresses] == [404] * 3


def test_visitor_reports_a_picture_and_a_manager_hides_it(open_page):
    url = make_link(open_page(as_="member"))
    outsider = open_page(as_=None, java_script_enabled=False, width=390, height=844)
    outsider.goto(url)
    outsider.get_by_role("link", name="Report this picture").click()
    outsider.get_by_label("Hate or harassment").check()
    outsider.get_by_label("Note").fill("Look at the sign.")
    outsider.get_by_role("button", name="Report picture").click()
    expect(outsider.get_by_role("status")).to_have_text("Reported. The team's managers have been notified.")

    owner = open_page()
    owner.goto("/notifications/")
    owner.get_by_role("button", name="Someone reported a picture through a share link").first.click()
    owner.wait_for_url("**/reports/**")
    row = owner.locator(".report-row", has_text="Look at the sign.")
    row.get_by_role("button", name="Hide picture").click()
    expect(owner.get_by_text("Picture hidden.")).to_be_visible()

    outsider.goto(url)
    expect(outsider.get_by_role("heading", name="This link isn't available")).to_be_visible()
    row.get_by_role("button", name="Show again").click()
    expect(owner.get_by_text("Picture shown again.")).to_be_visible()
    outsider.reload()
    expect(outsider.get_by_role("link", name="Report this picture")).to_be_visible()


def test_password_stands_before_everything(open_page):
    url = make_link(open_page(as_="member"), password=SECRET)
    outsider = open_page(as_=None)
    outsider.goto(url)

    outsider.get_by_label("Password").fill("not this one")
    outsider.get_by_role("button", name="Open").click()
    expect(outsider.get_by_role("alert")).to_contain_text("Wrong password.")
    outsider.get_by_label("Password").fill(SECRET)
    outsider.get_by_role("button", name="Open").click()

    picture = outsider.locator(".public-frame img[srcset]")
    expect(picture).to_be_visible()
    # Its place is there before its bytes are.
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def link_to_collection(page, *ticks):
    page.goto(f"{GALLERY}collections/")
    page.locator("main a[href*='/collections/0']").first.click()
    page.wait_for_url("**/collections/*-*/")
    page.goto(f"{page.url}share")
    if page.get_by_role("link", name="New link with other options").is_visible():
        page.get_by_role("link", name="New link with other options").click()
    for tick in ticks:
        page.get_by_label(tick).check()
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Share link", exact=True).input_value()


@pytest.mark.parametrize("width", [1440, 390])
def test_visitor_looks_through_a_collection_and_lets_it_play(open_page, width):
    url = link_to_collection(open_page(as_="owner"), "Allow download", "Show prompt")
    visitor = open_page(as_=None, width=width, height=844, bypass_csp=True)
    visitor.goto(url)
    cards = visitor.locator("article.card .card-open")
    count, lightbox = cards.count(), visitor.locator("#lightbox")

    cards.nth(1).click()
    expect(lightbox.locator("[data-count]")).to_have_text(f"2 of {count}")
    expect(lightbox.locator("[data-caption]")).to_contain_text("AI-generated · ")
    address = lightbox.get_by_role("link", name="Download").get_attribute("href")
    assert requests.get(url.partition("/s/")[0] + address, timeout=120).status_code == 200
    assert findings(visitor) == []
    visitor.keyboard.press("ArrowLeft")
    expect(lightbox.locator("[data-count]")).to_have_text(f"1 of {count}")
    visitor.keyboard.press("Escape")
    expect(lightbox).to_be_hidden()
    assert visitor.url == url

    visitor.get_by_role("button", name="Slideshow").click()
    expect(lightbox.locator("[data-count]")).to_have_text(f"3 of {count}")
    expect(lightbox.get_by_role("button", name="Slideshow")).to_have_attribute("aria-pressed", "true")
    visitor.keyboard.press("p")
    expect(lightbox.get_by_role("button", name="Slideshow")).to_have_attribute("aria-pressed", "false")


def test_collection_is_looked_through_without_scripts(open_page):
    url = link_to_collection(open_page(as_="owner"))
    visitor = open_page(as_=None, java_script_enabled=False)
    visitor.goto(url)
    expect(visitor.get_by_role("button", name="Slideshow")).to_be_hidden()

    visitor.locator("article.card .card-open").first.click()
    visitor.get_by_role("link", name="Next picture").click()

    expect(visitor.locator(".public-frame img[srcset]")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_links_have_no_serious_finding(open_page, theme):
    member = open_page(as_="member", color_scheme=theme, bypass_csp=True)
    url = make_link(member, "Allow download", "Show names")
    pages = {"made": findings(member)}
    locked = make_link(member, password=SECRET)
    member.goto(f"{GALLERY}links/")
    pages["links"] = findings(member)
    for name, address in {"picture": url, "door": locked, "gone": f"{url}x/y"}.items():
        member.goto(address)
        pages[name] = findings(member)

    assert {name: found for name, found in pages.items() if found} == {}


def findings(page):
    serious = [one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in serious]
