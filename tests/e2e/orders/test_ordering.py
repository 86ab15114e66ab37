"""Before credits are spent: a table before a parameter grid, a stop halfway, no second charge for the same picture."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.states import GALLERY, already_paid, pause_by_hand, planned_sweep, resume


@pytest.fixture
def paused(open_page, emulator):
    """Pause the calls to the provider, so that new pictures stay queued."""
    page = open_page()
    pause_by_hand(page, "the sweep is looked at")
    yield
    resume(page)


@pytest.mark.each_commit
def test_sweep_is_planned_ordered_and_stopped(open_page, emulator, paused):
    page = open_page()
    planned_sweep(page, emulator)
    button = page.locator("[data-plan-order]")
    expect(page.locator("[name=x-take]:checked")).to_have_count(3)  # the limit leaves the fourth one out
    page.locator("[name=x-take]:checked").first.uncheck()
    expect(button).to_contain_text("Generate 2 pictures")

    button.click()

    page.wait_for_url("**/batches/**")
    expect(page.locator(".batch-cell.is-waiting")).to_have_count(2)
    page.get_by_role("button", name="Cancel remaining").click()
    expect(page.locator(".toast").last).to_contain_text("Cancelled 2 pictures at no charge.")
    expect(page.locator(".batch-cell.is-cancelled")).to_have_count(2)
    expect(page.get_by_text("Reserved for the rest")).to_have_count(0)


def test_what_is_paid_for_is_opened_instead_of_drawn_again(open_page, emulator):
    page = open_page()

    already_paid(page, emulator)

    expect(page.locator("[name=prompt]")).to_have_value("a crane that is paid for")
    page.get_by_role("link", name="Open picture").click()
    page.wait_for_url("**/g/**")
    expect(page.get_by_text("a crane that is paid for").first).to_be_visible()


def test_same_picture_is_drawn_again_for_who_says_so(open_page, emulator):
    page = open_page()
    already_paid(page, emulator)
    newest = page.locator("#feed .card").first
    before = newest.get_attribute("id")

    page.get_by_role("button", name=re.compile("Generate anyway")).click()

    expect(newest).not_to_have_attribute("id", before)
    expect(page.locator(".duplicates")).to_have_count(0)


def test_price_and_its_hint_follow_the_chosen_kind(open_page, emulator):
    page = open_page()
    page.goto(GALLERY)
    for _ in range(3):
        page.locator("[data-step='1']").click()

    expect(page.locator("[data-price]")).to_have_text(re.compile(r"^\$0\.0\d\d$"))
    expect(page.locator("#price-hint")).to_have_text(re.compile(r"usually \$|list price"))
    one = page.locator("[data-price]").inner_text()
    page.locator(".more summary").click()
    page.locator(".segment", has_text="Fastest").click()
    assert page.locator("[data-price]").inner_text() != "" != one


def test_sweep_works_without_scripts(open_page, emulator):
    page = open_page(java_script_enabled=False, width=390, height=844)
    page.goto(f"{GALLERY}parameter-grid/")
    page.locator("[name=prompt]").fill("a barge without scripts")
    page.get_by_label("Seeds").fill("2 random")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name=re.compile(r"Generate \d")).click()

    page.wait_for_url("**/batches/**")
    expect(page.locator(".batch-cell")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False])
def test_composer_and_sweep_take_over_what_was_typed(open_page, emulator, scripts):
    page = open_page(java_script_enabled=scripts)
    page.goto(GALLERY)
    page.locator("[name=prompt]").fill("a ferry that goes to and fro")
    page.locator("#count").fill("3")
    page.locator(".more summary").click()

    page.get_by_role("button", name="Batch: vary seed, size or speed").click()
    page.wait_for_url("**/parameter-grid/")
    expect(page.locator("[name=prompt]")).to_have_value("a ferry that goes to and fro")
    expect(page.get_by_label("Seeds")).to_have_value("3 random")
    page.locator("[name=prompt]").fill("a ferry that goes back")
    page.get_by_role("button", name="Back to single pictures").click()

    page.wait_for_url("**/generations/**")
    expect(page.locator("[name=prompt]")).to_have_value("a ferry that goes back")
    page.goto(GALLERY)
    if scripts:  # it was saved as the draft
        expect(page.locator("[name=prompt]")).to_have_value("a ferry that goes back")


@pytest.mark.parametrize("scripts", [True, False])
def test_wildcards_lead_from_the_composer_to_their_batch(open_page, emulator, scripts):
    page = open_page(java_script_enabled=scripts)
    page.goto(GALLERY)
    page.locator("[name=prompt]").fill("a {red|blue} ferry with wildcards")
    if scripts:
        expect(page.locator("[data-send]")).to_contain_text("Review batch")
    page.locator("[data-send]").click()
    if not scripts:
        expect(page.locator("#composer-prompt-error")).to_contain_text("This prompt has wildcards: 2 pictures · ≈ $")
        page.get_by_role("button", name="Review batch").click()
    expect(page.locator(".plan-wording")).to_have_text(["red", "blue"])
    page.locator("[data-plan-order]").click()

    page.wait_for_url("**/batches/**")
    expect(page.locator(".batch-what").first).to_contain_text("a red ferry with wildcards")
    expect(page.locator(".batch-what").last).to_contain_text("a blue ferry with wildcards")


def test_enter_in_a_field_orders_and_does_not_lead_to_the_sweep(open_page, emulator):
    page = open_page()
    page.goto(GALLERY)
    newest = page.locator("#feed .card").first
    before = newest.get_attribute("id")
    page.locator("[name=prompt]").fill("a lantern by the enter key")

    page.locator("#count").press("Enter")

    expect(newest).not_to_have_attribute("id", before)
    assert "parameter-grid" not in page.url


def set_approval_above(page, dollars):
    page.goto(f"{GALLERY}credits/limits/")
    page.locator("[name=above]").fill(dollars)
    page.locator("[name=above]").press("Enter")
    expect(page.locator("[name=above]")).to_have_value(dollars)


@pytest.fixture
def asks(open_page, emulator):
    """Require approval above three cents."""
    page = open_page()
    set_approval_above(page, "0.03")
    yield
    set_approval_above(page, "")


def test_button_asks_as_soon_as_the_order_would_wait(open_page, emulator, asks):
    page = open_page(as_="member")
    page.goto(GALLERY)
    button, hint = page.locator("[data-send]"), page.locator("#asks-hint")
    expect(button).to_contain_text("Generate")
    expect(hint).to_be_hidden()
    for _ in range(7):
        page.locator("[data-step='1']").click()

    expect(button).to_contain_text("Request approval")
    expect(hint).to_have_text(re.compile(r"Requests over \$0\.03 need a manager's approval"))
    for _ in range(7):
        page.locator("[data-step='-1']").click()
    expect(button).to_contain_text("Generate")
    expect(hint).to_be_hidden()


def test_hint_stands_there_without_scripts(open_page, emulator, asks):
    page = open_page(as_="member", java_script_enabled=False, width=390, height=844)
    page.goto(GALLERY)

    expect(page.locator("#asks-hint")).to_be_visible()
