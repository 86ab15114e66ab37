"""Pictures that the user viewed recently.

Because a GET changes nothing, the page of a picture records the view by a POST.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from generations.access import current_user, generation_or_404, team_or_404
from generations.models import Generation
from generations.permissions import role_of
from generations.queries.gallery.view_history import MAX_KEPT, recently_viewed
from generations.services.gallery import view_history as service
from generations.views.cards.cards import Card, build_cards
from generations.views.gallery.gallery import Day, Feed
from generations.views.gallery.saved_searches import SavedSearchTabs, tabs
from generations.views.site.formatting import day_label, number
from generations.views.site.pickers import PickerOptions, bulk_action_permissions
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, require_post


@dataclass(frozen=True)
class HistoryPage:
    feed: Feed
    finding: SavedSearchTabs
    shelf: PickerOptions
    may: dict[str, bool]
    most: int


@require_safe
def view_history(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    role = role_of(user, found)
    rows = recently_viewed(found, user)
    cards = build_cards([row for _, row in rows], user, role)
    page = HistoryPage(
        feed=Feed(_days(rows, cards), request.path),
        finding=tabs(found, user, role, current="recent"),
        shelf=PickerOptions.of(found, user),
        may=bulk_action_permissions(role),
        most=MAX_KEPT,
    )
    return render_page(request, "gallery/view_history.html", page)


@require_post
def record_view(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    service.record_view(actor=user, generation=generation_or_404(user, generation))
    return HttpResponse(status=204)


@require_post
def clear_view_history(request: HttpRequest, team: str) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    service.clear_view_history(actor=user, team=found)
    messages.success(request, _("History cleared. The pictures themselves are still in the gallery."))
    return redirect("view_history", found.slug)


def _days(rows: list[tuple[datetime, Generation]], cards: list[Card]) -> list[Day]:
    """Group cards by the day on which they were viewed."""
    pairs = zip((timezone.localdate(at) for at, _ in rows), cards, strict=True)
    days = {day: [card for _, card in group] for day, group in groupby(pairs, lambda pair: pair[0])}
    return [
        Day(*day_label(day), day.isoformat(), _viewed(len(some)), some, continues=False) for day, some in days.items()
    ]


def _viewed(count: int) -> str:
    return ngettext("%(count)s picture viewed", "%(count)s pictures viewed", count) % {"count": number(count)}
