"""Two users on one browser: what one of them typed is nobody else's, and one tab's text is not another's."""

import re
import sqlite3
import uuid
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, sign_in
from tests.e2e.states import GALLERY, generate, open_page_of

SECRET = "the launch nobody may hear of"
DRAFT_SCRIPT = "**/js/site/draft.js"
SHOWN_IMAGE = """
    (url) => new Promise((done) => {
        const image = new Image();
        image.onload = () => done(true);
        image.onerror = () => done(false);
        image.src = url;
        document.body.append(image);
    })
"""


def prompt(page):
    return page.locator("[name=prompt]")


def kept(page):
    """All that the scripts keep in this tab and in the browser."""
    return page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")


def another_tab(page, address=GALLERY):
    tab = page.context.new_page()
    tab.goto(address)
    return tab


def end_session(page):
    """As it ends by itself: the browser drops its cookie, and no page hears of it."""
    page.context.clear_cookies(name="sessionid")


def enter(page, who):
    """Sign in on the page that stands there."""
    page.get_by_label("Email").fill(f"{who}@demo.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)


def sign_out(page):
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You're signed out.")).to_be_visible()


@pytest.mark.each_commit
def test_draft_goes_with_signing_out_in_every_tab(open_page):
    page = open_page()
    prompt(page).fill(SECRET)
    other = another_tab(page)
    prompt(other).fill(f"{SECRET}, again")
    aside = another_tab(page, "/accounts/")

    sign_out(page)

    for tab in (other, aside):
        tab.wait_for_url("**/login/")
    assert [SECRET in kept(tab) for tab in (page, other, aside)] == [False] * 3
    page.go_back()
    expect(page.get_by_label("Email")).to_be_visible()
    for tab in (page, other):
        sign_in(tab, "owner")
        expect(prompt(tab)).to_have_value("")
        end_session(tab)


def test_draft_waits_for_its_user_while_the_session_is_over(open_page):
    page = open_page()
    prompt(page).fill(SECRET)
    end_session(page)

    page.get_by_role("button", name=re.compile("Generate")).click()
    page.wait_for_url("**/login/**")
    enter(page, "owner")

    expect(prompt(page)).to_have_value(SECRET)


def test_draft_is_not_for_whoever_signs_in_next(open_page):
    page = open_page()
    prompt(page).fill(SECRET)
    other = another_tab(page)
    prompt(other).fill(f"{SECRET}, again")
    end_session(page)
    page.reload()

    enter(page, "member")

    expect(prompt(page)).to_have_value("")
    # The other tab stood open on a page of somebody else.
    expect(prompt(other)).to_have_value("")
    assert SECRET not in other.content()
    assert [SECRET in kept(tab) for tab in (page, other)] == [False, False]
    end_session(page)
    page.reload()
    enter(page, "owner")
    expect(prompt(page)).to_have_value("")


def test_each_tab_has_its_own_text_and_ordering_takes_away_that_alone(open_page, emulator):
    page = open_page()
    prompt(page).fill("a text of the first tab")
    other = another_tab(page)
    expect(prompt(other)).to_have_value("")
    prompt(other).fill("a text of the second tab")

    generate(page, "a text of the first tab, ordered")

    page.reload()
    expect(prompt(page)).to_have_value("")
    other.reload()
    expect(prompt(other)).to_have_value("a text of the second tab")


def test_refused_order_stays_in_the_draft(open_page):
    page = open_page()
    prompt(page).fill("a text that is refused")
    page.locator("[name=count]").fill("99")
    page.get_by_role("button", name=re.compile("Generate")).click()
    expect(page.locator("#composer")).to_contain_text("from 1 to 8")

    page.goto("/accounts/")
    page.goto(GALLERY)

    expect(prompt(page)).to_have_value("a text that is refused")


def test_drafts_of_earlier_versions_are_deleted(open_page):
    page = open_page()
    page.evaluate("text => localStorage.setItem('draft:/t/harbour-team/', JSON.stringify({prompt: text}))", SECRET)

    page.goto("/accounts/")

    assert SECRET not in kept(page)


def open_picture(page):
    page.goto(f"{GALLERY}?state=done")
    open_page_of(page.locator("#feed .card").first)
    return page.locator("#comment-text")


def test_comment_survives_a_reload_and_an_ended_session_and_goes_when_it_is_written(open_page):
    page = open_page()
    field = open_picture(page)
    field.fill("a comment in the making")
    page.reload()
    expect(field).to_have_value("a comment in the making")
    end_session(page)

    page.get_by_role("button", name="Comment", exact=True).click()
    page.wait_for_url("**/login/**")
    expect(page.get_by_text("Your session expired")).to_be_visible()
    enter(page, "owner")

    expect(field).to_have_value("a comment in the making")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment-text", has_text="a comment in the making")).to_be_visible()
    expect(field).to_have_value("")
    page.reload()
    expect(field).to_have_value("")


def test_refused_comment_stays_in_the_draft(open_page):
    page = open_page()
    field = open_picture(page)
    field.fill("y" * 2001)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("the maximum is 2,000")).to_be_visible()

    page.reload()

    expect(field).to_have_value("y" * 2001)


def test_comment_that_met_a_broken_site_is_there_after_going_back(open_page):
    page = open_page()
    field = open_picture(page)
    field.fill("a comment that meets an error")
    page.route("**/comments/", lambda route: route.fulfill(status=502, content_type="text/html", body="<p>Bad Gateway"))
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("Bad Gateway")).to_be_visible()
    page.unroute("**/comments/")

    page.go_back()

    expect(field).to_have_value("a comment that meets an error")


@contextmanager
def late_script(page):
    """Hold the script of drafts back on every page that is opened meanwhile; it runs on the last one at the end."""
    held = []
    page.route(DRAFT_SCRIPT, lambda route: held.append(route))  # noqa: PLW0108  Playwright marks the function
    yield
    for route in held:
        route.continue_()
    page.unroute(DRAFT_SCRIPT)
    page.wait_for_load_state("domcontentloaded")


def test_late_script_overwrites_nothing_and_brings_no_written_comment_back(open_page):
    page = open_page()
    field = open_picture(page)
    field.fill("written with the script")

    with late_script(page):
        for text in ("written with the script", "written before the script"):
            field.fill(text)
            page.get_by_role("button", name="Comment", exact=True).click()
            expect(page.locator(".comment-text", has_text=text)).to_be_visible()
    expect(field).to_have_value("")

    field.fill("an older draft")
    with late_script(page):
        page.reload(wait_until="commit")
        field.fill("typed before the script")
    expect(field).to_have_value("typed before the script")


@pytest.mark.parametrize("who", ["owner", "member"])
def test_without_scripts_the_prompt_is_there_after_signing_in_again_for_its_user(open_page, who):
    page = open_page(java_script_enabled=False)
    page.goto(f"{GALLERY}?layout=list")
    newest = page.locator("#feed .card").first.get_attribute("id")
    prompt(page).fill(SECRET)
    page.locator("[name=count]").fill("3")
    end_session(page)

    page.get_by_role("button", name=re.compile("Generate")).click()
    expect(page.get_by_text("Sign in to get your text back")).to_be_visible()
    enter(page, who)

    assert page.url.endswith(f"{GALLERY}?layout=list")
    expect(prompt(page)).to_have_value(SECRET if who == "owner" else "")
    expect(page.locator("[name=count]")).to_have_value("3" if who == "owner" else "1")
    assert (SECRET in page.content()) == (who == "owner")
    # Nothing was ordered.
    assert page.locator("#feed .card").first.get_attribute("id") == newest


@pytest.mark.each_commit
def test_private_picture_is_in_no_cache_for_the_next_user(open_page, site_folder):
    """It was looked at a moment ago in the same process, and its address is known."""
    page = open_page()
    database = sqlite3.connect(site_folder / "gallery.sqlite3", timeout=120)
    with database:
        (found,) = database.execute(
            "SELECT g.id FROM generations_generation g JOIN generations_image i ON i.generation_id = g.id "
            "JOIN generations_user u ON u.id = g.author_id WHERE u.email = 'owner@demo.test' LIMIT 1"
        ).fetchone()
        database.execute("UPDATE generations_generation SET visibility = 'private' WHERE id = ?", (found,))
    address = f"/g/{uuid.UUID(found)}/thumb/320.webp"
    try:
        assert page.evaluate(SHOWN_IMAGE, address)
        other = another_tab(page)
        assert other.evaluate(SHOWN_IMAGE, address)
        end_session(page)
        page.reload()
        assert not page.evaluate(SHOWN_IMAGE, address)
        enter(page, "member")
        assert not page.evaluate(SHOWN_IMAGE, address)
        sign_out(page)
        assert not page.evaluate(SHOWN_IMAGE, address)
        sign_in(page, "owner")
        assert page.evaluate(SHOWN_IMAGE, address)
    finally:
        with database:
            database.execute("UPDATE generations_generation SET visibility = 'team' WHERE id = ?", (found,))
        database.close()
