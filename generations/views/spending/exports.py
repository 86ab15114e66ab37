"""Spending as files for spreadsheets and FinOps tools."""

from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from generations.queries.spending.review import entries, spent_by
from generations.queries.spending.review.names import is_chosen_name, names_of
from generations.services.site import audit
from generations.services.site.file_names import words_in_name
from generations.services.spending.exports import breakdown_file, entries_file, focus_file
from generations.views.site.disposition import disposition
from generations.views.spending.review_context import ReviewContext, review_of

MAX_WORDS_BYTES = 60


@require_safe
def every_entry(request: HttpRequest, team: str) -> StreamingHttpResponse:
    """Return the entries behind a figure, as the page of entries lists them; without `key` the whole period."""
    review = review_of(request, team)
    asked = review.asked
    by, key = (asked.by, asked.key) if asked.key is not None else ("", "")
    rows = entries(review.scope, asked.period, by, key)
    of = f" {_line_name(review, by, key)}" if by else ""
    return _file(review, "entries", entries_file(actor=review.user, rows=rows), f"entries{of}")


@require_safe
def breakdown(request: HttpRequest, team: str) -> StreamingHttpResponse:
    review = review_of(request, team)
    by = review.asked.by
    lines = spent_by(review.scope, review.asked.period, by)
    names = names_of(review.team, by, [one.key for one in lines])
    said = ((names[one.key], one.spent, one.charges) for one in lines)
    return _file(review, f"by {by}", breakdown_file(by, said), f"by {_dimension(by)}")


@require_safe
def focus(request: HttpRequest, team: str) -> StreamingHttpResponse:
    review = review_of(request, team)
    return _file(review, "focus", focus_file(rows=entries(review.scope, review.asked.period)), "focus")


def _file(review: ReviewContext, what: str, lines: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """Stream the file; `what` is logged and contains no text of users, `name` becomes part of the file name."""
    period = review.asked.period
    audit.log_event("spending file", actor=review.user.pk, team=review.team.pk, file=what)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    whose = "credits" if review.can_see_all else "own credits"
    name = f"{review.team.slug} {whose} {name} {period.first} to {period.last}.csv"
    response["Content-Disposition"] = disposition(name)
    response["Cache-Control"] = "private, no-store"
    return response


def _line_name(review: ReviewContext, by: str, key: str) -> str:
    """Return a name such as `person-alice` or `tag-none`: in small letters of any script, with hyphens."""
    return f"{_dimension(by)}-{_slug(_words(review, by, key)) or _slug(key) or 'none'}"


def _dimension(by: str) -> str:
    """Return the dimension as names of files have it, the same in every language."""
    return by.removesuffix("_group").replace("_", "-")


def _words(review: ReviewContext, by: str, key: str) -> str:
    """Return the name of the row.

    Users without a name are shown by a part of their email address; a file, which is passed on, has their id instead.
    """
    if by == "day" or not key:
        return key
    name = names_of(review.team, by, [key])[key]
    return key if by == "person" and not is_chosen_name(name, key) else name


def _slug(words: str) -> str:
    return words_in_name(words, "", MAX_WORDS_BYTES).lower().replace(" ", "-")
