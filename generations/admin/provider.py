from typing import Any

from django.contrib import admin

from generations.admin.filters import Days
from generations.admin.windows import ReadOnly
from generations.admin.words import link, money, page_of_site, short
from generations.models import BalanceReading, ProviderPause


@admin.register(ProviderPause)
class ProviderPauseWindow(ReadOnly):
    list_display = ["started_at", "cause", "why", "started_by", "ended_at", "ended_by", "end_reason", "on_site"]
    list_filter = ["cause", Days]
    list_select_related = ["started_by", "ended_by"]
    fields = ["cause", "reason", "started_at", "started_by", "ended_at", "ended_by", "end_reason", "probe_at", "probes",
              "needed", "balance", "on_site"]  # fmt: skip
    search_help_text = "The whole id."

    @admin.display(description="reason")
    def why(self, row: ProviderPause) -> str:
        return short(row.reason)

    @admin.display(description="on the site")
    def on_site(self, row: ProviderPause) -> Any:
        return link(page_of_site("provider"), "provider")


@admin.register(BalanceReading)
class BalanceReadingWindow(ReadOnly):
    list_display = ["read_at", "bought", "free", "both"]
    list_filter = [Days]
    fields = ["read_at", "credits", "free_credits"]
    search_help_text = "The whole id."

    @admin.display(description="credits")
    def bought(self, row: BalanceReading) -> str:
        return money(row.credits)

    @admin.display(description="free credits")
    def free(self, row: BalanceReading) -> str:
        return money(row.free_credits)

    @admin.display(description="together")
    def both(self, row: BalanceReading) -> str:
        return money(row.total)
