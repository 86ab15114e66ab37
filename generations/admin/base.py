"""What every model admin shares: entries in the audit trail, and lists whose cost does not grow with the table."""

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
from generations.folding import fold
from generations.models import AuditAction, Team, User, parse_uuid
from generations.services.site import audit

MAX_COUNTED = 1_000
MAX_DETAIL_LENGTH = 200


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts up to a limit; the list has to be narrowed to see older rows."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MAX_COUNTED + 1].count())

    @property
    def count(self) -> int:
        return min(self._counted, MAX_COUNTED)

    @property
    def is_capped(self) -> bool:
        return self._counted > MAX_COUNTED


class BoundedChangeList(ChangeList):
    """Keeps the order of long lists, and prepares all rows of a page at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(self.opts.verbose_name_plural).capitalize()

    @property
    def totals(self) -> Any:
        """Return what stands above the list; most lists have nothing there."""
        return None

    def get_ordering(self, request: HttpRequest, queryset: "QuerySet[Any]") -> list[Any]:
        if self.sortable_by == ():
            return list(self.model_admin.get_ordering(request))
        return super().get_ordering(request, queryset)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        model_admin: Any = self.model_admin
        self.result_list = model_admin.prepare_rows(request, list(self.result_list))


class AuditedModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Records every change in the audit trail, in the same transaction: ids and names of fields, no values."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    @property
    def csv_url(self) -> str:
        """Return where the list is offered as a file; empty for most."""
        return ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            return None
        row = self.prepare_rows(request, [found])[0]
        row.page_on_site = self.page_on_site(current_user(request), row)
        return row

    def page_on_site(self, user: User, row: Any) -> str | None:
        """Return where the site shows this row, None where it does not show it to the user."""
        return None

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return getattr(obj, "page_on_site", None)

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> list[Any]:
        """Add to the rows what their cells need to know about the user who looks at them."""
        return rows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find names by the folded words too; an email address is found as it is written."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        folded, doubled_too = super().get_search_results(request, queryset, fold(search_term))
        return found | folded, doubled or doubled_too

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Run an action on the chosen rows in one transaction."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():
            return super().changelist_view(request, extra_context)

    def construct_change_message(self, request: Any, form: Any, formsets: Any, add: bool = False) -> str:  # type: ignore[override]
        """Return what the audit trail says was changed; it is stored, in English."""
        changes = [", ".join(form.changed_data)] if form.changed_data else []
        for formset in formsets or []:
            changes += [f"added {_name(one)}" for one in formset.new_objects]
            changes += [f"changed {_name(one)} ({', '.join(fields)})" for one, fields in formset.changed_objects]
            changes += [f"deleted {_name(one)}" for one in formset.deleted_objects]
        return "; ".join(changes)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        _record(AuditAction.ADDED_IN_ADMIN, request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        _record(AuditAction.CHANGED_IN_ADMIN, request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[models.Model]) -> None:  # type: ignore[override]
        for one in queryset:
            _record(AuditAction.DELETED_IN_ADMIN, request, one, "")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Redirect to the audit trail; Django's own history would hold names."""
        row = self.get_object(request, object_id)
        if row is None:
            return super().history_view(request, object_id, extra_context)
        found = reverse("admin:generations_auditevent_changelist")
        return HttpResponseRedirect(f"{found}?{urlencode({'q': _name(row)})}")

    def wrap_view(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Return a further view of this admin with the same check of who may see it."""
        wrapped = self.admin_site.admin_view(view)
        wrapped.model_admin = self  # type: ignore[attr-defined]  # as Django does it for its own
        return wrapped


class ReadOnlyAdmin(AuditedModelAdmin):
    """For tables of a million rows: the newest come first, and only indexed columns can be searched or filtered."""

    ordering = ["-id"]
    sortable_by = ()
    actions = None
    # The columns that a search term is compared with when it is an id, an email address, or any other text.
    id_lookups: tuple[str, ...] = ("id",)
    user_lookups: tuple[str, ...] = ()
    text_lookups: tuple[str, ...] = ()

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.id_lookups + self.user_lookups + self.text_lookups

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term and self.user_lookups:
            user = User.objects.filter(email=term.lower()).first()
            theirs = [queryset.filter(**{lookup: user}) for lookup in self.user_lookups]
            return (functools.reduce(operator.or_, theirs) if user else queryset.none()), False
        # One query for each lookup, so that each uses its own index; unordered.
        found: set[Any] = set()
        for lookup, value in self._lookups(term):
            found |= set(queryset.filter(**{lookup: value}).order_by().values_list("pk", flat=True)[:MAX_COUNTED])
        return queryset.filter(pk__in=found), False

    def _lookups(self, term: str) -> Iterable[tuple[str, Any]]:
        if (id_ := parse_uuid(term)) is not None:
            yield from ((lookup, id_) for lookup in self.id_lookups)
        # Ids of the provider may look like ours.
        yield from ((lookup, term) for lookup in self.text_lookups)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the filters of the list only: another could read the whole table, or guess at hidden values."""
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


class UnlistedDeletionMixin:
    """Counts the related rows before a deletion instead of listing them: they hold private names, of passkeys say.

    Related rows that are read-only in the admin do not prevent the deletion.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        _, counts, _, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return [str(one) for one in objs], counts, set(), protected


def _record(action: AuditAction, request: HttpRequest, obj: models.Model, message: Any) -> None:
    team = obj if isinstance(obj, Team) else getattr(obj, "team", None)
    audit.record_event(
        action, actor=current_user(request), subject=obj, team=team, detail=str(message)[:MAX_DETAIL_LENGTH]
    )


def _name(row: models.Model) -> str:
    """Return the name that the audit trail uses."""
    return f"{row._meta.verbose_name_raw} {row.pk}"
