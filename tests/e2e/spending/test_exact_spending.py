"""Credits run out and come back; an answer is lost, and a user decides what happens to the picture."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.states import DRAWN, GALLERY, pause_by_hand, paused_by_credits, resume, unknown_card

SECOND_CHARGE = re.compile("second charge")
TOPPED_UP = 100_000  # milliseconds; the balance is read once a minute


@pytest.fixture(autouse=True)
def running_again(open_page, emulator):
    """Remove faults, restore the balance and end the pause after each test, so that the next one can generate."""
    yield
    emulator(clear_faults=True, balance="25.00")
    resume(open_page())


def notice(page):
    return page.locator("#banner")


def test_notice_comes_by_itself_when_the_money_is_gone_and_goes_after_a_top_up(open_page, emulator):
    page = open_page()

    card = paused_by_credits(page, emulator)

    expect(card).to_contain_text("Queued · generation paused")
    expect(notice(page)).to_contain_text("the provider account has $0.0040 left")
    expect(notice(page)).to_contain_text("after a top-up")
    page.evaluate("window.same = true")
    emulator(balance="25.00")
    expect(card).to_have_class(re.compile("is-done"), timeout=TOPPED_UP + DRAWN)
    expect(notice(page)).to_be_empty()
    assert page.evaluate("window.same")


def test_administrator_pauses_and_resumes_and_everybody_reads_why(open_page):
    page, viewer = open_page(), open_page(as_="viewer")

    pause_by_hand(page, "the account is being moved")

    viewer.goto(f"{GALLERY}trash/")
    expect(notice(viewer)).to_contain_text("Generation is paused by a site admin: “the account is being moved”")
    expect(notice(viewer).get_by_role("link")).to_have_count(0)
    notice(page).page.goto(GALLERY)
    notice(page).get_by_role("link", name="Resolve").click()
    page.get_by_label("Resolution").fill("moved")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Generation resumed.")).to_be_visible()
    expect(notice(page)).to_be_empty()
    expect(page.locator("[aria-labelledby=past]")).to_contain_text("by Mara Kessler: moved")


@pytest.mark.parametrize("script", [True, False])
def test_provider_is_asked_again_and_the_page_says_what_came_out(open_page, emulator, script):
    page = lost_answer(open_page, emulator, script)

    page.get_by_role("button", name="Ask the provider again").click()

    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator("#panel")).to_contain_text(re.compile(r"Paid \$0\.01|may have cost about|charged"))


@pytest.mark.parametrize("script", [True, False])
def test_second_charge_is_said_and_confirmed_before_the_picture_is_drawn_again(open_page, emulator, script):
    page = lost_answer(open_page, emulator, script)
    page.locator("#unknown-outcome summary", has_text="Try again").click()
    box, send = page.get_by_label(SECOND_CHARGE), page.get_by_role("button", name="Generate again")

    send.click()
    assert box.evaluate("box => !box.validity.valid")
    box.check()
    send.click()

    expect(page.get_by_text("Queued again.")).to_be_visible()
    expect(page.locator("#frame")).to_have_class(re.compile("is-(waiting|drawing|saving|done)"))
    if not script:
        page.wait_for_timeout(4000)
        page.reload()
    expect(page.locator("#frame")).to_have_class(re.compile("is-done"), timeout=DRAWN)
    page.locator(".attempts summary").click()
    expect(page.locator(".attempts tbody tr")).to_have_count(2)


@pytest.mark.parametrize("script", [True, False])
def test_picture_is_given_up_with_a_reason(open_page, emulator, script):
    page = lost_answer(open_page, emulator, script)
    page.locator("#unknown-outcome summary", has_text="Mark as lost").click()

    page.get_by_label("Reason").fill("nobody will tell")
    page.get_by_role("button", name="Mark as lost").click()

    expect(page.locator("#frame")).to_have_class(re.compile("is-failed"))
    expect(page.locator("#frame")).to_contain_text("nobody will tell")
    expect(page.locator("#unknown-outcome")).to_have_count(0)


def test_tile_of_a_doubt_leads_to_what_can_be_done(open_page, emulator):
    page = open_page()
    card = unknown_card(page, emulator)
    expect(card).to_contain_text(
        re.compile(r"Sent \d+ \w{3} \d{4}, \d\d:\d\d:\d\d\. No response\. It may have cost about \$0\.01|Paid \$")
    )

    card.get_by_role("link", name="Details").click()

    page.wait_for_url("**/g/**#unknown-outcome")
    expect(page.get_by_role("button", name="Ask the provider again")).to_be_in_viewport()


def test_member_may_try_again_and_not_give_up(open_page, emulator):
    page = open_page(as_="member")
    unknown_card(page, emulator).get_by_role("link", name="Details").click()

    expect(page.locator("#unknown-outcome summary")).to_have_text(["Try again"])


def lost_answer(open_page, emulator, script):
    """Return the page of a picture whose answer was lost."""
    first = open_page()
    address = unknown_card(first, emulator).locator(".card-open").get_attribute("href")
    page = first if script else open_page(java_script_enabled=False)
    page.goto(address)
    return page
