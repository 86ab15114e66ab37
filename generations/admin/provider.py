from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generations.admin.base import ReadOnlyAdmin
from generations.admin.filters import DateRangeFilter
from generations.admin.formatting import format_money, truncate
from generations.models import BalanceReading, ProviderPause, User


@admin.register(ProviderPause)
class ProviderPauseAdmin(ReadOnlyAdmin):
    list_display = [
        "started_at",
        "cause",
        "reason_start",
        "started_by",
        "ended_at",
        "ended_by",
        "end_reason",
    ]
    list_filter = ["cause", DateRangeFilter]
    list_select_related = ["started_by", "ended_by"]
    fields = ["cause", "reason", "started_at", "started_by", "ended_at", "ended_by", "end_reason", "probe_at", "probes",
              "needed", "balance"]  # fmt: skip
    search_help_text = _("Search by exact ID.")

    @admin.display(description=_("reason"))
    def reason_start(self, row: ProviderPause) -> str:
        return truncate(row.reason)

    def page_on_site(self, user: User, row: ProviderPause) -> str | None:
        return reverse("provider")


@admin.register(BalanceReading)
class BalanceReadingAdmin(ReadOnlyAdmin):
    list_display = ["read_at", "credits_cell", "free_credits_cell", "total_cell"]
    list_filter = [DateRangeFilter]
    fields = ["read_at", "credits", "free_credits"]
    search_help_text = _("Search by exact ID.")

    def page_on_site(self, user: User, row: BalanceReading) -> str | None:
        return reverse("provider")

    @admin.display(description=_("credits"))
    def credits_cell(self, row: BalanceReading) -> str:
        return format_money(row.credits)

    @admin.display(description=_("free credits"))
    def free_credits_cell(self, row: BalanceReading) -> str:
        return format_money(row.free_credits)

    @admin.display(description=_("total"))
    def total_cell(self, row: BalanceReading) -> str:
        return format_money(row.total)
