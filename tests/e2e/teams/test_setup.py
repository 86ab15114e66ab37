"""The first minutes of a new team: an example fills the composer, and the setup is skipped."""

from playwright.sync_api import expect


def test_example_fills_the_composer_and_the_setup_is_skipped(open_page):
    page = open_page()
    # A team of its own: another test looks at the setup of a new one.
    page.goto("/teams/new/")
    page.fill("main [name=name]", "Pier")
    page.locator("main form button[type=submit]").click()
    example = page.locator(".example-picture button").nth(1)

    example.click()

    expect(page.locator("[data-prompt]")).to_have_value(example.get_attribute("data-example"))
    expect(page.locator("[data-prompt]")).to_be_focused()
    expect(page.locator(".example-picture img").first).to_have_js_property("complete", value=True)
    page.reload()
    page.locator(".setup-head button").click()
    expect(page.locator(".setup")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Setup hidden")
