"""What opens over the gallery: menus, sheets, the composer and the lightbox, each opened from a fresh gallery."""

import re

from playwright.sync_api import expect

from tests.e2e.states import GALLERY


def composer(page):
    page.locator("[name=prompt]").click()
    expect(page.locator("#composer")).to_contain_class("is-open")


def settings(page):
    composer(page)
    page.locator(".more summary").click()
    expect(page.locator("[name=seed]")).to_be_visible()


def presets(page):
    composer(page)
    page.locator("#composer details", has=page.locator(".composer-presets")).locator("summary").click()
    expect(page.locator(".composer-presets")).to_be_visible()


def prompt_history(page):
    page.locator("[name=prompt]").press("ArrowUp")
    expect(page.locator(".prompt-row").first).to_be_visible()


def suggestions(page):
    page.locator("body").press("/")
    expect(page.locator("#search")).to_be_focused()


def card_menu(page):
    page.locator("#feed .card.is-done .card-open").first.press("Shift+F10")
    expect(page.locator("#card-menu")).to_be_visible()


def filters(page):
    page.locator("#filter-menus summary", has_text="Filters").click()


def more_pages(page):
    page.locator(".nav summary").click()


def account(page):
    page.locator(".topbar-tail details summary").last.click()


def keys(page):
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def lightbox(page):
    page.locator("#feed .card.is-done .card-open").first.click()
    # Until the page of the picture has been read.
    expect(page.locator("#lightbox [data-slot=download]")).to_have_attribute("href", re.compile("."))


def lightbox_zoomed(page):
    lightbox(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.locator("#lightbox")).to_contain_class("is-zoomed")


def lightbox_panel(page):
    lightbox(page)
    page.keyboard.press("i")
    expect(page.get_by_role("region", name="About this picture")).to_be_visible()


def lightbox_menu(page):
    lightbox(page)
    page.locator("#lightbox summary", has_text="More actions").click()


def share_dialog(page):
    page.locator("#feed .card.is-done .card-open").first.press("s")
    expect(page.get_by_role("dialog", name="Share this picture")).to_be_visible()


def share_dialog_of_a_link(page):
    share_dialog(page)
    if page.get_by_role("button", name="Create link").is_visible():
        page.get_by_role("button", name="Create link").click()
    # The answer takes the place of the form.
    expect(page.get_by_label("Share link", exact=True)).to_be_visible()
    page.get_by_label("Require a password").check()
    expect(page.locator("#share-password")).to_be_focused()


OVERLAYS = (
    composer, settings, presets, prompt_history, suggestions, card_menu, filters, more_pages, account, keys, lightbox,
    lightbox_zoomed, lightbox_panel, lightbox_menu, share_dialog, share_dialog_of_a_link,
)  # fmt: skip


def open_each(page):
    """Open one after the other; yields each one's name while it is open."""
    for overlay in OVERLAYS:
        page.goto(GALLERY)
        overlay(page)
        yield overlay.__name__
