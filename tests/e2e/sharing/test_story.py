"""From an invitation to a share link that has ended, with two users and an outsider."""

import re
from urllib.parse import urljoin

import requests
from playwright.sync_api import expect

from tests.e2e.states import DRAWN, GALLERY, generate
from tests.e2e.teams.test_people import invite, join


def test_picture_of_a_newcomer_is_shown_outside_for_a_day_and_taken_back(open_page):
    owner, newcomer = open_page(), open_page(as_=None)
    join(newcomer, invite(owner), "Ilse Maar", "ilse@example.test")
    card = generate(newcomer, "a lantern over the story's quay")
    expect(card).to_have_class(re.compile("is-done"), timeout=DRAWN)

    collect(newcomer, card, "The story")
    url = share_for_a_day(newcomer)
    outsider = open_page(as_=None, java_script_enabled=False, width=390, height=844)
    outsider.goto(url)
    expect(outsider.get_by_role("heading", name="The story")).to_be_visible()
    addresses = [url, *addresses_of(outsider)]
    outsider.locator(".card-open").first.click()
    expect(outsider.get_by_text("AI-generated image", exact=True)).to_be_visible()
    addresses += [outsider.url, *addresses_of(outsider)]
    assert len(set(addresses)) >= 6
    assert {requests.get(one, timeout=120).status_code for one in addresses} == {200}

    owner.goto(f"{GALLERY}links/")
    owner.get_by_role("button", name="Revoke the link to The story").click()
    expect(owner.get_by_text("Link revoked.")).to_be_visible()

    assert {one: requests.get(one, timeout=120).status_code for one in addresses} == dict.fromkeys(addresses, 404)
    outsider.reload()
    expect(outsider.get_by_role("heading", name="This link isn't available")).to_be_visible()


def collect(page, card, name):
    card.locator(".card-open").focus()
    page.keyboard.press("x")
    page.locator("#selection summary", has_text="Collection").click()
    page.locator("#selection-collection").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text(name)
    page.get_by_role("link", name="Collections", exact=True).click()
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/collections/*-*/")


def share_for_a_day(page):
    page.goto(f"{page.url}share")
    page.locator("label.segment", has_text="1 day").click()
    page.get_by_label("Allow download").check()
    page.get_by_role("button", name="Create link").click()
    expect(page.locator(".share-foot")).to_contain_text("hours left")
    return page.get_by_label("Share link", exact=True).input_value()


def addresses_of(page):
    """Return the addresses of the page's images and downloads, and of the image in its link preview."""
    found = page.locator("img[srcset]").evaluate_all("all => all.flatMap(one => one.srcset.split(/ \\d+w,? ?/))")
    found += page.locator("a[download]").evaluate_all("all => all.map(one => one.href)")
    found.append(page.locator("meta[property='og:image']").get_attribute("content"))
    return [urljoin(page.url, one) for one in found if one]
