"""What every window has: deeds in the audit trail, lists that cost the same however many rows there are."""

import functools
import operator
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from generations.access import current_user
from generations.models import AuditAction, Team, User, parse_uuid
from generations.services.site import audit

MAX_COUNTED = 1_000
MAX_DETAIL_LENGTH = 200


class Pages(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts no further than the site does: whoever looks for older rows narrows the list."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MAX_COUNTED + 1].count())

    @property
    def count(self) -> int:
        return min(self._counted, MAX_COUNTED)

    @property
    def goes_on(self) -> bool:
        return self._counted > MAX_COUNTED


class List(ChangeList):
    """Also decides what a row needs to know of whoever looks, once for all rows of a page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(self.opts.verbose_name_plural).capitalize()

    def get_ordering(self, request: HttpRequest, queryset: "QuerySet[Any]") -> list[Any]:
        if self.sortable_by == ():
            return list(self.model_admin.get_ordering(request))
        return super().get_ordering(request, queryset)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        window: Any = self.model_admin
        self.result_list = window.prepared(request, list(self.result_list))


class Window(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Whatever is done in it is a row of the audit trail, in the transaction that did it; ids and names of fields."""

    paginator = Pages
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return List

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        return found if found is None else self.prepared(request, [found])[0]

    def prepared(self, request: HttpRequest, rows: list[Any]) -> list[Any]:
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Actions on the rows that were ticked come here as a form."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():
            return super().changelist_view(request, extra_context)

    def construct_change_message(self, request: Any, form: Any, formsets: Any, add: bool = False) -> str:  # type: ignore[override]
        """What the audit trail says was changed."""
        said = [", ".join(form.changed_data)] if form.changed_data else []
        for formset in formsets or []:
            said += [f"added {_named(one)}" for one in formset.new_objects]
            said += [f"changed {_named(one)} ({', '.join(fields)})" for one, fields in formset.changed_objects]
            said += [f"deleted {_named(one)}" for one in formset.deleted_objects]
        return "; ".join(said)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        _note(AuditAction.ADDED_IN_ADMIN, request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        _note(AuditAction.CHANGED_IN_ADMIN, request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[models.Model]) -> None:  # type: ignore[override]
        for one in queryset:
            _note(AuditAction.DELETED_IN_ADMIN, request, one, "")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django keeps a history of its own, with names in it; ours is the audit trail."""
        row = self.get_object(request, object_id)
        if row is None:
            return super().history_view(request, object_id, extra_context)
        found = reverse("admin:generations_auditevent_changelist")
        return HttpResponseRedirect(f"{found}?{urlencode({'q': _named(row)})}")

    def guarded(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """A further view of this window, for those alone whom the admin lets in."""
        wrapped = self.admin_site.admin_view(view)
        wrapped.model_admin = self  # type: ignore[attr-defined]  # as Django does it for its own
        return wrapped


class ReadOnly(Window):
    """May hold a million rows: newest first, looked for by what has an index, and nothing else."""

    ordering = ["-id"]
    sortable_by = ()
    actions = None
    # What a term that is typed into the search is compared with: an id, the address of a person, any other word.
    by_id: tuple[str, ...] = ("id",)
    by_person: tuple[str, ...] = ()
    by_word: tuple[str, ...] = ()

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.by_id + self.by_person + self.by_word

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term and self.by_person:
            who = User.objects.filter(email=term.lower()).first()
            his = [queryset.filter(**{one: who}) for one in self.by_person]
            return (functools.reduce(operator.or_, his) if who else queryset.none()), False
        # One lookup at a time, each by its own index and in no order.
        found: set[Any] = set()
        for lookup, value in self._lookups(term):
            found |= set(queryset.filter(**{lookup: value}).order_by().values_list("pk", flat=True)[:MAX_COUNTED])
        return queryset.filter(pk__in=found), False

    def _lookups(self, term: str) -> Iterable[tuple[str, Any]]:
        if (id_ := parse_uuid(term)) is not None:
            yield from ((lookup, id_) for lookup in self.by_id)
        # Ids of the provider may look like ours.
        yield from ((lookup, term) for lookup in self.by_word)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what a filter of the list asks: any other would read the whole table, or guess at what is not shown."""
        allowed: set[str] = set()
        filters: Any = self.get_list_filter(request)
        for one in filters:
            allowed |= {f"{one}__exact"} if isinstance(one, str) else set(one.parameters)
        return lookup in allowed

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Discreet:
    """What goes with a row is counted before it is deleted, and not listed: names of passkeys and of searches that are
    nobody else's stand among it. That some of it can only be read in a window of its own does not keep the row.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        _, counts, _, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return [str(one) for one in objs], counts, set(), protected


def _note(deed: AuditAction, request: HttpRequest, obj: models.Model, message: Any) -> None:
    team = obj if isinstance(obj, Team) else getattr(obj, "team", None)
    audit.record_event(
        deed, actor=current_user(request), subject=obj, team=team, detail=str(message)[:MAX_DETAIL_LENGTH]
    )


def _named(row: models.Model) -> str:
    """As the audit trail names it."""
    return f"{row._meta.verbose_name} {row.pk}"
