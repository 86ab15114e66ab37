"""Limits in the browser: an owner sets one, a request is refused by it, they raise it; last month is signed off."""

import csv
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.states import GALLERY, generate

LIMITS = f"{GALLERY}credits/limits/"
SIGNED = f"{GALLERY}credits/sign-offs/"
DAY = "Harbour team · daily"
# The last one cannot be signed in the first hour of this.
OVER = datetime.now(UTC).replace(day=1) - timedelta(days=32)
MONTH = f"{GALLERY}credits/sign-off/{OVER:%Y-%m}/"
# A call of that month that ordered no picture, as a check of the provider is.
ENTER = """
from datetime import timedelta
from decimal import Decimal
from django.db import transaction
from django.utils import timezone
from generations import ledger
from generations.models import SignOff, Team
team = Team.objects.get(slug="harbour-team")
begins, _ = ledger.month_of(timezone.now())
with transaction.atomic(), ledger.backdated_entries(begins - timedelta(days=36)):
    ledger.hold_without_generation(team, Decimal("0.02"), idempotency_key="of a month that is over", note="a check")
    cause = "of a month that is over"
    ledger.settle_without_generation(team, Decimal("0.0217"), idempotency_key=cause, estimated=False, note="a check")
ledger.rebuild()
"""


@pytest.fixture
def section(open_page):
    page = open_page()
    page.goto(LIMITS)
    yield page.locator("section", has=page.get_by_role("heading", name="Team", exact=True))
    page.goto(LIMITS)
    if page.locator(".limit", has_text=DAY).count():
        page.locator(".limit", has_text=DAY).locator("summary").click()
        page.locator(".limit", has_text=DAY).get_by_role("button", name="Remove limit").click()


@pytest.fixture(scope="session")
def month_that_is_over(site, site_folder):
    environment = {**os.environ, "DATA_DIR": str(site_folder), "DJANGO_DEBUG": "1"}
    for name in ("DATABASE_URL", "REDIS_URL", "SEGMIND_API_KEY", "SEGMIND_BASE_URL", "HIDREAM_TEST_DATA"):
        environment.pop(name, None)
    environment["DJANGO_SETTINGS_MODULE"] = "hidream_site.settings"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", ENTER], check=True, env=environment, cwd=Path(__file__).parents[3]
    )
    return MONTH


def test_limit_refuses_an_order_and_raised_it_lets_it_go(section):
    page = section.page
    section.get_by_text("Add limit").click()
    section.get_by_label("Period").select_option("day")
    section.get_by_label("Limit", exact=True).last.fill("0,00")
    section.get_by_role("button", name="Set limit").click()
    expect(section.get_by_text("“0,00” isn't an amount.")).to_be_visible()
    section.get_by_label("Limit", exact=True).last.fill("0")
    section.get_by_role("button", name="Set limit").click()
    expect(page.get_by_text("Limit saved. It applies to new requests.")).to_be_visible()

    page.goto(GALLERY)
    page.locator("[name=prompt]").fill("a harbour that nobody pays for")
    page.locator("[data-send]").click()
    errors = page.locator("#composer-errors")
    expect(errors).to_contain_text("of the daily limit of Harbour team ($0.00)")
    expect(errors).to_contain_text("It resets at midnight. An owner (")
    expect(page.locator("[name=prompt]")).to_have_value("a harbour that nobody pays for")

    page.goto(LIMITS)
    limit = section.locator(".limit", has_text=DAY)
    limit.locator("summary").click()
    limit.get_by_label("Limit", exact=True).fill("2.5")
    limit.get_by_role("button", name="Save").click()
    expect(limit.get_by_text("Limit $2.50")).to_be_visible()
    page.goto(GALLERY)
    generate(page, "a harbour that somebody pays for")


def test_month_that_is_over_is_signed_off_once(open_page, month_that_is_over):
    page = open_page()
    page.goto(SIGNED)
    page.get_by_role("link", name=f"{OVER:%B %Y}").click()
    page.get_by_label("Note (optional)").fill("Agrees with the invoice.")
    if page.get_by_label("Sign off anyway").count():
        page.get_by_label("Sign off anyway").check()
    page.get_by_role("button", name="Sign off").click()

    expect(page.get_by_text("Agrees with the invoice.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign off")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    whole, *_ = csv.DictReader(download.value.path().read_text(encoding="utf-8-sig").splitlines())
    said = (whole["breakdown"], whole["signed_by"], whole["note"])
    assert said == ("all", "Mara Kessler", "Agrees with the invoice.")
    page.goto(SIGNED)
    expect(page.get_by_text("Signed off by")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_and_have_no_serious_finding(open_page, month_that_is_over, width, theme):
    page = open_page(bypass_csp=True, width=width, reduced_motion="reduce", color_scheme=theme)
    found = {}
    for address in (LIMITS, SIGNED, MONTH, "/notifications/"):
        page.goto(address)
        for one in page.locator("details.limit-new").all():
            one.locator("summary").click()
        violations = Axe().run(page).response["violations"]
        found[address] = [one["id"] for one in violations if one["impact"] in {"serious", "critical"}]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address

    assert {address: what for address, what in found.items() if what} == {}


def test_limit_is_set_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    page.goto(LIMITS)
    people = page.locator("section", has=page.get_by_role("heading", name="People", exact=True))
    people.get_by_text("Add limit").click()
    people.get_by_label("Person").select_option(index=1)
    people.get_by_label("Warning at").fill("2.25")
    people.get_by_role("button", name="Set limit").click()

    expect(people.get_by_text("Warning at $2.25")).to_be_visible()
    people.locator(".limit-change summary").click()
    people.get_by_role("button", name="Remove limit").click()
    expect(people.get_by_text("Warning at $2.25")).to_have_count(0)
