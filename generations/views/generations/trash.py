"""Deleted pictures, which are kept for 30 days."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from generations.models import TRASH_DAYS, Generation, State, parse_uuid
from generations.permissions import role_of
from generations.queries.gallery.gallery import trash_page
from generations.queries.site.keyset import Cursor
from generations.views.cards.cards import Card, build_cards
from generations.views.site.formatting import number
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team


@dataclass(frozen=True)
class TrashedCard:
    card: Card
    deleted: str


@dataclass(frozen=True)
class TrashPage:
    cards: list[TrashedCard]
    older_url: str
    days: int = TRASH_DAYS


@require_safe
def trash(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    cursor = Cursor(before=parse_uuid(request.GET.get("before", "")))
    page = trash_page(found, user, cursor)
    if cursor.before and not page.rows:
        return redirect(request.path)
    cards = build_cards(page.rows, user, role_of(user, found))
    listed = [TrashedCard(card, _deleted(row)) for card, row in zip(cards, page.rows, strict=True)]
    older_url = f"{request.path}?before={page.older}" if page.older else ""
    return render_page(request, "generations/trash.html", TrashPage(listed, older_url))


def _deleted(row: Generation) -> str:
    ago = (timezone.now() - (row.deleted_at or timezone.now())).days
    left = max(0, TRASH_DAYS - ago)
    doubt = _("Outcome unknown") if row.state == State.UNKNOWN else ""
    rest = ngettext("%(count)s day left", "%(count)s days left", left) % {"count": number(left)}
    return " · ".join(filter(None, [doubt, _when(ago), rest]))


def _when(ago: int) -> str:
    if ago == 0:
        return _("Deleted today")
    if ago == 1:
        return _("Deleted yesterday")
    return ngettext("Deleted %(count)s day ago", "Deleted %(count)s days ago", ago) % {"count": number(ago)}
