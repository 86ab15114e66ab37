"""Numbers and times as people read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.views.site.formatting import age, dollars, since, to_the_second


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (0, "under a minute"), (59.9, "under a minute"), (60, "1 minute"), (119, "1 minute"),
        (7199, "119 minutes"), (7200, "2 hours"), (172_799, "47 hours"), (172_800, "2 days"),
    ],
)  # fmt: skip
def test_age_is_rough(seconds, text):
    assert age(seconds) == text


def test_moment_of_today_is_a_clock_and_any_other_has_its_day():
    noon = timezone.localtime().replace(hour=12, minute=3, second=4)
    long_ago = datetime(2020, 2, 1, 12, 3, 4, tzinfo=UTC)

    assert [since(noon), since(noon - timedelta(days=1)), since(long_ago)] == [
        "12:03", "yesterday 12:03", "Saturday, 1 February 2020 12:03",
    ]  # fmt: skip
    assert [to_the_second(noon), to_the_second(noon - timedelta(days=1)), to_the_second(long_ago)] == [
        "at 12:03:04", "yesterday at 12:03:04", "on Saturday, 1 February 2020 at 12:03:04",
    ]  # fmt: skip


def test_money_below_nothing_keeps_its_sign_before_the_dollar():
    assert dollars(Decimal("-0.25"), places=2) == "−$0.25"
