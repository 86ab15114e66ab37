"""A rate limit reached in the browser: the typed text is still there, and can be sent from there."""

import sqlite3
import uuid
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.e2e.activity.test_comments import open_a_picture


@pytest.fixture
def full(site, site_folder):
    """Yield a function that uses up an action of a demo user, and one that deletes all uses; delete them at the end."""

    def change(sql, *args):
        with closing(sqlite3.connect(site_folder / "gallery.sqlite3", timeout=120)) as database, database:
            database.execute(sql, args)

    def fill(email, action, most):
        for _ in range(most):
            change(
                "INSERT INTO generations_ratelimituse (id, action, subject)"
                " SELECT ?, ?, 'user:' || id FROM generations_user WHERE email = ?",
                uuid.uuid4().hex, action, email,
            )  # fmt: skip

    def empty():
        change("DELETE FROM generations_ratelimituse")

    yield fill, empty
    empty()


def test_refused_comment_stands_on_the_page_and_is_sent_from_there(open_page, full):
    fill, empty = full
    page = open_page()
    open_a_picture(page)
    fill("owner@demo.test", "comment", 60)

    page.get_by_label("Write a comment").fill("a thought\nthat took long")
    page.get_by_role("button", name="Comment", exact=True).click()

    expect(page.get_by_text("You've reached the limit for adding and editing comments: 60 per hour.")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("a thought\nthat took long")
    empty()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".comment", has_text="that took long").last).to_be_visible()


def test_refused_tag_is_told_over_the_page_and_stays_in_its_field(open_page, full, complaints):
    fill, _ = full
    page = open_page()
    open_a_picture(page)
    fill("owner@demo.test", "tag", 200)

    field = page.get_by_role("combobox", name="Add a tag")
    field.fill("a new word")
    field.press("Enter")

    expect(page.locator(".toast", has_text="You've reached the limit for creating tags: 200 per hour.")).to_be_visible()
    expect(field).to_have_value("a new word")
    # htmx logs every refusal of a background request on the console.
    assert [one for one in complaints if "Response Status Error Code 429" not in one] == []
    complaints.clear()
