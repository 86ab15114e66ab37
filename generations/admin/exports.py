"""The filtered list as CSV, for those windows that offer it."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from generations.access import current_user
from generations.admin.windows import ReadOnly
from generations.models import AuditAction
from generations.services.generations.archives import csv_cell
from generations.services.site import audit

# While it is sent, one of the few threads that serve pages is busy with it.
MAX_LINES = 100_000
AT_ONCE = 1_000


class Exported(ReadOnly):
    """`columns` are the heads of the file and where each value comes from."""

    columns: dict[str, Callable[[Any], object]] = {}

    @property
    def export(self) -> str:
        """The name of its route; that of the list's buttons too."""
        return f"{self.opts.model_name}_csv"

    @property
    def export_address(self) -> str:
        return reverse(f"admin:{self.export}")

    def get_urls(self) -> list[URLPattern]:
        return [path("csv/", self.guarded(self.csv), name=self.export), *super().get_urls()]

    def csv(self, request: HttpRequest) -> HttpResponseBase:
        """A form, since it is noted who took what along; its address has the filters of the list."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(back)
        lines = rows.order_by()[: MAX_LINES + 1].count()
        if lines > MAX_LINES:
            messages.error(
                request,
                f"A file holds {MAX_LINES:,} lines, and these are more. Narrow the list, to a month say, "
                "and take it in several parts.",
            )
            return HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")
        what = str(self.opts.verbose_name)
        audit.record_event(AuditAction.EXPORTED_IN_ADMIN, actor=current_user(request), detail=f"{what}: {lines} lines")
        name = f"{what.replace(' ', '-')} {timezone.localdate().isoformat()}.csv"
        return StreamingHttpResponse(
            self._lines(rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _lines(self, rows: "QuerySet[Any]") -> Iterator[bytes]:
        yield _line(self.columns)
        for row in _all(rows):
            yield _line(value(row) for value in self.columns.values())


def _all(rows: "QuerySet[Any]") -> Iterator[Any]:
    """In parts, so that no statement stays open while a slow line takes them."""
    part = list(rows[:AT_ONCE])
    while part:
        yield from part
        part = list(rows.filter(id__lt=part[-1].pk)[:AT_ONCE])


def _line(values: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([_plain(value) for value in values])
    return text.getvalue().encode()


def _plain(value: object) -> str:
    """A number of ours stays one, also below zero; a text is none, whatever somebody typed."""
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else csv_cell(value)
