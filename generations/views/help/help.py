"""The help: the documentation as pages of the site, and their search."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from generations.views.help.documents import HelpDocument, HelpSection, document
from generations.views.help.pages import GROUPS, page_url, title_of
from generations.views.help.search import HelpAnswer, search
from generations.views.site.rendering import render_page

LONGEST_QUERY = 200


@dataclass(frozen=True)
class HelpLink:
    url: str
    title: str
    current: bool
    # What the page is about: its headings.
    parts: list[HelpSection]


@dataclass(frozen=True)
class HelpLinks:
    name: str
    links: list[HelpLink]


@dataclass(frozen=True)
class HelpIndex:
    q: str
    answer: HelpAnswer | None
    groups: list[HelpLinks]


@dataclass(frozen=True)
class HelpPage:
    q: str
    document: HelpDocument
    groups: list[HelpLinks]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    page = HelpIndex(q=q, answer=search(q) if q else None, groups=_groups())
    return render_page(request, "help/index.html", page)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        shown = document(slug)
    except KeyError:
        raise Http404 from None
    return render_page(request, "help/page.html", HelpPage(q="", document=shown, groups=_groups(slug)))


def _groups(current: str = "") -> list[HelpLinks]:
    return [HelpLinks(str(group.name), [_link(slug, current) for slug in group.slugs]) for group in GROUPS]


def _link(slug: str, current: str) -> HelpLink:
    return HelpLink(page_url(slug), title_of(slug), slug == current, document(slug).parts)
