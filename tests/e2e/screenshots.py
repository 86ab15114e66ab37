"""`make screenshots`: run a site of its own and write pictures of its pages into var/screenshots.

`args="gallery detail"` writes only the pages of these names; the way there is the same. docs/screenshots has those
that README and the docs show.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Literal

import requests
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import ARGUMENTS, SPEED_UP, emulator_address, running_site, sign_in
from tests.e2e.states import already_paid, batch, planned_sweep
from tests.infrastructure import programs

TARGET = Path("var/screenshots")
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
GALLERY = "/t/harbour-team/"
SIGN = 'a quiet harbour at dusk, a hand-painted sign that says "Open late"'
wanted: set[str] = set()  # all when it is empty


def main(words: list[str]) -> None:
    """Start a site, visit its pages as the demo team, and write a picture of each."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as gallery or credits; all when none is named")
    wanted.update(parser.parse_args(words).pages)
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=programs.find("chromium"), args=ARGUMENTS)
        _visit_all(browser, site, emulator_address(Path(folder)))
        browser.close()
    print(f"{len(list(TARGET.iterdir()))} pictures are in {TARGET}.")


def _visit_all(browser: Browser, site: str, emulator: str) -> None:
    first = browser.new_page(base_url=site)
    sign_in(first, "owner")
    for page, name in _pages(browser, site):
        sign_in(page, "owner")
        _gallery(page, name, emulator)
    _make_states(first, emulator)
    for page, name in _pages(browser, site):
        page.goto("/login/")
        _shoot(page, f"sign-in-{name}")
        sign_in(page, "owner")
        _tour(page, name)
    shared = _share(first)
    for page, name in _pages(browser, site):
        sign_in(page, "owner")
        _sharing_tour(page, name, shared)
    _pause(first)
    for page, name in _pages(browser, site):
        sign_in(page, "owner")
        _paused_tour(page, name)


def _pages(browser: Browser, site: str) -> Iterator[tuple[Page, str]]:
    for theme, (name, (width, height)) in product(THEMES, SIZES.items()):
        context = browser.new_context(
            base_url=site, viewport={"width": width, "height": height}, color_scheme=theme, device_scale_factor=1
        )
        yield context.new_page(), f"{name}-{theme}"
        context.close()


def _make_states(page: Page, emulator: str) -> None:
    """Create one picture that was refused and one whose outcome is unknown."""
    for fault, prompt in {"400": "a prompt the model refuses", "drop": "a picture whose answer got lost"}.items():
        _tell(emulator, faults=[fault])
        page.goto(GALLERY)
        page.locator("[name=prompt]").fill(prompt)
        page.locator("[data-send]").click()
        page.wait_for_selector(f"#feed .card.is-{'failed' if fault == '400' else 'unknown'}", timeout=60_000)


def _gallery(page: Page, name: str, emulator: str) -> None:
    """Show the gallery while a picture is being made, slowly enough, and the page of a finished one."""
    page.goto(GALLERY)
    page.wait_for_selector("#feed .card.is-drawing", state="detached", timeout=60_000)
    _tell(emulator, speed_up=1)
    page.locator("[name=prompt]").fill(SIGN)
    page.locator("[data-send]").click()
    page.wait_for_selector("#feed .card.is-drawing", timeout=30_000)
    _shoot(page, f"gallery-{name}")
    _tell(emulator, speed_up=SPEED_UP)
    page.locator("#feed .card.is-done .card-open").nth(1).click()
    page.wait_for_selector("[data-slot=download]:visible")
    _shoot(page, f"lightbox-{name}")
    page.reload()
    _shoot(page, f"detail-{name}")


def _tell(emulator: str, **wishes: object) -> None:
    requests.put(f"{emulator}/__control__", json=wishes, timeout=10).raise_for_status()


def _tour(page: Page, name: str) -> None:
    for what, address in {
        "queue": f"{GALLERY}queue/",
        "list": f"{GALLERY}?layout=list",
        "nothing-found": f"{GALLERY}?q=zebra",
        "trash": f"{GALLERY}trash/",
        "people": f"{GALLERY}people/",
        "account": "/accounts/",
        "credits": f"{GALLERY}credits/",
        "credits-entries": f"{GALLERY}credits/entries/",
        "keep-rate": f"{GALLERY}credits/keep-rate/",
        "credits-all": "/credits/",
        "limits": f"{GALLERY}credits/limits/",
        "sign-offs": f"{GALLERY}credits/sign-offs/",
        "not-found": "/t/nobody/",
    }.items():
        page.goto(address)
        _shoot(page, f"{what}-{name}")
    page.goto(GALLERY)
    page.locator("[name=prompt]").fill("")
    page.locator("[name=count]").fill("9")
    page.locator("[data-send]").click()
    page.wait_for_selector("#composer [aria-invalid]")
    _shoot(page, f"refused-{name}")
    page.locator("[name=count]").fill("1")  # the typed value is remembered

    for what, state in {"already-paid": already_paid, "parameter-grid": planned_sweep, "batch": batch}.items():
        state(page, None)
        page.wait_for_timeout(1000)
        _shoot(page, f"{what}-{name}")

    page.goto(f"{GALLERY}?state=unknown")
    page.locator("#feed .card-open").first.click()
    page.locator(".unknown-outcome details summary").first.click()
    _shoot(page, f"unknown-outcome-{name}")


def _share(page: Page) -> dict[str, str]:
    """Create the links that the sharing pages show; return their addresses, which only their creator sees."""
    page.goto(GALLERY)
    page.get_by_role("button", name="Select", exact=True).click()
    for card in page.locator("#feed .card.is-done .card-open").all()[:9]:
        card.click()
    page.locator("#selection summary", has_text="Collection").click()
    page.locator("#selection-collection").fill("Menu ideas")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    page.goto(f"{GALLERY}collections/")
    page.get_by_role("link", name="Menu ideas").first.click()
    page.wait_for_url("**/collections/*-*/")
    collection = page.url
    page.goto(GALLERY)
    page.locator("#feed .card.is-done .card-open").nth(1).click()
    page.wait_for_url("**/g/**")
    picture = page.url.split("?")[0]
    panel = f"{picture}share"
    page.get_by_label("Write a comment").fill("@ada.okafor the lettering of this one?")
    page.get_by_role("button", name="Comment", exact=True).click()
    return {
        "comments": f"{picture}#comments",
        "compare": _comparison(page),
        "collection": collection,
        "share": panel,
        "share-collection": f"{collection}share",
        "public-picture": _link(page, panel, ("Show prompt", "Allow download")),
        "public-password": _link(page, panel, (), password="open sesame street"),
        "public-collection": _link(page, f"{collection}share", ("Show names",)),
        "invitation": _invitation(page),
    }


def _comparison(page: Page) -> str:
    page.goto(GALLERY)
    page.get_by_role("button", name="Select", exact=True).click()
    for card in page.locator("#feed .card.is-done .card-open").all()[1:3]:
        card.click()
    page.locator("#selection").get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/**")
    return page.url


def _link(page: Page, panel: str, ticks: tuple[str, ...], password: str = "") -> str:
    page.goto(f"{panel}?new")
    for tick in ticks:
        page.get_by_label(tick).check()
    if password:
        page.get_by_label("Require a password").check()
        page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Share link", exact=True).input_value()


def _invitation(page: Page) -> str:
    page.goto(f"{GALLERY}people/")
    page.get_by_label("Email").fill("dora@example.test")
    page.get_by_role("button", name="Create link").click()
    return page.get_by_label("Invitation link", exact=True).input_value()


def _sharing_tour(page: Page, name: str, shared: dict[str, str]) -> None:
    inside = {what: f"{GALLERY}{what}/" for what in ("collections", "tags", "links", "verify", "people")}
    inside |= {"provenance-settings": f"{GALLERY}settings/provenance/", "activity": f"{GALLERY}activity/"}
    inside |= {"view-history": f"{GALLERY}view-history/"}
    inside |= {what: shared[what] for what in ("collection", "share", "share-collection", "comments", "compare")}
    outside = {what: url for what, url in shared.items() if what not in inside}
    outside |= {"public-gone": "/s/nothing/", "forgotten-password": "/accounts/reset/"}
    for what, address in inside.items():
        page.goto(address)
        _shoot(page, f"{what}-{name}")
    page.goto(GALLERY)
    page.locator(".nav-more summary").click()
    _shoot(page, f"more-{name}")
    page.context.clear_cookies()
    sign_in(page, "viewer")
    page.goto("/notifications/")
    _shoot(page, f"notifications-{name}")
    page.context.clear_cookies()
    for what, address in outside.items():
        page.goto(address)
        _shoot(page, f"{what}-{name}")


def _pause(page: Page) -> None:
    page.goto("/provider/")
    page.locator("[name=reason]").fill("The invoice is being looked at.")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_selector("#banner .banner-body")
    page.goto(GALLERY)
    page.locator("[name=prompt]").fill(SIGN)
    page.locator("[data-send]").click()
    page.wait_for_selector("#feed .card.is-waiting")


def _paused_tour(page: Page, name: str) -> None:
    page.goto(GALLERY)
    _shoot(page, f"paused-{name}")
    page.goto("/provider/")
    _shoot(page, f"provider-{name}")


def _shoot(page: Page, name: str) -> None:
    if wanted and name.rsplit("-", 2)[0] not in wanted:
        return
    # A page that polls never becomes idle, so it gets a fixed time instead.
    page.wait_for_timeout(1500)
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.save(TARGET / f"{name}.webp", quality=88, method=6)


if __name__ == "__main__":
    main(sys.argv[1:])
