"""Passkeys in a real browser, with a device of the browser's own making."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD


@pytest.fixture
def page(open_page, site):
    """At a name: browsers allow passkeys there and not at a number."""
    page = open_page(as_=None)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    page.here = site.replace("127.0.0.1", "localhost")
    return page


def first_step(page, who):
    page.goto(f"{page.here}/login/")
    page.get_by_label("Email").fill(f"{who}@demo.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page):
    page.context.clear_cookies()


@pytest.mark.each_commit
def test_passkey_is_added_and_opens_as_second_step_and_alone(page):
    first_step(page, "viewer")
    page.wait_for_selector("#feed")
    page.goto(f"{page.here}/accounts/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Passkey name").fill("Laptop of the harbour")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Save your recovery codes")).to_be_visible()
    expect(page.get_by_label("Recovery codes").get_by_role("listitem")).to_have_count(10)
    page.get_by_role("link", name="I've saved them").click()
    expect(page.locator(".row-name", has_text="Laptop of the harbour")).to_be_visible()

    sign_out(page)
    first_step(page, "viewer")
    expect(page.get_by_role("heading", name="Two-factor authentication")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_selector("#feed")

    sign_out(page)
    page.goto(f"{page.here}/login/")
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_selector("#feed")

    page.goto(f"{page.here}/accounts/")
    page.locator("summary").filter(has_text="Laptop of the harbour").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("It no longer signs you in.")).to_be_visible()

    sign_out(page)
    first_step(page, "viewer")
    page.wait_for_selector("#feed")
