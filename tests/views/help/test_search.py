"""The search of the help: what is found, in which order, and what is said when nothing is."""

import re

import pytest

from generations.views.help.documents import document
from generations.views.help.pages import SLUGS
from generations.views.help.search import MOST_HITS, search


def urls(query):
    return [hit.url for hit in search(query).hits]


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ("backup", "/help/operations/#backup"),
        ("share link", "/help/sharing/"),
        ("how do I share a picture?", "/help/sharing/"),
        ("WILDCARDS", "/help/ordering/#wildcards"),
        ("passkey", "/help/sign-in/#second-factor"),
        ("saved searches", "/help/finding/#saved-searches"),
        ("audit trail", "/help/threats/#the-audit-trail"),
    ],
)
def test_best_section_is_the_first(query, url):
    assert urls(query)[0] == url


def test_variable_is_found_where_it_is_described():
    assert "/help/configuration/#django-and-the-address" in urls("DJANGO_SECRET_KEY_FALLBACKS")


def test_heading_is_before_the_title_of_a_page_and_that_before_the_text():
    found = urls("glossary") + urls("reports")

    assert found[0].startswith("/help/glossary/")
    assert urls("reports")[0].endswith(("#spending-reports", "#reports"))
    in_text = [url for url in urls("reports") if "reports" not in url]
    assert found.index(in_text[0]) > found.index("/help/sharing/#reports")


@pytest.mark.parametrize("query", ["ärzte", "ARZTE", "Arzte"])
def test_capitals_and_accents_do_not_count(query):
    assert urls(query) == urls("arzte") != []


def test_words_that_were_found_are_marked_also_in_another_spelling():
    excerpt = next(hit.passage for hit in search("arzte").hits if hit.url == "/help/finding/#search")

    assert {"arzte", "ÄRZTE", "Ärzte"} <= set(re.findall(r"<mark>(.*?)</mark>", excerpt))


def test_word_is_found_from_its_start():
    """Of `monkey` the end is no key; of DATABASE_URL it is a word."""
    assert any("DATABASE_URL" in hit.passage for hit in search("url").hits)
    assert [hit for hit in search("atabase").hits if "<mark>" in hit.passage] == []


def test_short_word_is_found_whole():
    assert [hit for hit in search("ur").hits if "<mark>" in hit.passage] == []


def test_all_words_before_some():
    both, most = search("invitation email"), search("invitation zzzz")

    assert both.has_all
    assert not most.has_all
    assert most.hits == search("invitation").hits


def test_excerpt_escapes_what_stands_in_the_text():
    excerpts = "".join(hit.passage for hit in search("credits").hits)

    assert "&lt;team&gt;" in excerpts
    assert set(re.findall(r"<[^>]*>", excerpts)) == {"<mark>", "</mark>"}


def test_every_section_with_text_can_be_found():
    for slug in SLUGS:
        for section in document(slug).sections:
            if section.text:
                assert section.url in [hit.url for hit in search(f"{section.heading} {section.text[:60]}").hits]


def test_number_of_hits_has_an_end():
    answer = search("picture")

    assert len(answer.hits) == MOST_HITS < answer.total


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def found(self, as_, vera):
        return lambda query: as_(vera).get("/help/", {"q": query}).content.decode()

    def test_result_leads_to_its_section(self, found):
        text = found("backup")

        assert '<h3><a href="/help/operations/#backup">Backup</a></h3>' in text
        assert '<p class="help-where">Operations</p>' in text
        assert 'value="backup"' in text

    def test_nothing_found_says_so(self, found):
        text = found("zzzz")

        assert "No results for “<bdi>zzzz</bdi>”" in text
        assert "Try other or fewer words" in text

    def test_some_words_found_says_so(self, found):
        assert "No section has all of these words." in found("invitation zzzz")

    @pytest.mark.parametrize("query", ["", " ", "\0"])
    def test_empty_search_is_the_index(self, found, query):
        assert '<h2 id="keyboard">' in found(query)

    @pytest.mark.parametrize("query", ["?", "(", "[a-", "\\", "<b>", "%s", "x" * 5000, "…", "the"])
    def test_any_text_is_answered(self, found, query):
        text = found(query)

        assert 'id="help-results"' in text
        assert "“<bdi><b>" not in text
