"""A picture over the gallery: its address, the keys, the gestures, and the way back."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.site.test_accessibility import violations
from tests.e2e.states import GALLERY

FOCUSED = "document.activeElement.closest('article')?.id"
INSIDE = "document.getElementById('lightbox').contains(document.activeElement)"
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


def links(page):
    return page.locator("#feed article.card.is-done > a.card-open")


def box(page):
    return page.get_by_role("dialog", name=re.compile("^AI-generated image: "))


def open_lightbox(page, number=1):
    """Open it and wait until the page of the picture has been read; return the addresses of all pictures."""
    page.goto(f"{GALLERY}?q=sign")
    page.wait_for_load_state("load")
    addresses = [link.get_attribute("href") for link in links(page).all()]
    links(page).nth(number).click()
    page.wait_for_selector("[data-slot=download]:visible")
    return addresses


def percent(page):
    return int(page.locator("[data-percent]").text_content().removesuffix("%"))


@pytest.mark.each_commit
def test_picture_opens_over_the_gallery_and_leads_on_and_back(open_page):
    page = open_page()
    addresses = open_lightbox(page)
    page.evaluate("window.same = true")
    expect(box(page)).to_be_visible()
    page.wait_for_url(f"**{addresses[1]}")
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"^2 of \d+$"))

    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**{addresses[2]}")
    expect(page.locator("#count")).to_have_value("1")  # the composer's steps are no business of the arrows
    page.locator("[data-strip] button").nth(3).click()
    page.wait_for_url(f"**{addresses[3]}")
    page.keyboard.press("Escape")

    page.wait_for_url("**/?q=sign*")
    expect(box(page)).to_be_hidden()
    shown = addresses[3].split("/")[2]
    page.wait_for_function(f"{FOCUSED} === 'g-{shown}'")
    assert page.evaluate("window.same") is True


def test_back_closes_forward_opens_and_a_reload_is_the_page(open_page):
    page = open_page()
    addresses = open_lightbox(page)

    page.go_back()
    page.wait_for_url("**/?q=sign*")
    expect(box(page)).to_be_hidden()
    page.wait_for_function(f"{FOCUSED} !== undefined")
    page.go_forward()
    expect(box(page)).to_be_visible()

    page.reload()
    page.wait_for_url(f"**{addresses[1]}")
    expect(page.locator("#detail .frame-picture")).to_be_visible()
    expect(box(page)).to_be_hidden()
    page.go_back()
    expect(links(page).first).to_be_visible()


def test_other_clicks_and_browsers_without_scripts_get_the_page(open_page):
    page = open_page()
    with page.context.expect_page() as opened:
        links(page).first.click(button="middle")
    expect(opened.value.locator("#detail .frame-picture")).to_be_visible()
    expect(box(page)).to_be_hidden()

    plain = open_page(java_script_enabled=False)
    links(plain).first.click()
    expect(plain.locator("#detail .frame-picture")).to_be_visible()
    expect(plain.locator("#panel").get_by_role("link", name="Remix", exact=True)).to_be_visible()


def test_focus_stays_inside_and_the_page_behind_is_inert(open_page):
    page = open_page()
    open_lightbox(page)

    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{INSIDE} || document.activeElement === document.body")
    page.keyboard.press("i")
    expect(page.get_by_role("region", name="About this picture")).to_be_visible()
    expect(page.get_by_role("button", name="Info")).to_have_attribute("aria-expanded", "true")
    assert page.locator("#main h1").count() == 2  # the gallery's and, inside the dialog, the picture's


def test_wheel_keys_and_double_click_zoom_and_arrows_move_what_is_zoomed(open_page):
    page = open_page()
    addresses = open_lightbox(page)
    fit = percent(page)

    page.mouse.move(600, 400)
    page.mouse.wheel(0, -400)
    page.wait_for_function("document.getElementById('lightbox').classList.contains('is-zoomed')")
    assert percent(page) > fit
    # The original is there from the first zoom on.
    original = addresses[1].split("?")[0] + "image"
    expect(page.locator(".lightbox-picture")).to_have_attribute("src", original)
    page.keyboard.press("ArrowRight")
    assert page.url.endswith(addresses[1])

    page.keyboard.press("0")
    expect(page.locator("[data-percent]")).to_have_text(f"{fit}%")
    page.keyboard.press("+")
    expect(page.locator("[data-percent]")).not_to_have_text(f"{fit}%")
    page.keyboard.press("0")
    page.mouse.dblclick(600, 400)
    page.wait_for_function("document.getElementById('lightbox').classList.contains('is-zoomed')")
    assert percent(page) >= 100


def test_favourite_and_comment_stay_in_the_lightbox(open_page):
    page = open_page()
    open_lightbox(page)
    star = page.locator("[data-slot=favourite]")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("i")
    page.get_by_label("Write a comment").fill("said beside the picture")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#lightbox .comment-text", has_text="said beside the picture")).to_be_visible()
    expect(page.get_by_label("Write a comment")).to_have_value("")
    expect(box(page)).to_be_visible()


def test_pictures_beyond_the_feed_follow_by_the_links_of_their_pages(open_page):
    page = open_page()
    addresses = open_lightbox(page, 0)
    page.goto(addresses[2])
    page.locator(".frame-picture").click()
    expect(box(page)).to_be_visible()

    expect(page.get_by_role("button", name="Older picture")).to_be_enabled()
    page.keyboard.press("ArrowRight")

    page.wait_for_url(f"**{addresses[3]}")
    expect(box(page)).to_be_visible()


def test_finger_swipes_on_pulls_down_and_two_zoom(open_page):
    page = open_page(**PHONE)
    addresses = open_lightbox(page)
    wire = page.context.new_cdp_session(page)

    def touch(*places):
        """Move each finger along its places."""
        for n in range(len(places[0])):
            points = [{"x": path[n][0], "y": path[n][1], "id": k} for k, path in enumerate(places)]
            wire.send("Input.dispatchTouchEvent", {"type": "touchMove" if n else "touchStart", "touchPoints": points})
            page.wait_for_timeout(16)
        wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def line(a, b):
        return [(a[0] + (b[0] - a[0]) * n / 8, a[1] + (b[1] - a[1]) * n / 8) for n in range(9)]

    touch(line((320, 400), (60, 410)))
    page.wait_for_url(f"**{addresses[2]}")
    fit = percent(page)
    touch(line((180, 400), (120, 400)), line((210, 400), (270, 400)))
    page.wait_for_function("document.getElementById('lightbox').classList.contains('is-zoomed')")
    assert percent(page) > 2 * fit
    for _ in range(2):
        touch([(200, 400)])
    page.wait_for_function("!document.getElementById('lightbox').classList.contains('is-zoomed')")
    touch(line((200, 500), (200, 380)))
    expect(page.get_by_role("region", name="About this picture")).to_be_visible()
    page.get_by_role("button", name="Hide details").click()
    touch(line((200, 300), (200, 460)))

    page.wait_for_url("**/?q=sign*")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_open_lightbox_has_no_serious_finding(open_page, theme, width, height):
    page = open_page(width=width, height=height, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    open_lightbox(page)
    found = {"closed panel": violations(page)}
    page.keyboard.press("i")
    found["open panel"] = violations(page)
    page.locator("#lightbox summary", has_text="More actions").click()
    found["menu"] = violations(page)

    assert {name: what for name, what in found.items() if what} == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_page_that_is_gone_leaves_no_panel_of_the_picture_before(open_page):
    page = open_page()
    page.goto(GALLERY)
    page.route(re.compile(r"/g/[0-9a-f-]{36}/($|\?)"), lambda route: route.fulfill(status=404, body="gone"))
    page.wait_for_load_state("load")
    links(page).first.click()
    page.keyboard.press("i")

    expect(page.locator(".toast", has_text="This no longer exists.")).to_be_visible()
    expect(page.locator("#lightbox #panel")).to_have_count(0)
    expect(page.locator("#lightbox [data-slot]:visible")).to_have_count(0)


def test_what_is_typed_on_the_page_of_a_picture_stays_there(open_page):
    """The same field stands in the lightbox over it, for another picture."""
    page = open_page()
    page.goto(GALLERY)
    page.goto(links(page).first.get_attribute("href"))
    page.get_by_label("Write a comment").fill("about the first one")
    page.locator(".frame-picture").click()
    expect(page.get_by_role("button", name="Older picture")).to_be_enabled()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("i")
    expect(page.get_by_role("region", name="About this picture")).to_be_visible()

    expect(page.get_by_label("Write a comment")).to_have_value("")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Write a comment")).to_have_value("about the first one")
