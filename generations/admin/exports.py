"""The filtered list as CSV."""

from collections.abc import Callable, Iterator
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
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generations.access import current_user
from generations.admin.base import ReadOnlyAdmin
from generations.models import AuditAction
from generations.services.site import audit
from generations.services.site.csv_lines import csv_cell, csv_head, csv_line

# Sending it keeps one of the few threads that serve pages busy.
MAX_ROWS = 100_000
BATCH_SIZE = 1_000


class CsvExportAdmin(ReadOnlyAdmin):
    """Offers the list as a file; `columns` maps the head of each column to its value."""

    columns: dict[str, Callable[[Any], object]] = {}

    @property
    def csv_route(self) -> str:
        return f"{self.opts.model_name}_csv"

    @property
    def csv_url(self) -> str:
        return reverse(f"admin:{self.csv_route}")

    def get_urls(self) -> list[URLPattern]:
        return [path("csv/", self.wrap_view(self.csv_view), name=self.csv_route), *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send the list as a file and record who exported it; the query string holds the filters of the list."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(back)
        count = rows.order_by()[: MAX_ROWS + 1].count()
        if count > MAX_ROWS:
            sentence = _("This list has more than %(count)s rows, the maximum for one file. Filter it by month.")
            messages.error(request, sentence % {"count": number_format(MAX_ROWS, force_grouping=True)})
            return HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")
        what = str(self.opts.verbose_name_raw)
        audit.record_event(AuditAction.EXPORTED_IN_ADMIN, actor=current_user(request), detail=f"{what}: {count} lines")
        name = f"{what.replace(' ', '-')} {timezone.localdate().isoformat()}.csv"
        return StreamingHttpResponse(
            self._lines(rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _lines(self, rows: "QuerySet[Any]") -> Iterator[bytes]:
        yield csv_head(self.columns, quote_all=True)
        for row in _in_batches(rows):
            yield csv_line([_cell(value(row)) for value in self.columns.values()], quote_all=True)


def _in_batches(rows: "QuerySet[Any]") -> Iterator[Any]:
    """Yield the rows in batches, so that no query stays open while a slow client reads."""
    batch = list(rows[:BATCH_SIZE])
    while batch:
        yield from batch
        batch = list(rows.filter(id__lt=batch[-1].pk)[:BATCH_SIZE])


def _cell(value: object) -> str:
    """Return a number as it is, also below zero, and a text such that no spreadsheet takes it for a formula."""
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else csv_cell(value)
