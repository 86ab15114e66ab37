"""Windows on the data for superusers; what stands for money or for a file is read here, never written."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from generations.models import (
    Attempt,
    BalanceReading,
    Budget,
    Generation,
    Image,
    LedgerEntry,
    Membership,
    ProviderPause,
    Team,
    User,
)  # fmt: skip

# Secrets of people are nobody's to look at, and what OpenID Connect needs comes from the environment.
admin.site.unregister([Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken])


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Membership
    extra = 0
    readonly_fields = ["last_used_at"]


class BudgetInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """What the team may spend in a day or a month, as whoever runs the site sets it."""

    model = Budget
    extra = 0
    fields = ["span", "soft", "hard"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(by_site=True)


class Discreet:
    """What goes with a row is counted before it is deleted, and not listed: names of passkeys and of searches that are
    nobody else's stand among it.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        _, counts, needed, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return [str(one) for one in objs], counts, needed, protected


@admin.register(Team)
class TeamAdmin(Discreet, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["name", "slug", "created_at"]
    # The rest is its owners', who set it on the team's own page.
    fields = ["name", "slug"]
    inlines = [BudgetInline, MembershipInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for one in formset.forms:
            if isinstance(one.instance, Budget):
                one.instance.by_site = True
        super().save_formset(request, form, formset, change)


@admin.register(User)
class PersonAdmin(Discreet, UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_active"]
    search_fields = ["email", "name"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Generation)
class GenerationAdmin(ReadOnly):
    list_display = ["id", "team", "author", "state", "cost", "queued_at"]
    list_filter = ["state", "team"]
    list_select_related = ["team", "author"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ["id", "generation", "n", "state", "cost", "cost_estimated", "sent_at", "http_status", "request_id"]
    list_filter = ["state"]


@admin.register(Image)
class ImageAdmin(ReadOnly):
    list_display = ["path", "format", "width", "height", "size", "sha256"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    list_display = ["created_at", "team", "kind", "amount", "estimated", "actor", "cause", "note"]
    list_filter = ["kind", "estimated", "team"]
    # Joined, an actor who was deleted is empty; asked for one by one he would be an error.
    list_select_related = ["team", "actor"]
    search_fields = ["cause"]


@admin.register(ProviderPause)
class ProviderPauseAdmin(ReadOnly):
    list_display = ["started_at", "cause", "reason", "started_by", "ended_at", "ended_by", "end_reason"]
    list_filter = ["cause"]
    list_select_related = ["started_by", "ended_by"]


@admin.register(BalanceReading)
class BalanceReadingAdmin(ReadOnly):
    list_display = ["read_at", "credits", "free_credits"]
