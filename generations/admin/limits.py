"""Limits for everybody, or for one user, over all teams together; set here and nowhere else."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from generations import ledger
from generations.access import current_user
from generations.admin.base import AuditedModelAdmin, UnlistedDeletionMixin
from generations.admin.formatting import format_money
from generations.errors import InvalidLimit
from generations.forms.limits import AmountField
from generations.models import SiteLimit, User, typed_amount
from generations.services.spending.limits import LimitAmounts, require_sense


class LimitAmountsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Two amounts, in the form in which people type them."""

    soft = AmountField(label=_("Warning at"))
    hard = AmountField(label=_("Limit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("soft", "hard"):
            amount: Decimal | None = self.initial.get(name)
            self.initial[name] = typed_amount(amount)

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        if {"soft", "hard"} <= cleaned.keys():
            try:
                require_sense(LimitAmounts(cleaned["soft"], cleaned["hard"]))
            except InvalidLimit as error:
                self.add_error(error.field, error.message)


class SiteLimitForm(LimitAmountsForm):
    soft = AmountField(
        label=_("Warning at"),
        help_text=_("US dollars. Pictures are still generated; site admins and the user get an alert."),
    )
    hard = AmountField(label=_("Limit"), help_text=_("US dollars. Pictures that would exceed it are refused."))

    class Meta:
        model = SiteLimit
        fields = ["person", "span", "soft", "hard"]
        help_texts = {"person": _("Leave empty to limit all users together.")}

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        user = cleaned.get("person", self.instance.person)
        span = cleaned.get("span", self.instance.span)
        if SiteLimit.objects.filter(person=user, span=span).exclude(pk=self.instance.pk).exists():
            sentence = _("There is already a limit for %(name)s and this period. Change that one instead.")
            self.add_error(None, sentence % {"name": user.display_name if user else _("all users")})


@admin.register(SiteLimit)
class SiteLimitAdmin(UnlistedDeletionMixin, AuditedModelAdmin):
    form = SiteLimitForm
    list_display = ["of", "span", "soft_limit", "hard_limit", "set_by", "set_at"]
    list_display_links = ["of"]
    list_filter = ["span"]
    list_select_related = ["person", "set_by"]
    ordering = ["person__email", "span"]
    search_fields = ["person__email", "person__folded_name"]
    search_help_text = _("Search by part of a user's name or email address.")
    autocomplete_fields = ["person"]
    fields = ["person", "span", "soft", "hard"]

    class Media:
        js = ["js/admin/field_names.js"]

    def get_fields(self, request: HttpRequest, obj: SiteLimit | None = None) -> Any:
        return [*self.fields, "used", "set_by", "set_at"] if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: SiteLimit | None = None) -> Any:
        """Keep whom it limits and its period: alerts about it have named them."""
        return ["person", "span", "used", "set_by", "set_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: SiteLimit, form: Any, change: bool) -> None:
        obj.by_site, obj.set_by, obj.set_at = True, current_user(request), timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("applies to"))
    def of(self, row: SiteLimit) -> str:
        return str(row.person or _("All users"))

    @admin.display(description=_("warning at"))
    def soft_limit(self, row: SiteLimit) -> str:
        return format_money(row.soft)

    @admin.display(description=_("limit"))
    def hard_limit(self, row: SiteLimit) -> str:
        return format_money(row.hard)

    @admin.display(description=_("used"))
    def used(self, row: SiteLimit) -> str:
        usage = ledger.budget_usage(row)
        said: dict[str, Any] = {
            "percent": usage.per_cent, "spent": format_money(usage.spent), "reserved": format_money(usage.held),
            "left": format_money(usage.left),
        }  # fmt: skip
        sentence = str(_("{percent}% used · {spent} spent · {reserved} reserved · {left} left"))
        return format_html(sentence, **said)

    def page_on_site(self, user: User, row: SiteLimit) -> str | None:
        return reverse("all_credits")
