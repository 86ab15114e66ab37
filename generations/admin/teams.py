from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from generations.access import current_user
from generations.admin.base import AuditedModelAdmin, UnlistedDeletionMixin
from generations.admin.formatting import EMPTY_CELL, format_money, link
from generations.admin.limits import LimitAmountsForm
from generations.admin.site_pages import team_page
from generations.models import Budget, LedgerEntry, Membership, Team, User
from generations.services.teams.teams_and_users import limit_new_team

# Each takes five fields of the form, and a form has a maximum.
MAX_MEMBERS = 100


class NamedFieldsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    """Names the fields of each row for screen readers; on the page the heads of the columns do."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for bound in form.visible_fields():
            # Django wraps the widget of a foreign key in the links beside it.
            widget = getattr(bound.field.widget, "widget", bound.field.widget)
            widget.attrs["aria-label"] = bound.label


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Membership
    formset = NamedFieldsFormSet
    extra = 0
    readonly_fields = ["last_used_at", "previous_visit_at"]
    # A list of all users of the site to choose from could be endless.
    autocomplete_fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user", "team")


class OneLimitPerSpanFormSet(NamedFieldsFormSet):
    """Refuses a second limit for a span; the model cannot, since `by_site` is not a field of the form."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data]
        spans = [form.cleaned_data.get("span") for form in kept]
        if len(set(spans)) < len(spans):
            raise ValidationError(_("There are two limits for the same period. Keep one."))


class BudgetInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """What the team may spend in a day or a month, set by the site."""

    model = Budget
    form = LimitAmountsForm
    formset = OneLimitPerSpanFormSet
    extra = 0
    fields = ["span", "soft", "hard"]
    verbose_name, verbose_name_plural = _("limit"), _("limits set by the site (US dollars)")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).filter(by_site=True)
        return rows.select_related("team", "person", "collection")


@admin.register(Team)
class TeamAdmin(UnlistedDeletionMixin, AuditedModelAdmin):
    list_display = ["name", "slug", "on_site", "approval", "created_at"]
    ordering = ["folded_name", "id"]
    search_fields = ["folded_name", "slug"]
    search_help_text = _("Search by part of the name or slug.")
    # Its owners set everything else, on the team's own page.
    fields = ["name", "slug", "on_site", "approval", "member_count", "created_at"]
    readonly_fields = ["on_site", "approval", "member_count", "created_at"]
    inlines = [BudgetInline, MembershipInline]

    class Media:
        js = ["js/admin/field_names.js"]

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> Any:
        return self.fields if obj else ["name", "slug"]

    def get_inlines(self, request: HttpRequest, obj: Team | None) -> list[Any]:
        few = obj is None or obj.memberships.all()[: MAX_MEMBERS + 1].count() <= MAX_MEMBERS
        return [BudgetInline, MembershipInline] if few else [BudgetInline]

    def prepare_rows(self, request: HttpRequest, rows: list[Team]) -> list[Team]:
        """Add whether the user is in the team, and so may open its gallery."""
        own = set(current_user(request).memberships.filter(team__in=rows).values_list("team", flat=True))
        for row in rows:
            row.opens = row.pk in own  # type: ignore[attr-defined]  # for the cells below
        return rows

    def page_on_site(self, user: User, row: Team) -> str | None:
        return team_page(user, row, "gallery")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Refuse a team with a ledger before its related rows are collected, which may be a million."""
        teams = list(objs)
        kept = Team.objects.filter(
            Exists(LedgerEntry.objects.filter(team=OuterRef("pk"))), pk__in=[team.pk for team in teams]
        )
        if reasons := [_("%(team)s has spending records, which are never deleted.") % {"team": team} for team in kept]:
            return [str(one) for one in teams], {}, set(), reasons
        return super().get_deleted_objects(teams, request)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for one in formset.forms:
            if isinstance(one.instance, Budget):
                one.instance.by_site = True
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give a new team the limit of new teams, unless one was entered with it."""
        super().save_related(request, form, formsets, change)
        if not change:
            limit_new_team(form.instance)

    @admin.display(description=_("pages"))
    def on_site(self, row: Team) -> Any:
        if not getattr(row, "opens", False):
            return EMPTY_CELL
        pages = ("gallery", _("Gallery")), ("credits", _("Credits")), ("people", _("People"))
        return format_html_join(" · ", "{}", [(link(reverse(name, args=[row.slug]), word),) for name, word in pages])

    @admin.display(description=_("approval threshold"))
    def approval(self, row: Team) -> str:
        return format_money(row.approval_above)

    @admin.display(description=_("members"))
    def member_count(self, row: Team) -> Any:
        count = row.memberships.count()
        if count <= MAX_MEMBERS:
            return count
        return _("%(count)s, too many to edit here. Each user's page lists their teams.") % {"count": count}
