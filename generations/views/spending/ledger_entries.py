"""The ledger entries behind a figure, with their pictures; they add up to it."""

import uuid
from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generations.models import EntryType, Generation, Image, LedgerEntry, State, name_in, parse_uuid, uuid7_time
from generations.queries.site.keyset import Cursor
from generations.queries.spending.review.entries import entries, entries_page, sum_and_charges
from generations.queries.spending.review.names import names_of
from generations.services.spending.exports import readable
from generations.views.site.formatting import clock, day_name, dollars, exact_dollars, shortened, total_dollars
from generations.views.site.rendering import render_page
from generations.views.spending.review_context import TABS, PeriodBar, ReviewContext, periods, review_of, short_day
from generations.views.spending.summary_figures import calls

PAGE_SIZE = 50
KINDS = {EntryType.CHARGE: gettext_lazy("charged"), EntryType.ADJUST: gettext_lazy("corrected")}
BECAME = {
    State.FAILED: gettext_lazy("failed"),
    State.UNKNOWN: gettext_lazy("outcome unknown"),
    State.CANCELLED: gettext_lazy("cancelled"),
}
THUMBNAIL = 320
# Breakdowns that the gallery has as filters.
IN_THE_GALLERY = {"person", "size", "speed", "collection", "tag", "prompt_group"}


@dataclass(frozen=True)
class EntryPicture:
    """The picture of an entry; without addresses when the user cannot see it, or it has no file."""

    words: str
    author: str
    url: str = ""
    src: str = ""


@dataclass(frozen=True)
class EntryLine:
    day: str
    iso: str
    time: str
    kind: str
    became: str
    amount: str
    attempt_url: str
    note: str
    picture: EntryPicture


@dataclass(frozen=True)
class LedgerEntriesPage:
    review: ReviewContext
    periods: PeriodBar
    what: str
    spent: str
    exact: str
    charges: str
    entries: list[EntryLine]
    back_url: str
    file_url: str
    gallery_url: str
    older_url: str
    newer_url: str


@require_safe
def ledger_entries(request: HttpRequest, team: str) -> HttpResponse:
    review = review_of(request, team)
    asked = review.asked
    by, key = (asked.by, asked.key) if asked.key is not None else ("", "")
    rows = entries(review.scope, asked.period, by, key or "")
    spent, charges = sum_and_charges(rows)
    cursor = Cursor(before=parse_uuid(request.GET.get("before", "")), after=parse_uuid(request.GET.get("after", "")))
    shown = entries_page(rows, cursor, PAGE_SIZE)
    read = readable(review.user, shown.rows)
    told = {"by": by, "key": key} if by else {}
    page = LedgerEntriesPage(
        review=review,
        periods=periods(review, "credits_entries", **told),
        what=_what(review, by, key or ""),
        spent=total_dollars(spent),
        exact=exact_dollars(spent),
        charges=calls(charges),
        entries=[_line(review, entry, read) for entry in shown.rows],
        back_url=review.url("credits", by=by or None),
        file_url=review.url("credits_csv", **told),
        gallery_url=_gallery(review, by, key or ""),
        older_url=review.url("credits_entries", **told, before=str(shown.older)) if shown.older else "",
        newer_url=review.url("credits_entries", **told, after=str(shown.newer)) if shown.newer else "",
    )
    return render_page(request, "spending/ledger_entries.html", page)


def _what(review: ReviewContext, by: str, key: str) -> str:
    if not by:
        return _("All spending") if review.can_see_all else _("All your spending")
    if by == "day" and not _is_day(key):
        return _("No such day")
    name = short_day(date.fromisoformat(key)) if by == "day" else names_of(review.team, by, [key])[key]
    return _("%(dimension)s: %(name)s") % {"dimension": TABS[by], "name": name}


def _is_day(key: str) -> bool:
    try:
        return bool(date.fromisoformat(key))
    except ValueError:
        return False


def _gallery(review: ReviewContext, by: str, key: str) -> str:
    """Return the address of the same pictures in the gallery, where it has such a filter."""
    if by not in IN_THE_GALLERY or not key:
        return ""
    return reverse("gallery", args=[review.team.slug]) + review.asked.days_query(**{by: key})


def _line(review: ReviewContext, entry: LedgerEntry, read: Set[uuid.UUID]) -> EntryLine:
    moment = uuid7_time(entry.id)
    row = entry.generation
    day = timezone.localdate(moment)
    return EntryLine(
        day=day_name(day),
        iso=day.isoformat(),
        time=clock(moment),
        kind=str(KINDS.get(EntryType(entry.kind), entry.kind)),
        became=str(BECAME.get(State(row.state), "")) if row else "",
        amount=dollars(-entry.amount, estimated=entry.estimated),
        attempt_url=reverse("attempt", args=[review.team.slug, row.id, entry.attempt.number])
        if entry.attempt and row is not None and row.id in read
        else "",
        note=entry.note if row is None or row.id in read else "",
        picture=_picture(row, read),
    )


def _picture(row: Generation | None, read: Set[uuid.UUID]) -> EntryPicture:
    if row is None:
        return EntryPicture(_("Provider check"), "")
    author = name_in(row, "author")
    if row.id not in read:
        words = (
            _("Permanently deleted, with its prompt and file")
            if row.purged_at
            else _("You can see the prompt when the picture is done")
        )
        return EntryPicture(words, author)
    image = getattr(row, "image", None)
    there = isinstance(image, Image) and not row.files_gone
    src = reverse("thumbnail", args=[row.id, THUMBNAIL]) if there else ""
    return EntryPicture(shortened(row.prompt, 160), author, reverse("detail", args=[row.id]), src)
