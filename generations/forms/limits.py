"""Amounts of money as people type them, and the forms of limits."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generations.models import Span, format_dollars
from generations.services.orders.quotas import MAX_IN_FLIGHT, MAX_PER_MINUTE
from generations.services.spending.limits import LimitAmounts

# The most that the columns hold, and far more than anybody needs.
MAX_AMOUNT = Decimal(1_000_000)
PATTERN = re.compile(r"-?[0-9]+(\.[0-9]+)?|-?\.[0-9]+")


MAX_AMOUNT_LENGTH = 40


class AmountField(forms.CharField):
    """US dollars; empty is None. Commas are rejected, because 1,000 is a thousand here and one elsewhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=MAX_AMOUNT_LENGTH, **options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # a number where the parent has text
        typed = str(super().to_python(value) or "")
        if len(typed) > MAX_AMOUNT_LENGTH:
            raise forms.ValidationError(_not_an_amount(f"{typed[:MAX_AMOUNT_LENGTH]}…"))
        text = typed.replace("$", "").replace("−", "-").strip()
        if not text:
            return None
        if not PATTERN.fullmatch(text):
            raise forms.ValidationError(_not_an_amount(typed))
        amount = Decimal(text)
        if amount > MAX_AMOUNT:
            most = {"typed": typed, "most": format_dollars(MAX_AMOUNT, 0)}
            raise forms.ValidationError(_("%(typed)s is too much; the maximum is %(most)s.") % most)
        if amount != round(amount, 4):
            raise forms.ValidationError(_("%(typed)s has too many decimal places. Use at most 4.") % {"typed": typed})
        return amount

    def validate(self, value: Any) -> None:
        """Do nothing: the service decides whether the amount makes sense as a limit."""

    def run_validators(self, value: Any) -> None:
        """Do nothing: the validators of the parent count characters."""


def _not_an_amount(typed: str) -> str:
    return _("“%(typed)s” isn't an amount. Enter dollars with a decimal point, such as 12.50.") % {"typed": typed}


class LimitForm(forms.Form):
    soft = AmountField()
    hard = AmountField()

    @property
    def limits(self) -> LimitAmounts:
        return LimitAmounts(self.cleaned_data["soft"], self.cleaned_data["hard"])


class NewLimitForm(LimitForm):
    """A new limit: `of` is the section of the page, `whose` the person or collection in it."""

    of = forms.ChoiceField(choices=[(of, of) for of in ("team", "person", "collection")])
    whose = forms.CharField(required=False, max_length=40)
    span = forms.ChoiceField(choices=Span.choices)
    by_site = forms.BooleanField(required=False)


class QuotaField(forms.IntegerField):
    """A number of pictures; empty is None."""

    def __init__(self, most: int) -> None:
        super().__init__(required=False)
        self.most = most

    def clean(self, value: Any) -> int | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < MAX_AMOUNT_LENGTH else 0
        if not 1 <= number <= self.most:
            shown = typed if len(typed) <= MAX_AMOUNT_LENGTH else f"{typed[:MAX_AMOUNT_LENGTH]}…"
            named = {"typed": shown, "most": number_format(self.most, force_grouping=True)}
            raise forms.ValidationError(_("“%(typed)s” isn't a whole number from 1 to %(most)s.") % named)
        return number


class QuotaForm(forms.Form):
    in_flight = QuotaField(MAX_IN_FLIGHT)
    per_minute = QuotaField(MAX_PER_MINUTE)


class ApprovalForm(forms.Form):
    above = AmountField()
