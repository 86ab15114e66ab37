"""Amounts in headlines, on hover and in fields, also in languages that write them otherwise."""

from decimal import Decimal

import pytest
from django.utils import translation

from generations.models import format_amount, format_dollars, format_estimate, typed_amount
from generations.views.site.formatting import exact_dollars, total_dollars
from generations.views.spending.charts import ChartValue, chart_of, shares


@pytest.mark.parametrize(
    ("amount", "headline", "exact"),
    [
        ("0", "$0.00", "$0.0000"),
        ("0.4821485700", "$0.48", "$0.48214857"),
        ("0.0123456789", "$0.01", "$0.0123456789"),
        ("0.0042", "$0.0042", "$0.0042"),
        ("-0.25", "−$0.25", "−$0.2500"),
        ("1234.5", "$1,234.50", "$1,234.5000"),
    ],
)
def test_sum_has_two_places_and_all_of_them_on_hover(amount, headline, exact):
    assert (total_dollars(Decimal(amount)), exact_dollars(Decimal(amount))) == (headline, exact)


@pytest.mark.parametrize(
    ("amount", "text"), [("3", "$3.00"), ("0.015", "$0.015"), ("0.0152", "$0.0152"), ("1000", "$1,000.00")]
)
def test_limit_has_up_to_four_places(amount, text):
    assert format_amount(Decimal(amount)) == text


def test_amounts_follow_the_language_and_what_fields_and_charts_hold_does_not():
    amount = Decimal("1234.5678")
    with translation.override("de"):
        assert (format_dollars(amount), format_estimate(amount)) == ("$1.234,5678", "≈ $1.234,568")
        assert total_dollars(amount) == "$1.234,57"
        assert typed_amount(amount) == "1234.5678"
        (bar,) = chart_of([ChartValue(amount, "1", "")]).bars
        assert "," not in f"{bar.x}{bar.width}{bar.y}{bar.height}{bar.middle}{shares([amount])}"


def test_field_has_two_places_or_up_to_four():
    assert [typed_amount(one) for one in (None, Decimal(5), Decimal("2.125"))] == ["", "5.00", "2.125"]
