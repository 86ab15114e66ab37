"""The gallery of a team, with the composer on top."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import current_user, last_team, team_or_404
from generations.forms.composer import MODEL, ComposerForm
from generations.forms.gallery import (
    COLLAPSED,
    LAYOUTS,
    carried,
    carried_from,
    cursor_from,
    is_collapsed,
    query_of,
    search_from,
)  # fmt: skip
from generations.models import Generation, Team, User
from generations.permissions import Verb, allows, role_of
from generations.queries.gallery.gallery import (
    GallerySearch,
    day_of,
    day_sums,
    gallery_page,
    has_older,
    search_generations,
)
from generations.queries.site.keyset import Cursor
from generations.services.teams.teams_and_users import record_use
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.new_since import mark_new
from generations.views.cards.page_totals import GALLERY, PageAddress, day_words, search_total_words
from generations.views.cards.polling import Poller, polling
from generations.views.cards.stacks import fitted
from generations.views.gallery.composer import Composer, composer
from generations.views.gallery.examples import ExamplePicture, examples_for
from generations.views.gallery.filters import Filters, filters
from generations.views.gallery.saved_searches import SavedSearchTabs, tabs
from generations.views.gallery.timeline import TimelineMonth, timeline
from generations.views.site.formatting import day_label
from generations.views.site.pickers import PickerOptions, bulk_action_permissions
from generations.views.site.rendering import render_page
from generations.views.site.requests import is_htmx, set_team, unsent_form
from generations.views.teams.setup import Setup, setup_of


@dataclass(frozen=True)
class Day:
    """The cards of one day, whose label stands above the first of them; no label with an empty `iso`."""

    weekday: str
    label: str
    iso: str
    summary: str
    cards: list[Card]
    continues: bool


@dataclass(frozen=True)
class Feed:
    """Cards, newest first; `top_day` is the day that new pictures of this feed come under, empty if none do."""

    days: list[Day]
    page_url: str
    older_url: str = ""
    newer_url: str = ""
    count_text: str = ""
    cost_text: str = ""
    cost_exact: str = ""
    layout: str = LAYOUTS[0]
    empty: str = ""
    top_day: str = ""
    # Where batches are shown the other way; empty where they are always shown whole.
    batches_url: str = ""
    collapsed: bool = False

    @property
    def cards(self) -> list[Card]:
        return [card for day in self.days for card in day.cards]


@dataclass(frozen=True)
class GalleryPage:
    composer: Composer | None
    feed: Feed
    filters: Filters
    finding: SavedSearchTabs
    shelf: PickerOptions
    may: dict[str, bool]
    live: Poller
    timeline: Sequence[TimelineMonth] = ()
    setup: Setup | None = None
    examples: Sequence[ExamplePicture] = ()


# The template of one more page of cards.
MORE = "gallery/_more.html"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    team = last_team(current_user(request))
    return redirect("gallery", team.slug) if team else render(request, "teams/no_team.html")


@require_safe
def gallery(request: HttpRequest, team: str) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    since = record_use(user=user, team=found)
    template = _template(request)
    form = None if is_htmx(request) else _unsent(request, found)
    page = build_page(request, user, found, request.GET, form, since=since)
    # The pictures behind this address were deleted, or never existed.
    if cursor_from(request.GET) != Cursor() and not page.feed.days and not is_htmx(request):
        return redirect(request.path + carried(request.GET, user, found))
    response = render_page(request, template, page)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _template(request: HttpRequest) -> str:
    """Return the template: of the whole page, of one more page of cards, or of what changes while a search is typed."""
    if not is_htmx(request):
        return "gallery/gallery.html"
    return "gallery/search/_results.html" if request.headers.get("HX-Target") == "feed" else MORE


def _unsent(request: HttpRequest, team: Team) -> ComposerForm | None:
    """Return the composer with values that were sent after the session had ended."""
    create, grid = (reverse(name, args=[team.slug]) for name in ("create", "parameter_grid"))
    fields = unsent_form(request, create, filled_from=grid)
    return filled(ComposerForm(schema.is_known(fields.get(MODEL, "")), fields, team=team)) if fields else None


def filled(form: ComposerForm) -> ComposerForm:
    """Mark a form as filled and not yet submitted."""
    form.filled = True
    form.forgive_blanks()
    return form


def build_page(
    request: HttpRequest, user: User, team: Team, query: Mapping[str, str], form: ComposerForm | None = None,
    *, since: datetime | None = None,
) -> GalleryPage:  # fmt: skip
    """Return a gallery page; `query` is what its address says, or would say for the answer to a POST.

    `since` is the end of the user's last visit, from which pictures are new.
    """
    set_team(request, team)
    search = search_from(query, user, team)
    role = role_of(user, team)
    cursor = cursor_from(query)
    shown = feed(query, user, team, search, role, since=None if search.active else since)
    shelf = PickerOptions.of(team, user)
    bar = filters(query, search, team, shelf)
    carries = query_of(search, **carried_from(query))
    labelled = _template(request) != MORE and not search.active
    return GalleryPage(
        composer=composer(query, user, team, shelf, role=role, form=form) if allows(role, Verb.CREATE) else None,
        feed=shown,
        filters=bar,
        finding=tabs(team, user, role, search=search, query=query, name=bar.sentence),
        shelf=shelf,
        may=bulk_action_permissions(role),
        live=polling(team, shown.cards, carries, cursor.before or cursor.after, place_of(request, GALLERY, query)),
        timeline=plain_timeline(team, user, query) if labelled else (),
        setup=setup_of(team, role) if labelled and cursor == Cursor() else None,
        examples=examples_for(query.get(MODEL, schema.DEFAULT)) if shown.empty == "first" else (),
    )


def place_of(request: HttpRequest, kind: str, query: Mapping[str, str]) -> PageAddress:
    """Return the place of the totals; a page that is loaded below another one has no heading of its own."""
    return PageAddress(kind) if is_htmx(request) else PageAddress.of(kind, query)


def feed(
    query: Mapping[str, str], user: User, team: Team, search: GallerySearch, role: str | None,
    *, base: str = "", since: datetime | None = None,
) -> Feed:  # fmt: skip
    """Return the feed; `base` is the address of its page when that is not the gallery."""
    cursor = cursor_from(query)
    kept = carried_from(query)
    plain = not base and not search.active
    collapsed = plain and is_collapsed(kept, search)
    found = gallery_page(team, search, user, cursor, collapsed=collapsed)
    url = _addresses(base, GallerySearch(), kept) if base else _addresses(_gallery(team), search, kept)
    rows = search_generations(team, search, user)
    cards = build_cards(found.rows, user, role, query_of(search, **kept))
    cards = fitted(cards, found.rows, team, user, search=search, collapsed=collapsed)
    cards = mark_new(cards, found.rows, since, cursor.before, team=team, viewer=user)
    # A filter leaves few pictures to a day, and its label would say little.
    days = unlabelled(cards) if search.active else _days(found.rows, cards, rows, cursor)
    count, cost, exact = search_total_words(rows)
    return Feed(
        days=days,
        page_url=url(before=cursor.before, after=cursor.after),
        older_url=url(before=found.older) if found.older else "",
        newer_url=url(after=found.newer) if found.newer else "",
        count_text=count,
        cost_text=cost,
        cost_exact=exact,
        layout=kept.get("layout", LAYOUTS[0]),
        empty="" if found.rows else _empty(search, role),
        top_day=days[0].iso if days and cursor == Cursor() and not search.active else "",
        batches_url=_batches_url(team, kept, collapsed=collapsed) if plain else "",
        collapsed=collapsed,
    )


def feed_of_new(query: Mapping[str, str], user: User, team: Team, rows: list[Generation], cards: list[Card]) -> Feed:
    """Return the feed of the gallery without filters as far as these new pictures; what is older loads by itself."""
    url = _addresses(_gallery(team), GallerySearch(), carried_from(query))
    every = search_generations(team, GallerySearch(), user)
    days = _days(rows, cards, every, Cursor())
    count, cost, exact = search_total_words(every)
    oldest: uuid.UUID = rows[-1].id
    older = url(before=oldest) if has_older(team, user, oldest) else ""
    kept = carried_from(query)
    collapsed = is_collapsed(kept, GallerySearch())
    return Feed(
        days, url(), older, count_text=count, cost_text=cost, cost_exact=exact, layout=kept.get("layout", LAYOUTS[0]),
        top_day=days[0].iso, batches_url=_batches_url(team, kept, collapsed=collapsed), collapsed=collapsed,
    )  # fmt: skip


def plain_timeline(team: Team, user: User, query: Mapping[str, str]) -> list[TimelineMonth]:
    """Return the timeline of the gallery without filters."""
    address = _addresses(_gallery(team), GallerySearch(), carried_from(query))
    return timeline(search_generations(team, GallerySearch(), user), address)


def _gallery(team: Team) -> str:
    return reverse("gallery", args=[team.slug])


def _batches_url(team: Team, kept: Mapping[str, str], *, collapsed: bool) -> str:
    """Return the first page of the gallery with batches shown the other way."""
    return _gallery(team) + query_of(GallerySearch(), **{**kept, "batches": "" if collapsed else COLLAPSED})


def _addresses(base: str, search: GallerySearch, kept: dict[str, str]) -> Callable[..., str]:
    return lambda **cursor: base + query_of(search, **kept, **cursor)


def _days(rows: list[Generation], cards: list[Card], all_rows: "QuerySet[Generation]", cursor: Cursor) -> list[Day]:
    """Group cards by day; after the first page, the first day may have begun on the page before."""
    pairs = list(zip(rows, cards, strict=True))
    days = {day: [card for _, card in group] for day, group in groupby(pairs, lambda pair: day_of(pair[0].id))}
    sums = day_sums(all_rows, list(days))
    begun = day_of(cursor.before) if cursor.before else None
    return [
        Day(*day_label(day), day.isoformat(), day_words(sums, day), cards, continues=day == begun)
        for day, cards in days.items()
    ]


def unlabelled(cards: list[Card]) -> list[Day]:
    """Return cards without labels of days."""
    return [Day("", "", "", "", cards, continues=True)] if cards else []


def _empty(search: GallerySearch, role: str | None) -> str:
    if search.active:
        return "filtered"
    return "first" if allows(role, Verb.CREATE) else "viewer"
