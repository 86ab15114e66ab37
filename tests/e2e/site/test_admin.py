"""The admin in a browser: nothing lies over a control, and the filter by team suggests names."""

import pytest
from playwright.sync_api import expect

from tests.e2e.states import visit_admin

# Pairs of controls that share more than a pixel. A table scrolls by itself, and Django lays its fields over labels.
OVERLAPS = """() => {
  const controls = [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter(
    (one) => one.checkVisibility() && !one.closest("table, .skip-to-content-link") && one.offsetWidth > 1,
  );
  const shared = (p, q) => {
    const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    return Math.min(across, Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top));
  };
  const found = controls.flatMap((one, place) =>
    controls
      .slice(place + 1)
      .filter((other) => !one.contains(other) && shared(one.getBoundingClientRect(), other.getBoundingClientRect()) > 1)
      .map((other) => `${one.outerHTML.slice(0, 80)} / ${other.outerHTML.slice(0, 80)}`),
  );
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 0 ? [...found, `${wide} px too wide`] : found;
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_no_control_lies_over_another_and_no_page_is_too_wide(open_page, width):
    page = open_page(width=width, reduced_motion="reduce")

    found = {name: page.evaluate(OVERLAPS) for name in visit_admin(page)}

    assert {name: what for name, what in found.items() if what} == {}


def test_filter_by_team_suggests_names_and_takes_one(open_page):
    page = open_page()
    page.goto("/admin/generations/ledgerentry/?kind__exact=charge")
    field = page.get_by_label("Team name or slug")
    field.press_sequentially("harb")
    expect(page.locator("#suggestions-team option[value='Harbour team']")).to_have_count(1)

    field.fill("Harbour team")
    field.press("Enter")

    page.wait_for_url("**kind__exact=charge&team=Harbour+team")
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Harbour team")


def test_filter_by_team_takes_a_part_of_its_name_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/admin/generations/ledgerentry/")
    page.get_by_label("Team name or slug").fill("harb")
    page.get_by_label("Team name or slug").press("Enter")

    expect(page.locator("#result_list tbody tr").first).to_contain_text("Harbour team")
