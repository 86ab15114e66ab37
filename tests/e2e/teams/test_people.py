"""Somebody is invited, works in the team, and is removed from it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.states import DRAWN, generate

PEOPLE = "/t/harbour-team/people/"
PASSWORD = "a passphrase of the newcomer"


def invite(owner, role="Member", email=""):
    owner.goto(PEOPLE)
    owner.get_by_label("Email").fill(email)
    owner.locator("label.segment", has_text=role).click()
    owner.get_by_role("button", name="Create link").click()
    return owner.get_by_label("Invitation link", exact=True).input_value()


def join(newcomer, link, name, email):
    newcomer.goto(link)
    newcomer.get_by_label("Email").fill(email)
    newcomer.get_by_label("Display name").fill(name)
    newcomer.get_by_label("Password").fill(PASSWORD)
    newcomer.get_by_role("button", name="Join", exact=True).click()


def test_newcomer_joins_makes_a_picture_and_is_removed(open_page):
    owner, newcomer = open_page(), open_page(as_=None)
    link = invite(owner)
    join(newcomer, link, "Nele Brandt", "nele@example.test")
    expect(newcomer.get_by_text("Welcome to Harbour team.")).to_be_visible()
    card = generate(newcomer, "a lighthouse by the newcomer")
    expect(card).to_have_class(re.compile("is-done"), timeout=DRAWN)
    assert owner.goto(link).status == 404

    owner.goto(PEOPLE)
    row = owner.locator(".row", has_text="Nele Brandt")
    row.locator("summary").first.click()
    row.get_by_text("Remove…").click()
    row.get_by_role("button", name="Remove Nele Brandt").click()

    expect(owner.get_by_text("Nele Brandt was removed from Harbour team.")).to_be_visible()
    assert newcomer.reload().status == 404
    owner.goto("/t/harbour-team/")
    expect(owner.locator(".card", has_text="a lighthouse by the newcomer").first).to_be_visible()


def test_invitation_is_accepted_without_scripts(open_page):
    owner = open_page()
    newcomer = open_page(as_=None, java_script_enabled=False)

    join(newcomer, invite(owner, role="Viewer"), "Vito", "vito@example.test")

    expect(newcomer.get_by_role("link", name="Queue")).to_be_visible()
    newcomer.goto("/accounts/")
    expect(newcomer.get_by_text("vito@example.test").first).to_be_attached()


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_have_no_serious_finding(open_page, width):
    page = open_page(bypass_csp=True, width=width, reduced_motion="reduce")
    link = invite(page, email=f"dora{width}@example.test")
    found = {}
    for address in (PEOPLE, "/accounts/", "/teams/new/", "/accounts/reset/", link):
        if address == link:
            page.context.clear_cookies()
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        found[address] = [one["id"] for one in violations if one["impact"] in {"serious", "critical"}]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address

    assert {address: what for address, what in found.items() if what} == {}


def test_key_in_the_address_is_not_told_to_anybody(open_page):
    """Not even to this site: what a page loads learns its origin alone."""
    link = invite(open_page())
    visitor = open_page(as_=None)
    told = []
    visitor.on("request", lambda request: told.append(request.headers.get("referer", "")))

    visitor.goto(link)

    assert len(told) > 5
    assert [address for address in told if "invitation" in address] == []
