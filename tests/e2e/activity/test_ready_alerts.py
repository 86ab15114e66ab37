"""A sound and a desktop notification when one's own pictures are ready: off until asked for."""

import re

from playwright.sync_api import expect

from tests.e2e.states import DRAWN, generate

# What the browser is asked for, since it shows nothing without a screen.
WATCH = """
  window.asked = [];
  const tone = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { asked.push("tone"); return tone.call(this); };
  window.Notification = class extends EventTarget {
    constructor(title, options) { super(); asked.push(options.body); }
    static requestPermission() { return Promise.resolve(window.permission ?? "granted"); }
  };
  Document.prototype.hasFocus = () => false;
"""


def watched(open_page):
    page = open_page()
    page.add_init_script(WATCH)
    return page


def box(page, name):
    return page.get_by_role("checkbox", name=name)


def finished(page):
    page.goto("/")
    expect(generate(page, "a bell that rings")).to_have_class(re.compile("is-done"), timeout=DRAWN)
    expect(page.locator("#announcements")).to_contain_text("Ready: ", timeout=DRAWN)
    return page.evaluate("asked")


def test_nothing_is_asked_of_the_browser_until_it_is_switched_on(open_page):
    page = watched(open_page)
    assert finished(page) == []

    page.goto("/accounts/")
    box(page, "Play a sound").check()
    assert page.evaluate("asked") == ["tone", "tone"]
    box(page, "Show a desktop notification").check()
    page.reload()
    expect(box(page, "Play a sound")).to_be_checked()
    expect(box(page, "Show a desktop notification")).to_be_checked()

    *tones, text = finished(page)
    assert tones == ["tone", "tone"]
    assert text.startswith("Ready: ")


def test_notification_that_the_browser_refuses_stays_off_and_says_why(open_page):
    page = watched(open_page)
    page.add_init_script("window.permission = 'denied'")
    page.goto("/accounts/")

    box(page, "Show a desktop notification").click()

    expect(page.get_by_text("Your browser doesn't allow notifications from this site.")).to_be_visible()
    expect(box(page, "Show a desktop notification")).not_to_be_checked()
