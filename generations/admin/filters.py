"""Filters with a field to type into: a list of all teams or people to choose from would have no end."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations.ledger import midnight
from generations.models import Team, User, uuid7_min


class Typed(admin.ListFilter):
    """`parameters` are the words in the address, with what stands above each field."""

    template = "admin/typed_filter.html"
    kind = "text"
    parameters: dict[str, str] = {}

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.complaint = ""
        for name in self.parameters:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip()

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """One, that holds the whole form."""
        mine = set(self.parameters)
        kept = [(name, value) for name, value in changelist.params.items() if name not in mine]
        yield {
            "kept": kept,
            "fields": [(name, label, self.typed(name)) for name, label in self.parameters.items()],
            "kind": self.kind,
            "complaint": self.complaint,
            "without": changelist.get_query_string(remove=list(mine)) if any(map(self.typed, mine)) else "",
        }

    def typed(self, name: str) -> str:
        return str(self.used_parameters.get(name, ""))


class OfTeam(Typed):
    title = "team"
    parameters = {"team": "Its name in addresses"}

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        slug = self.typed("team")
        if not slug:
            return queryset
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            self.complaint = f"No team has “{slug}” in its address: of /t/harbour/ type harbour."
            return queryset.none()
        return queryset.filter(team=team)


class OfPerson(Typed):
    """By the address or the number, which stays in the books when the person is deleted."""

    column = ""
    title = "person"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        typed = next((self.typed(name) for name in self.parameters if self.typed(name)), "")
        if not typed:
            return queryset
        if typed.isdecimal() and len(typed) < 19:
            return queryset.filter(**{f"{self.column}_id": int(typed)})
        who = User.objects.filter(email=typed.lower()).first()
        if who is None:
            self.complaint = f"Nobody has the address {typed}. Who was deleted is found by number."
            return queryset.none()
        return queryset.filter(**{self.column: who})


def of_person(column: str) -> type[OfPerson]:
    """The filter by the person in this column."""
    words = {"column": column, "title": column.replace("_", " "), "parameters": {column: "E-mail, or number"}}
    return type(f"By{column.title()}", (OfPerson,), words)


class Days(Typed):
    """By the id, which begins with the time; days are those of the site's time zone."""

    title = "days"
    kind = "date"
    parameters = {"from": "From", "to": "To, inclusive"}

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        first, last = self.day("from"), self.day("to")
        if first:
            queryset = queryset.filter(id__gte=uuid7_min(midnight(first)))
        if last:
            queryset = queryset.filter(id__lt=uuid7_min(midnight(last + timedelta(days=1))))
        return queryset.none() if self.complaint else queryset

    def day(self, name: str) -> date | None:
        typed = self.typed(name)
        try:
            found = date.fromisoformat(typed) if typed else None
        except ValueError:
            found = None
        if typed and not (found and date(1971, 1, 1) < found < date(9000, 1, 1)):
            self.complaint = f"“{typed}” is no day; write it like 2026-11-28."
            return None
        return found
