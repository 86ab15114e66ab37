"""A downloaded file is recognised, whether dropped on a page with scripts or chosen without them."""

import base64
import re

import pytest
from playwright.sync_api import expect

from generations.imaging import traces
from tests.e2e.states import GALLERY

DROP = """(field, {name, data}) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type: 'image/webp'}));
  field.files = carried.files;
  field.dispatchEvent(new Event('change', {bubbles: true}));
}"""


@pytest.fixture
def download(open_page, tmp_path):
    """Return the page of a picture, and the file that its button saves."""
    page = open_page()
    page.locator("#feed .card.is-done .card-open").first.click()
    with page.expect_download() as saved:
        page.locator("#lightbox [data-slot=download]").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    return page, file


def test_download_that_is_dropped_leads_back_to_its_picture(download):
    page, file = download
    address = page.url.split("?")[0]
    assert traces(file.read_bytes()).marked

    page.goto(GALLERY)
    page.locator(".nav-more summary").click()
    page.get_by_role("link", name="Verify a picture").click()
    page.locator("#file").evaluate(DROP, {"name": file.name, "data": base64.b64encode(file.read_bytes()).decode()})

    expect(page.get_by_role("heading", name="This picture was generated here")).to_be_visible()
    page.locator(".verdict-picture").first.click()
    expect(page).to_have_url(re.compile(re.escape(address)))


def test_file_that_is_too_large_is_not_sent(open_page, site, tmp_path):
    page = open_page()
    page.goto(f"{GALLERY}verify/")
    page.locator("#file").evaluate("field => { field.dataset.most = 10 }")
    sent = []
    page.on("request", lambda request: sent.append(request.url))

    page.set_input_files("#file", {"name": "large.png", "mimeType": "image/png", "buffer": bytes(11)})

    expect(page.locator("#file-error")).to_contain_text("larger than")
    assert sent == []


def test_page_works_without_scripts(download, open_page):
    _, file = download
    page = open_page(java_script_enabled=False)
    page.goto(f"{GALLERY}verify/")

    page.set_input_files("#file", file)
    page.get_by_role("button", name="Verify", exact=True).click()

    expect(page.get_by_role("heading", name="This picture was generated here")).to_be_visible()
