"""Filters with a text field, because a list of all teams or users to choose from could be endless."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations.folding import fold
from generations.ledger import midnight
from generations.models import Team, User, uuid7_min

MAX_MATCHES = 10


class TextInputFilter(admin.ListFilter):
    """`parameters` are the names in the query string, with the label of each field."""

    template = "admin/text_input_filter.html"
    kind = "text"
    parameters: dict[str, Any] = {}
    # The foreign key whose rows Django's autocomplete suggests for the text.
    suggested = ""

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.error = ""
        # What the text may mean, as name in the query string, value and label.
        self.matches: list[tuple[str, str, str]] = []
        self.suggestions_url = self._suggestions_url(model) if self.suggested else ""
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
            "suggestions_url": self.suggestions_url,
            "error": self.error,
            "matches": [(changelist.get_query_string({name: value}), label) for name, value, label in self.matches],
            "without": changelist.get_query_string(remove=list(own)) if any(map(self.value, own)) else "",
        }

    def _suggestions_url(self, model: Any) -> str:
        names = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
        return f"{reverse('admin:autocomplete')}?{urlencode(names | {'field_name': self.suggested})}"

    def value(self, name: str) -> str:
        return str(self.used_parameters.get(name, ""))


class TeamFilter(TextInputFilter):
    """Finds by slug, or by part of a name or slug; where several teams match, it links to each."""

    title = _("team")
    parameters = {"team": _("Team name or slug")}
    suggested = "team"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        typed = self.value("team")
        if not typed:
            return queryset
        team = Team.objects.filter(slug=typed).first()
        found = [team] if team else _teams_named(typed)
        if len(found) == 1:
            return queryset.filter(team=found[0])
        self.error = _complaint(typed, len(found))
        self.matches = [("team", one.slug, f"{one.name} ({one.slug})") for one in found[:MAX_MATCHES]]
        return queryset.none()


def _teams_named(typed: str) -> list[Team]:
    """Return the teams of this name, else those whose name or slug has it in it; one more than are shown."""
    teams, folded = Team.objects.order_by("folded_name", "id"), fold(typed)
    exact = list(teams.filter(folded_name=folded)[: MAX_MATCHES + 1])
    return exact or list(teams.filter(Q(folded_name__contains=folded) | Q(slug__contains=folded))[: MAX_MATCHES + 1])


def _complaint(typed: str, count: int) -> str:
    if not count:
        return gettext("No team matches “%(typed)s”.") % {"typed": typed}
    if count > MAX_MATCHES:
        return gettext("More than %(count)s teams match. Type more of the name, or choose one.") % {
            "count": MAX_MATCHES
        }
    return gettext("%(count)s teams match. Choose one.") % {"count": count}


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
