from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from generations.access import current_user
from generations.admin.base import AuditedModelAdmin, UnlistedDeletionMixin
from generations.admin.formatting import EMPTY_CELL, admin_link, link
from generations.models import User
from generations.services.teams.members import deletion_blockers

RIGHTS = ("is_active", "is_staff", "is_superuser")


@admin.register(User)
class UserAdmin(UnlistedDeletionMixin, AuditedModelAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # not generic at run time
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "is_superuser", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "folded_name"]
    search_help_text = _("Search by part of a name or email address.")
    fieldsets = [
        (None, {"fields": ["email", "name", "password_state"]}),
        (_("Permissions"), {"fields": RIGHTS}),
        (_("Teams"), {"fields": ["team_links"]}),
        (_("Dates"), {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]
    filter_horizontal = []
    readonly_fields = ["password_state", "team_links", "date_joined", "last_login"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        people = list(objs)
        if reasons := deletion_blockers(current_user(request), people):
            return [str(one) for one in people], {}, set(), reasons
        return super().get_deleted_objects(people, request)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Disable the user's own rights: the last superuser could not get them back."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and obj.pk == current_user(request).pk:
            for name in RIGHTS:
                form.base_fields[name].disabled = True
                form.base_fields[name].help_text = _("You can't change your own permissions. Ask another site admin.")
        return form

    @admin.display(description=_("password"))
    def password_state(self, row: User) -> Any:
        """Say whether there is one, without any part of its hash."""
        state = _("Set") if row.has_usable_password() else _("Not set")
        address = reverse("admin:auth_user_password_change", args=[row.pk])
        return format_html("{} · {}", state, link(address, _("Set a new password")))

    @admin.display(description=_("teams"))
    def team_links(self, row: User) -> Any:
        places = row.memberships.select_related("team").order_by("team__folded_name")
        rows = [(admin_link("team", one.team_id, one.team.name), one.get_role_display()) for one in places]
        return format_html_join("", "<div>{} ({})</div>", rows) or EMPTY_CELL
