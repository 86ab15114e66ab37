from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations.admin.exports import Exported
from generations.admin.filters import Days, OfTeam, of_person
from generations.admin.totals import SummedList, WholeList
from generations.admin.windows import ReadOnly
from generations.admin.words import NOTHING, ending, link, moment, money, page_of_site, short, window_on
from generations.models import BatchRequest, Budget, LedgerEntry, SignOff, Team


@admin.register(LedgerEntry)
class LedgerEntryWindow(Exported):
    list_display = ["at", "team", "kind", "signed", "by", "picture", "said"]
    list_filter = ["kind", OfTeam, of_person("actor"), Days, "estimated", WholeList]
    # Joined, an actor who was deleted is empty; asked for one by one he would be an error.
    list_select_related = ["team", "actor"]
    by_id = ("id", "generation", "attempt")
    by_word = ("cause",)
    search_help_text = "The whole id of an entry, of a picture or of an attempt, or a whole cause."
    fields = ["created_at", "team", "kind", "amount", "estimated", "by", "picture", "attempt", "cause", "note"]
    columns = {
        "id": lambda row: row.pk,
        "at": lambda row: row.created_at.isoformat(),
        "team": lambda row: row.team.slug,
        "kind": lambda row: row.kind,
        "amount_usd": lambda row: row.amount,
        "estimated": lambda row: row.estimated,
        "actor": lambda row: row.actor_id,
        "generation": lambda row: row.generation_id,
        "attempt": lambda row: row.attempt_id,
        "cause": lambda row: row.cause,
        "note": lambda row: row.note,
    }

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[SummedList]:
        return SummedList

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LedgerEntry]":
        """A list and its file are of real money; the demo's is there for who names its team, and one by one."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        of_all = match is not None and match.url_name in {"generations_ledgerentry_changelist", self.export}
        return rows.exclude(team__in=Team.objects.closed()) if of_all and not request.GET.get("team") else rows

    @admin.display(description="booked")
    def at(self, row: LedgerEntry) -> str:
        return moment(row.created_at)

    @admin.display(description="US dollars")
    def signed(self, row: LedgerEntry) -> str:
        return money(row.amount, estimated=row.estimated)

    @admin.display(description="actor")
    def by(self, row: LedgerEntry) -> Any:
        return _person(row, "actor")

    @admin.display(description="picture")
    def picture(self, row: LedgerEntry) -> Any:
        return window_on("generation", row.generation_id, ending(row.generation_id))

    @admin.display(description="note")
    def said(self, row: LedgerEntry) -> str:
        return short(row.note)


class BySite(admin.SimpleListFilter):
    title = "who set it"
    parameter_name = "by_site"
    parameters = {"by_site": ""}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "The site"), ("0", "The team")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(by_site=self.value() == "1") if self.value() in {"0", "1"} else queryset


@admin.register(Budget)
class BudgetWindow(ReadOnly):
    list_display = ["id", "team", "of", "span", "tells", "stops", "by_site"]
    list_display_links = ["id", "team"]
    list_filter = [OfTeam, of_person("person"), "span", BySite]
    list_select_related = ["team", "person", "collection"]
    by_id = ("collection",)
    by_person = ("person",)
    search_help_text = (
        "The address of a person, or the whole id of a collection. The site’s limits are set on the team, or under "
        "limits over all teams."
    )
    fields = ["team", "of", "span", "soft", "hard", "by_site"]

    @admin.display(description="of")
    def of(self, row: Budget) -> str:
        return str(row.person or row.collection or ("the whole team" if row.team else "the whole site"))

    @admin.display(description="warns above")
    def tells(self, row: Budget) -> str:
        return money(row.soft)

    @admin.display(description="stops at")
    def stops(self, row: Budget) -> str:
        return money(row.hard)


@admin.register(BatchRequest)
class BatchRequestWindow(ReadOnly):
    list_display = ["asked_at", "team", "asker", "state", "pictures", "about", "decided_by", "decided_at"]
    list_filter = ["state", OfTeam, of_person("asker"), Days]
    list_select_related = ["team", "asker", "decided_by"]
    by_person = ("asker", "decided_by")
    search_help_text = "The whole id of a request, or the address of a person."
    fields = ["asked_at", "team", "asker", "state", "model", "pictures", "cells", "estimate", "collection",
              "visibility", "decided_at", "decided_by", "note", "batch"]  # fmt: skip

    @admin.display(description="pictures")
    def pictures(self, row: BatchRequest) -> int:
        return len(row.cells)

    @admin.display(description="US dollars")
    def about(self, row: BatchRequest) -> str:
        return money(row.estimate, estimated=True)


@admin.register(SignOff)
class SignOffWindow(ReadOnly):
    list_display = ["month", "team", "amount", "entries", "by", "signed_at", "said", "on_site"]
    list_filter = [OfTeam]
    list_select_related = ["team", "signed_by"]
    fields = ["month", "team", "on_site", "by", "signed_at", "note", "spent", "entries", "until", "statement"]
    search_help_text = "The whole id."

    @admin.display(description="US dollars")
    def amount(self, row: SignOff) -> str:
        return money(row.spent)

    @admin.display(description="signed by")
    def by(self, row: SignOff) -> Any:
        return _person(row, "signed_by")

    @admin.display(description="note")
    def said(self, row: SignOff) -> str:
        return short(row.note)

    @admin.display(description="on the site")
    def on_site(self, row: SignOff) -> Any:
        page = page_of_site("credits", row.team.slug)
        return link(page, "credits") if page else NOTHING


def _person(row: Any, column: str) -> Any:
    """Where nothing in the database keeps the person, a number may be all that is left of her."""
    who = type(row).objects.select_related(column).get(pk=row.pk) if column not in row._state.fields_cache else row
    found = getattr(who, column)
    if found is None:
        number = getattr(row, f"{column}_id")
        return NOTHING if number is None else f"number {number}, deleted"
    return window_on("user", found.pk, found.display_name)
