"""Numbers and times as people read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import timezone

from generations.views.site.formatting import age, date_text, day_and_clock, day_name, dollars, exact_moment, last_day


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (0, "under a minute"), (59.9, "under a minute"), (60, "1 minute"), (119, "1 minute"),
        (7199, "119 minutes"), (7200, "2 hours"), (172_799, "47 hours"), (172_800, "2 days"),
    ],
)  # fmt: skip
def test_age_is_rough(seconds, text):
    assert age(seconds) == text


LONG_AGO = datetime(2020, 2, 1, 12, 3, 4, tzinfo=UTC)


def test_day_is_told_by_its_name_only_while_it_is_near():
    noon = timezone.localtime().replace(hour=12, minute=3, second=4)

    assert [day_and_clock(noon), day_and_clock(noon - timedelta(days=1)), day_and_clock(LONG_AGO)] == [
        "today 12:03", "yesterday 12:03", "1 Feb 2020, 12:03",
    ]  # fmt: skip
    assert [day_name(noon.date()), day_name(LONG_AGO.date())] == ["Today", "1 Feb 2020"]
    assert exact_moment(LONG_AGO) == "1 Feb 2020, 12:03:04"
    assert date_text(LONG_AGO.date()) == last_day(datetime(2020, 2, 2, tzinfo=UTC)) == "1 Feb 2020"


def test_page_says_the_moment_to_machines_and_an_attribute_does_not():
    shown = Template('<i title="{{ when.plain }}">{% blocktranslate %}Sent {{ when }}{% endblocktranslate %}</i>')

    assert shown.render(Context({"when": day_and_clock(LONG_AGO)})) == (
        '<i title="1 Feb 2020, 12:03">Sent <time datetime="2020-02-01T12:03:04+00:00">1 Feb 2020, 12:03</time></i>'
    )
    assert f"{date_text(LONG_AGO.date())}." == "1 Feb 2020."


def test_money_below_nothing_keeps_its_sign_before_the_dollar():
    assert dollars(Decimal("-0.25"), places=2) == "−$0.25"
