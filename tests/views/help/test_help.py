"""The help: which pages there are, that their links and pictures lead somewhere, and what a reader gets."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.utils import translation

from generations.views.help.documents import MARKDOWN, document
from generations.views.help.pages import GROUPS, SLUGS, SOURCES, source, title_of
from hidream_site.version import VERSION
from tests.test_architecture import ROOT

# For people who change the site, and have its files: the index, how it is built and proved, the stand-in for Segmind.
LEFT_OUT = {"README", "architecture", "chaos", "emulator", "writing"}
ADDRESSES = ["/help/", "/help/?q=limit", *(f"/help/{slug}/" for slug in SLUGS)]
VOID = {"img", "input", "br", "hr", "meta", "link", "path", "rect", "circle", "line", "polyline", "ellipse", "polygon"}


class Page(HTMLParser):
    """Collects the links, files and ids of a page, the ids that name other elements, and links inside of links."""

    def __init__(self, text):
        super().__init__()
        self.links, self.files, self.ids, self.names, self.open, self.nested = [], [], [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.ids += [named["id"]] if "id" in named else []
        self.names |= set((named.get("aria-labelledby") or "").split())
        self.links += [named["href"]] if tag == "a" else []
        self.files += [named[name] for name in ("src", "srcset", "data-src") if name in named]
        self.files += [named["href"]] if tag == "link" else []
        self.nested += [named["href"]] if tag == "a" and "a" in self.open else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@pytest.fixture
def client(as_, vera):
    return as_(vera)


@pytest.fixture
def open_page(client):
    def get(address):
        response = client.get(address)
        assert response.status_code == 200, address
        return response.content.decode()

    return get


def in_help(links):
    return [link for link in links if urlsplit(link).path.startswith("/help/")]


def test_every_page_of_the_docs_is_in_the_help_or_left_out():
    there = {path.stem for path in (ROOT / "docs").glob("*.md")}

    assert {*SLUGS, *LEFT_OUT} == there | {"changelog"}
    assert not LEFT_OUT & set(SLUGS)
    assert len(SLUGS) == len(set(SLUGS))


@pytest.mark.parametrize("slug", SLUGS)
def test_page_begins_with_its_title(slug):
    """The template shows the title; what is rendered begins behind it."""
    first, *_ = MARKDOWN.parse(source(slug))

    assert (first.type, first.tag) == ("heading_open", "h1")
    assert "<h1" not in document(slug).html


@pytest.mark.django_db
def test_every_link_of_the_help_leads_somewhere(open_page):
    """Each page is opened once; a link to a heading has a heading."""
    pages = {address: Page(open_page(address)) for address in ADDRESSES}
    ids = {urlsplit(address).path: set(page.ids) for address, page in pages.items() if "?" not in address}
    broken = []
    for address, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            path = parts.path or urlsplit(address).path
            if not parts.netloc and path.startswith("/help/"):
                known = ids.get(path)
                broken += [(address, link)] if known is None or (parts.fragment and parts.fragment not in known) else []

    assert broken == []
    assert sum(len(in_help(page.links)) for page in pages.values()) > 400


@pytest.mark.django_db
def test_links_out_of_the_help_lead_somewhere(client, open_page):
    links = {link for address in ADDRESSES for link in Page(open_page(address)).links}
    inside = {urlsplit(link).path for link in links if link.startswith("/")}
    pages = sorted(path for path in inside if not path.startswith(("/help/", "/static/")))

    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)
    assert {urlsplit(link).scheme for link in links - {one for one in links if one.startswith(("/", "#"))}} == {"https"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_needs_no_other_host_and_its_files_are_there(open_page, address):
    files = Page(open_page(address)).files
    static = [urlsplit(file).path.removeprefix("/static/") for file in files]

    assert [file for file in files if not file.startswith("/static/")] == []
    assert [name for name in static if not finders.find(name)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_sound(open_page, address):
    """Ids are there once, also those of the site around the text; names of boxes are ids; no link is inside a link."""
    page = Page(open_page(address))

    assert sorted(one for one in page.ids if page.ids.count(one) > 1) == []
    assert page.names <= set(page.ids)
    assert page.nested == []


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_of_the_markup_is_left_in_the_text(slug):
    text = html.unescape(re.sub(r"<(code|pre)\b.*?</\1>|<[^>]+>", "", document(slug).html, flags=re.DOTALL))

    assert not re.search(r"<!--|\]\(|^#+ |^\|.*\|$|\*\*|<[a-z]+>", text, re.MULTILINE)
    assert ".md" not in text


def test_link_to_another_page_of_the_docs_leads_to_its_page_of_the_help():
    people, configuration = document("people").html, document("configuration").html

    assert '<a href="/help/sign-in/#guessing">Sign-in</a>' in people
    assert f'<a href="/help/operations/">{title_of("operations").lower()}</a>' in configuration


def test_link_to_a_file_that_is_no_page_is_text():
    text = document("operations").html

    assert "The units of deploy/systemd." in text
    assert "../deploy" not in text


def test_link_that_is_named_by_a_file_gets_the_title_of_its_page():
    assert '<a href="/help/configuration/">Configuration</a>' in document("operations").html


def test_html_in_a_page_is_text():
    rendered = MARKDOWN.render("<script>alert(1)</script>\n\na <b onclick=x>b</b> [c](javascript:alert(1))")

    assert "<script" not in rendered
    assert "<b" not in rendered
    assert 'href="javascript' not in rendered


def test_code_is_copied_without_a_line_break_that_would_run_it():
    (copied, *_) = re.findall(r'data-copy="([^"]*)"', document("operations").html)

    assert copied.startswith("docker compose run --rm web python manage.py create_user")
    assert not copied.endswith("\n")


def test_picture_has_its_size_and_its_words():
    text = document("credits").html

    assert re.search(r'<img src="/static/help/[\w.-]+\.webp" alt="[^"]{20,}" width="1440" height="900"', text)


def test_headings_that_are_the_same_have_ids_of_their_own():
    anchors = [section.anchor for slug in SLUGS for section in document(slug).sections if section.anchor]

    assert len(anchors) > 100
    for slug in SLUGS:
        own = [section.anchor for section in document(slug).sections]
        assert len(own) == len(set(own))


@pytest.mark.django_db
def test_index_shows_groups_keys_and_the_version(open_page):
    text = open_page("/help/")

    assert [name for group in GROUPS if (name := f">{group.name}</h2>") not in text] == []
    assert [slug for slug in SLUGS if f'<a href="/help/{slug}/">{html.escape(title_of(slug))}</a>' not in text] == []
    assert '<h2 id="keyboard">Keyboard shortcuts</h2>' in text
    assert f"HiDream Gallery {VERSION} ·" in text


@pytest.mark.django_db
def test_keys_of_the_index_are_those_of_the_dialog(open_page):
    lists = re.findall(r'<dl class="keys-list">.*?</dl>', open_page("/help/"), re.DOTALL)

    assert lists[: len(lists) // 2] == lists[len(lists) // 2 :]
    assert len(lists) >= 6


@pytest.mark.django_db
def test_account_menu_leads_to_the_help(open_page):
    assert 'class="menu-item" href="/help/"' in open_page("/accounts/")
    assert re.search(r'href="/help/" aria-current="page"', open_page("/help/credits/"))


@pytest.mark.django_db
def test_page_says_where_one_is(open_page):
    text = open_page("/help/limits/")

    assert text.count('aria-current="page">Limits') == 1
    assert '<a href="#alerts">Alerts</a>' in text
    assert "<title>Limits" in text


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["nothing", *sorted(LEFT_OUT)])
def test_page_that_is_left_out_is_not_there(client, slug):
    assert client.get(f"/help/{slug}/").status_code == 404


@pytest.mark.django_db
def test_help_is_for_people_who_are_signed_in(client):
    client.logout()

    for address in ("/help/", "/help/credits/"):
        assert client.get(address).headers["Location"].startswith("/login/?next=/help/")


@pytest.mark.django_db
def test_page_costs_no_query_of_its_own(client, django_assert_num_queries, django_assert_max_num_queries):
    """A page of the account has the same bar and asks for one thing more or none."""
    with django_assert_max_num_queries(28) as account:
        client.get("/notifications/")
    with django_assert_max_num_queries(len(account)):
        client.get("/help/operations/")
    with django_assert_max_num_queries(len(account)):
        client.get("/help/?q=limit")


def test_words_of_the_site_in_a_page_are_those_of_the_reader_s_language():
    """What is rendered once in a process is rendered once for each language."""
    with translation.override("de"):
        german = document("operations")

    assert german is not document("operations")
    assert document("operations") is document("operations")


def test_image_of_the_container_has_the_pages_and_their_pictures():
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {"docs/*.md", "docs/screenshots", "CHANGELOG.md"} <= let_in
    assert {path for path in SOURCES.values() if not path.startswith("docs/")} == {"CHANGELOG.md"}
