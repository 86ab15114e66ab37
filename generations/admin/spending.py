from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from generations.admin.base import ReadOnlyAdmin
from generations.admin.exports import CsvExportAdmin
from generations.admin.filters import DateRangeFilter, TeamFilter, user_filter
from generations.admin.formatting import admin_link, format_money, short_id, truncate, user_link
from generations.admin.ledger_totals import LedgerChangeList, SumAllParameter
from generations.admin.site_pages import team_page
from generations.models import ApprovalRequest, Budget, LedgerEntry, SignOff, Team, User
from generations.permissions import Verb


@admin.register(LedgerEntry)
class LedgerEntryAdmin(CsvExportAdmin):
    list_display = ["created_at", "team", "kind", "signed", "by", "picture", "note_start"]
    list_filter = ["kind", TeamFilter, user_filter("actor"), DateRangeFilter, "estimated", SumAllParameter]
    # With a join, a deleted actor is empty; loaded one by one, it would be an error.
    list_select_related = ["team", "actor"]
    id_lookups = ("id", "generation", "attempt")
    text_lookups = ("idempotency_key",)
    search_help_text = _("Search by exact entry, picture or attempt ID, or idempotency key.")
    fields = [
        "created_at",
        "team",
        "kind",
        "amount",
        "estimated",
        "by",
        "picture",
        "attempt",
        "idempotency_key",
        "note",
    ]
    columns = {
        "id": lambda row: row.pk,
        "at": lambda row: row.created_at,
        "team": lambda row: row.team.slug,
        "kind": lambda row: row.kind,
        "amount_usd": lambda row: row.amount,
        "estimated": lambda row: row.estimated,
        "actor": lambda row: row.actor_id,
        "generation": lambda row: row.generation_id,
        "attempt": lambda row: row.attempt_id,
        "idempotency_key": lambda row: row.idempotency_key,
        "note": lambda row: row.note,
    }

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LedgerChangeList]:
        return LedgerChangeList

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LedgerEntry]":
        """Leave the demo's entries out of the list and its file, unless its team is asked for."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and match.url_name in {"generations_ledgerentry_changelist", self.csv_route}
        return rows.exclude(team__in=Team.objects.closed()) if is_list and not request.GET.get("team") else rows

    def page_on_site(self, user: User, row: LedgerEntry) -> str | None:
        return team_page(user, row.team, "credits_entries")

    @admin.display(description=_("US dollars"))
    def signed(self, row: LedgerEntry) -> str:
        return format_money(row.amount, estimated=row.estimated)

    @admin.display(description=_("actor"))
    def by(self, row: LedgerEntry) -> Any:
        return user_link(row, "actor")

    @admin.display(description=_("picture"))
    def picture(self, row: LedgerEntry) -> Any:
        return admin_link("generation", row.generation_id, short_id(row.generation_id))

    @admin.display(description=_("note"))
    def note_start(self, row: LedgerEntry) -> str:
        return truncate(row.note)


class SetBySiteFilter(admin.SimpleListFilter):
    title = _("set by")
    parameter_name = "by_site"
    parameters = {"by_site": ""}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Site")), ("0", _("Team"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(by_site=self.value() == "1") if self.value() in {"0", "1"} else queryset


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    list_display = ["id", "team", "of", "span", "soft_limit", "hard_limit", "by_site"]
    list_display_links = ["id", "team"]
    list_filter = [TeamFilter, user_filter("person"), "span", SetBySiteFilter]
    list_select_related = ["team", "person", "collection"]
    id_lookups = ("collection",)
    user_lookups = ("person",)
    search_help_text = _(
        "Search by user email address or exact collection ID. Limits set by the site are on the team's page, or "
        "under limits across all teams."
    )
    fields = ["team", "of", "span", "soft_limit", "hard_limit", "by_site"]

    def page_on_site(self, user: User, row: Budget) -> str | None:
        return team_page(user, row.team, "limits", verb=Verb.REVIEW) if row.team else reverse("all_credits")

    @admin.display(description=_("applies to"))
    def of(self, row: Budget) -> str:
        return str(row.person or row.collection or (_("Whole team") if row.team else _("Whole site")))

    @admin.display(description=_("warning at"))
    def soft_limit(self, row: Budget) -> str:
        return format_money(row.soft)

    @admin.display(description=_("limit"))
    def hard_limit(self, row: Budget) -> str:
        return format_money(row.hard)


@admin.register(ApprovalRequest)
class BatchRequestAdmin(ReadOnlyAdmin):
    list_display = ["requested_at", "team", "requested_by", "state", "pictures", "about", "decided_by", "decided_at"]
    list_filter = ["state", TeamFilter, user_filter("requested_by"), DateRangeFilter]
    list_select_related = ["team", "requested_by", "decided_by"]
    user_lookups = ("requested_by", "decided_by")
    search_help_text = _("Search by exact request ID, or user email address.")
    fields = ["requested_at", "team", "requested_by", "state", "model", "pictures", "cells", "estimate", "collection",
              "visibility", "decided_at", "decided_by", "note", "batch"]  # fmt: skip

    def page_on_site(self, user: User, row: ApprovalRequest) -> str | None:
        return team_page(user, row.team, "approvals", verb=Verb.CREATE)

    @admin.display(description=_("pictures"))
    def pictures(self, row: ApprovalRequest) -> int:
        return len(row.cells)

    @admin.display(description=_("US dollars"))
    def about(self, row: ApprovalRequest) -> str:
        return format_money(row.estimate, estimated=True)


@admin.register(SignOff)
class SignOffAdmin(ReadOnlyAdmin):
    list_display = ["name", "team", "amount", "entries", "by", "signed_at", "note_start"]
    list_filter = [TeamFilter]
    list_select_related = ["team", "signed_by"]
    fields = ["name", "team", "by", "signed_at", "note", "spent", "entries", "until", "statement"]
    search_help_text = _("Search by exact ID.")

    def page_on_site(self, user: User, row: SignOff) -> str | None:
        return team_page(user, row.team, "sign_off", f"{row.month:%Y-%m}", verb=Verb.REVIEW)

    @admin.display(description=_("month"))
    def name(self, row: SignOff) -> str:
        return date_format(row.month, "YEAR_MONTH_FORMAT")

    @admin.display(description=_("US dollars"))
    def amount(self, row: SignOff) -> str:
        return format_money(row.spent)

    @admin.display(description=_("signed by"))
    def by(self, row: SignOff) -> Any:
        return user_link(row, "signed_by")

    @admin.display(description=_("note"))
    def note_start(self, row: SignOff) -> str:
        return truncate(row.note)
