"""S7: text from a user, a file or the provider is shown as text on every page, and never becomes part of the page."""

import re
import sqlite3
import uuid
from urllib.parse import urlencode, urlsplit

import pytest
from PIL import Image, PngImagePlugin
from playwright.sync_api import expect

from generations.services.orders.wildcards import escape
from tests.e2e.site.payloads import PAYLOADS, TRACES
from tests.e2e.states import DRAWN, generate
from tests.e2e.teams.test_people import invite, join

WATCH = "Object.defineProperty(window, 'ran', {set() { console.error('a payload ran: ' + location) }})"


class Writer:
    """Sender of forms as this page's user; the browser then shows the result."""

    def __init__(self, page):
        self.page = page

    def send(self, path, **fields):
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        said = urlencode({"csrfmiddlewaretoken": token, **fields}, doseq=True)
        kind = "application/x-www-form-urlencoded"
        answer = self.page.request.post(path, data=said, headers={"Referer": self.page.url, "Content-Type": kind})
        assert answer.status < 400, (path, answer.status, fields, answer.text()[:200])
        return answer


def watch(page, site, complaints):
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    host = urlsplit(site).netloc
    page.on("request", lambda one: urlsplit(one.url).netloc in {host, ""} or complaints.append(f"asked {one.url}"))
    return page


def look(page, address=None):
    """Assert that the page contains nothing that a payload created."""
    if address:
        page.goto(address, wait_until="load")
    found = page.evaluate("traces => [...document.querySelectorAll(traces)].map(one => one.outerHTML)", TRACES)
    assert (found, page.evaluate("window.name")) == ([], ""), page.url


@pytest.fixture
def hostile(open_page, site, complaints, emulator):
    """Yield the page of a new user whose own team has only hostile texts, its gallery's address and a Writer."""
    page = watch(open_page(as_=None), site, complaints)
    join(page, invite(open_page()), "Nadia Quill", "nadia@example.test")
    page.goto("/teams/new/")
    page.get_by_label("Name").fill(PAYLOADS[0])
    page.get_by_role("button", name="Create team").click()
    page.wait_for_url("**/t/*/**")
    slug = urlsplit(page.url).path.split("/")[2]
    gallery, writer = f"/t/{slug}/", Writer(page)
    emulator(speed_up=50, drawing="plain")
    for number, text in enumerate(PAYLOADS):
        writer.send(f"{gallery}generations/", prompt=escape(text), count="1", client_key=str(uuid.uuid4()))
        writer.send(f"{gallery}collections/", name=f"{number} {text}", description=text)
    yield page, gallery, writer
    page.goto("/accounts/")
    writer.send("/accounts/name", name="Nadia Quill")


@pytest.mark.each_commit
def test_words_stay_words_on_every_page(
    hostile, open_page, site, complaints, emulator, site_folder, tmp_path, at_night
):
    """Pages that hold all the texts are checked with all of them.

    Of pages that hold one text, every one is checked at night, and every tenth at each commit.
    """
    page, gallery, writer = hostile
    step = 1 if at_night else 10
    ids = drawn(page, gallery)
    writer.send(f"{gallery}selection/", action="collect", collection=PAYLOADS[10], id=ids)
    for text, one in zip(PAYLOADS, ids, strict=True):
        if len(text) <= 40 and "," not in text:
            writer.send(f"{gallery}selection/", action="tag", tag=text, id=one)

    for text in PAYLOADS[::step]:  # there is only one name of each, so the texts take turns
        writer.send("/accounts/name", name=text)
        writer.send(f"{gallery}people/team", name=text, default_visibility="team")
        look(page, f"{gallery}people/")
    for one in ids[::step]:
        look(page, f"/g/{one}/")
    for path in ("", "?layout=list", "queue/", "collections/", "tags/", "links/", "trash/", "verify/"):
        look(page, gallery + path)
    for text in PAYLOADS[::8]:
        page.goto(gallery)
        page.get_by_role("searchbox").fill(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        look(page)
    swapped(page, gallery)
    refused_by_the_provider(page, gallery, emulator, site_folder)
    dropped_file(page, gallery, tmp_path)
    addresses = shared(page, gallery, ids)
    as_others(page, gallery, ids[::step], addresses, lambda **options: watch(open_page(**options), site, complaints))
    reported_and_blocked(page, gallery, writer, ids)


def drawn(page, gallery):
    page.goto(f"{gallery}?state=done")
    deadline = 60
    while page.locator("#feed .card.is-done").count() < len(PAYLOADS):
        assert (deadline := deadline - 1), "the pictures were not drawn"
        page.wait_for_timeout(2000)
        page.reload()
    return [card.get_attribute("id").removeprefix("g-") for card in page.locator("#feed .card").all()]


def swapped(page, gallery):
    """Check what htmx inserts into the page: tags of a picture, the selection bar, a new card."""
    page.goto(gallery)
    generate(page, PAYLOADS[10])
    look(page)
    page.locator("#feed .card.is-done .card-open").first.click()
    page.wait_for_selector("#panel", state="attached")
    look(page)
    page.keyboard.press("i")
    page.get_by_label("Add a tag", exact=True).fill(PAYLOADS[7])
    page.keyboard.press("Enter")
    expect(page.locator(".detail-panel").get_by_role("link", name=PAYLOADS[7].lower())).to_be_visible()
    look(page)
    page.goto(gallery)
    page.locator("#feed .card.is-done .card-open").first.focus()
    page.keyboard.press("x")
    page.locator("#selection summary", has_text="Collection").click()
    page.locator("#selection-collection").fill(PAYLOADS[13])
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("onfocus")
    look(page)


def refused_by_the_provider(page, gallery, emulator, site_folder):
    """Write the payloads where the site stores the provider's message, because the emulator cannot send them."""
    page.goto(gallery)
    emulator(faults=["400"])
    card = generate(page, "a picture that is refused")
    expect(card).to_have_class(re.compile("is-failed"), timeout=DRAWN)
    one = card.get_attribute("id").removeprefix("g-")
    with sqlite3.connect(site_folder / "gallery.sqlite3", timeout=120) as books:
        books.execute(
            "UPDATE generations_generation SET reason = ? WHERE id = ?", (" ".join(PAYLOADS), uuid.UUID(one).hex)
        )
    for address in (gallery, f"/g/{one}/"):
        look(page, address)
        expect(page.locator("#main")).to_contain_text("ran=1</script> </script><script>ran=1")


def dropped_file(page, gallery, tmp_path):
    said = PngImagePlugin.PngInfo()
    for text in PAYLOADS:
        said.add_itxt("parameters", text)
    file = tmp_path / "'><img src=x onerror=ran=1>.png"
    Image.new("RGB", (64, 64)).save(file, pnginfo=said)
    page.goto(f"{gallery}verify/")
    page.locator("#file").set_input_files(file)
    expect(page.get_by_role("heading", name="No match")).to_be_visible()
    look(page)


def shared(page, gallery, ids):
    """Create the links to one picture and to the collection with all of them; return their addresses."""
    found = []
    page.goto(f"{gallery}collections/")
    page.get_by_role("link", name=PAYLOADS[10]).first.click()
    page.wait_for_url("**/collections/*-*/")
    for address in (f"/g/{ids[0]}/share", f"{page.url}share"):
        page.goto(f"{address}?new")
        look(page)
        page.get_by_label("Show prompt").check()
        page.get_by_label("Show names").check()
        page.get_by_role("button", name="Create link").click()
        found.append(page.get_by_label("Share link", exact=True).input_value())
        look(page)
    look(page, f"{gallery}links/")
    return found


def reported_and_blocked(page, gallery, writer, ids):
    """Check the managers' pages of reports and of blocked words; no picture is generated after this."""
    for text, one in zip(PAYLOADS[::4], ids[::4], strict=True):
        writer.send(f"/g/{one}/report", reason="other", note=text)
    writer.send(f"{gallery}settings/blocked-words/", words="\n".join(PAYLOADS))
    for path in ("reports/", "settings/blocked-words/"):
        look(page, gallery + path)
    expect(page.locator("#blocked-words")).to_have_value(re.compile(re.escape(PAYLOADS[3])))


def as_others(page, gallery, ids, addresses, open_watched):
    """Check the pages as an outsider, and as a viewer who joins by an invitation."""
    outsider = open_watched(as_=None)
    for address in addresses:
        look(outsider, address)
    for one in ids:
        look(outsider, f"{addresses[1]}{one}/")
    page.goto(f"{gallery}people/")
    page.locator("label.segment", has_text="Viewer").click()
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("Invitation link", exact=True).input_value()
    viewer = open_watched(as_=None)
    look(viewer, link)
    join(viewer, link, PAYLOADS[7], "vida@example.test")
    for path in ("", "queue/", "people/", "collections/"):
        look(viewer, gallery + path)
    look(viewer, f"/g/{ids[0]}/")
