"""The review as files that a spreadsheet or a FinOps tool opens."""

from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from generations.queries.review import entries, spent_by
from generations.queries.review.names import names_of
from generations.services import audit
from generations.services.spending_files import breakdown_file, entries_file, focus_file
from generations.views.credits_parts import Review, review_of


@require_safe
def every_entry(request: HttpRequest, team: str) -> StreamingHttpResponse:
    """What stands behind a figure, as the page of entries lists it; without `key` all of the period."""
    review = review_of(request, team)
    asked = review.asked
    rows = entries(review.scope, asked.period, asked.by if asked.key is not None else "", asked.key or "")
    return _file(review, "entries", entries_file(actor=review.user, rows=rows))


@require_safe
def breakdown(request: HttpRequest, team: str) -> StreamingHttpResponse:
    review = review_of(request, team)
    by = review.asked.by
    lines = spent_by(review.scope, review.asked.period, by)
    names = names_of(review.team, by, [one.key for one in lines])
    said = ((names[one.key], one.spent, one.charges) for one in lines)
    return _file(review, f"by {by}", breakdown_file(by, said))


@require_safe
def focus(request: HttpRequest, team: str) -> StreamingHttpResponse:
    review = review_of(request, team)
    return _file(review, "focus", focus_file(rows=entries(review.scope, review.asked.period)))


def _file(review: Review, what: str, lines: Iterator[bytes]) -> StreamingHttpResponse:
    period = review.asked.period
    audit.tell("spending file", actor=review.user.pk, team=review.team.pk, file=what)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{review.team.slug} credits {what} {period.first} to {period.last}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
