"""Totals beside the cards: number and cost of the search results and of each day.

They are rendered with the page and sent again by every response that changes cards, by the same functions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from generations.forms.gallery import carried_from, cursor_from, is_collapsed, query_of, search_from
from generations.models import Generation, Team, User
from generations.queries.gallery.gallery import (
    DaySum,
    GallerySearch,
    day_of,
    day_sums,
    search_generations,
    search_total,
)
from generations.queries.site.counts import COUNT_LIMIT
from generations.views.site.formatting import dollars, number, pictures

GALLERY, COLLECTION = "", "collection"


@dataclass(frozen=True)
class PageAddress:
    """The page that shows the totals.

    A collection shows no cost, because its limit counts another amount: the cost of pictures generated into it. Only
    the gallery without filters has labels of days. `from_day` is the day whose label is on an earlier page.
    """

    kind: str = GALLERY
    from_day: date | None = None

    @classmethod
    def of(cls, kind: str, query: Mapping[str, str]) -> "PageAddress":
        before = cursor_from(query).before
        return cls(kind, day_of(before) if before else None)

    @classmethod
    def from_params(cls, words: Mapping[str, str]) -> "PageAddress":
        try:
            begun = date.fromisoformat(words.get("begun", ""))
        except ValueError:
            begun = None
        return cls(words.get("place", ""), begun)

    @property
    def words(self) -> dict[str, str]:
        """Return it as query parameters, which `from_params` reads."""
        said = {"place": self.kind, "begun": self.from_day.isoformat() if self.from_day else ""}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class CardOrigin:
    """The page of a form: its search, the query string of its cards, the place of its totals, and if it has stacks."""

    search: GallerySearch
    query: str
    place: PageAddress | None
    collapsed: bool


@dataclass(frozen=True)
class DayTotals:
    iso: str
    summary: str


@dataclass(frozen=True)
class PageTotals:
    """Totals of the page; `cost_exact` is shown where the pointer rests on the rounded cost."""

    count_text: str
    cost_text: str
    cost_exact: str
    days: list[DayTotals]


def origin_of(address: str, viewer: User, team: Team) -> CardOrigin:
    url = urlsplit(address)
    query = QueryDict(url.query)
    search = search_from(query, viewer, team)
    kind = _kind(url.path, team, search)
    place = None if kind is None else PageAddress.of(kind, query)
    return CardOrigin(search, query_of(search, **carried_from(query)), place, is_collapsed(query, search))


def figures(
    place: PageAddress | None, search: GallerySearch, team: Team, viewer: User, changed: Iterable[Generation]
) -> PageTotals | None:
    """Return the totals that the changed rows may have moved; None where the page has no totals.

    Runs at most three queries, each over at most 1,001 rows. A day that exceeds that number has an empty summary.
    """
    if place is None:
        return None
    rows = search_generations(team, search, viewer)
    labelled = place.kind == GALLERY and not search.active
    days = sorted({day_of(row.id) for row in changed} - {place.from_day}) if labelled else []
    sums = day_sums(rows, days)
    count, cost, exact = search_total_words(rows)
    shown = cost if place.kind == GALLERY else ""
    return PageTotals(count, shown, exact, [DayTotals(day.isoformat(), day_words(sums, day)) for day in days])


def search_total_words(rows: "QuerySet[Generation]") -> tuple[str, str, str]:
    """Return the number of results and their cost, rounded and exact, which equals the sum of their ledger entries."""
    found = search_total(rows)
    if not found.count:
        return pictures(0), "", ""
    cost, exact = (dollars(found.cost, places=places, estimated=found.estimated) for places in (2, 4))
    if not found.whole:
        cost = _("%(cost)s for the newest %(count)s") % {"cost": cost, "count": number(COUNT_LIMIT)}
    return pictures(found.count, COUNT_LIMIT), cost, exact


def day_words(sums: Mapping[date, DaySum], day: date) -> str:
    total = sums.get(day)
    if total is None or not total.whole:
        return ""
    return f"{pictures(total.count)} · {dollars(total.cost, places=2)}"


def _kind(path: str, team: Team, search: GallerySearch) -> str | None:
    if path == reverse("gallery", args=[team.slug]):
        return GALLERY
    if search.collection and path == reverse("collection", args=[team.slug, search.collection]):
        return COLLECTION
    return None
