"""Filters with a text field, because a list of all teams or users to choose from could be endless."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from generations.ledger import midnight
from generations.models import Team, User, uuid7_min


class TextInputFilter(admin.ListFilter):
    """`parameters` are the names in the query string, with the label of each field."""

    template = "admin/text_input_filter.html"
    kind = "text"
    parameters: dict[str, Any] = {}

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.error = ""
        for name in self.parameters:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip()

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def choices(self, changelist: Any) -> Iterator[dict[str, object]]:
        """Yield a single choice, which holds the whole form."""
        own = set(self.parameters)
        kept = [(name, value) for name, value in changelist.params.items() if name not in own]
        yield {
            "kept": kept,
            "fields": [(name, label, self.value(name)) for name, label in self.parameters.items()],
            "kind": self.kind,
            "error": self.error,
            "without": changelist.get_query_string(remove=list(own)) if any(map(self.value, own)) else "",
        }

    def value(self, name: str) -> str:
        return str(self.used_parameters.get(name, ""))


class TeamFilter(TextInputFilter):
    title = _("team")
    parameters = {"team": _("Team slug")}

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        slug = self.value("team")
        if not slug:
            return queryset
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            self.error = _("No team with the slug “%(slug)s”. It is the part after /t/ in the team's URLs.") % {
                "slug": slug
            }
            return queryset.none()
        return queryset.filter(team=team)


class UserFilter(TextInputFilter):
    """Finds by email address, or by number, which stays in the ledger when the user is deleted."""

    column = ""
    title = _("user")

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        typed = next((self.value(name) for name in self.parameters if self.value(name)), "")
        if not typed:
            return queryset
        if typed.isdecimal() and len(typed) < 19:
            return queryset.filter(_of_number(queryset.model, self.column, int(typed)))
        user = User.objects.filter(email=typed.lower()).first()
        if user is None:
            self.error = _("No user with the email address %(email)s. Look up deleted users by ID.") % {"email": typed}
            return queryset.none()
        return queryset.filter(**{self.column: user})


def _of_number(model: type[Model], column: str, number: int) -> Q:
    """Return the condition for the rows of a user, also a deleted one whose number a column of its own keeps."""
    kept = f"former_{column}"
    has_kept = any(field.name == kept for field in model._meta.get_fields())
    return Q(**{f"{column}_id": number}) | Q(**{kept: number}) if has_kept else Q(**{f"{column}_id": number})


# The users that lists are filtered by.
COLUMNS = {
    "actor": _("actor"), "author": _("author"), "creator": _("creator"), "person": _("user"),
    "requested_by": _("requested by"),
}  # fmt: skip


def user_filter(column: str) -> type[UserFilter]:
    """Return the filter by the user in this column."""
    attributes = {"column": column, "title": COLUMNS[column], "parameters": {column: _("Email address or user ID")}}
    return type(f"By{column.title()}", (UserFilter,), attributes)


class DateRangeFilter(TextInputFilter):
    """Filters by the id, which begins with the time; days are those of the site's time zone."""

    title = _("date")
    kind = "date"
    parameters = {"from": _("From"), "to": _("To (inclusive)")}

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        first, last = self.date("from"), self.date("to")
        if first:
            queryset = queryset.filter(id__gte=uuid7_min(midnight(first)))
        if last:
            queryset = queryset.filter(id__lt=uuid7_min(midnight(last + datetime.timedelta(days=1))))
        return queryset.none() if self.error else queryset

    def date(self, name: str) -> datetime.date | None:
        typed = self.value(name)
        try:
            found = datetime.date.fromisoformat(typed) if typed else None
        except ValueError:
            found = None
        if typed and not (found and datetime.date(1971, 1, 1) < found < datetime.date(9000, 1, 1)):
            self.error = _("“%(typed)s” isn't a date. Enter one like 2026-11-28.") % {"typed": typed}
            return None
        return found
