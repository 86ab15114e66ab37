from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.urls import reverse
from django.utils.html import format_html_join

from generations.admin.windows import Discreet, Window
from generations.admin.words import NOTHING, link, window_on
from generations.models import User


@admin.register(User)
class PersonWindow(Discreet, Window, UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "is_staff", "is_superuser", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "name"]
    search_help_text = "A part of the address or of the name."
    fieldsets = [
        (None, {"fields": ["email", "name", "password_is"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Teams", {"fields": ["in_teams"]}),
        ("When", {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]
    filter_horizontal = []
    readonly_fields = ["password_is", "in_teams", "date_joined", "last_login"]

    @admin.display(description="password")
    def password_is(self, row: User) -> Any:
        """Not even a part of its hash."""
        state = "is set" if row.has_usable_password() else "is not set: signs in another way"
        return link(reverse("admin:auth_user_password_change", args=[row.pk]), f"{state} · set another")

    @admin.display(description="in")
    def in_teams(self, row: User) -> Any:
        places = row.memberships.select_related("team").order_by("team__name")
        rows = [(window_on("team", one.team_id, one.team.name), one.role) for one in places]
        return format_html_join("", "<div>{} as {}</div>", rows) or NOTHING
