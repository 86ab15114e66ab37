"""A language whose sentences are a third longer: pages stay inside the window, and buttons show all their words."""

import re

import pytest

from tests.e2e.conftest import PASSWORD, running_site
from tests.e2e.states import PAGES
from tests.translations import pseudo_locale

# Buttons and labels whose text is cut off, except where that is meant.
CUT_OFF = """[...document.querySelectorAll('button, .button, label, legend, h1, h2, th, dt, summary, .tag, .menu-item')]
  .filter(one => one.checkVisibility() && getComputedStyle(one).textOverflow !== 'ellipsis'
    && getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1
    && !one.closest('.sr-only'))
  .map(one => one.className + ': ' + one.textContent.trim().slice(0, 60))"""

# What reaches beyond the window, unless it is inside of something that scrolls sideways.
TOO_WIDE = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3).map(one => one.tagName + '.' + one.className + ': ' + one.textContent.trim().slice(0, 60))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    locale, data = tmp_path_factory.mktemp("locale"), tmp_path_factory.mktemp("longer")
    pseudo_locale.write(locale)
    more = {"MADE_UP_LOCALE": str(locale), "DJANGO_SETTINGS_MODULE": "tests.translations.site_settings"}
    with running_site(data, **more) as address:
        yield address


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_pages_hold_sentences_a_third_longer(open_page, width, height):
    page = open_page(as_=None, width=width, height=height, locale="en-XA")
    page.goto("/login/")
    page.locator("#id_username").fill("owner@demo.test")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_selector("#feed")
    faults = {}
    for name, address in PAGES.items():
        page.goto(address)
        if not re.search("⟦", page.inner_text("body")):
            faults[name] = "is not in the made-up language"
        elif wide := page.evaluate(TOO_WIDE):
            faults[name] = wide
        elif found := page.evaluate(CUT_OFF):
            faults[name] = found

    assert "\n".join(f"{name}: {what}" for name, what in faults.items()) == ""
