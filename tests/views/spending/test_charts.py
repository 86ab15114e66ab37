"""Charts keep their proportions, whatever they are of."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.views.spending.charts import HEIGHT, MAX_LINES, ChartValue, chart_of, nice_step, shares

amounts = st.decimals(min_value=0, max_value=10**6, places=10)


def chart(*values, pace=None):
    return chart_of([ChartValue(Decimal(one), "", "") for one in values], pace and Decimal(pace))


@given(st.lists(amounts, min_size=1, max_size=60), st.none() | amounts)
def test_every_bar_lies_inside_and_stands_on_the_floor(values, pace):
    drawn = chart(*values, pace=pace)

    for bar in drawn.bars:
        assert abs(Decimal(bar.y) + Decimal(bar.height) - drawn.floor) <= Decimal("0.02")
        assert min(Decimal(bar.y), Decimal(bar.x)) >= 0
        assert Decimal(bar.x) + Decimal(bar.width) <= Decimal("100.05")
    assert all(0 <= Decimal(rule.y) <= HEIGHT for rule in [*drawn.rules, *([drawn.pace] if drawn.pace else [])])


@given(amounts)
def test_scale_reaches_what_is_most_and_not_far_beyond(most):
    top = nice_step(most) * MAX_LINES

    assert most <= top
    assert most == 0 or top <= most * Decimal("2.6")


@pytest.mark.parametrize(("most", "step"), [("0", "0.01"), ("0.1", "0.025"), ("3.9", "1"), ("4.1", "2"), ("30", "10")])
def test_rules_stand_at_round_figures(most, step):
    assert nice_step(Decimal(most)) == Decimal(step)


def test_what_is_more_than_nothing_can_be_seen():
    assert [bar.height for bar in chart("0.0001", "100", "0").bars][::2] == ["2.00", "0.00"]
    assert shares([Decimal(100), Decimal("0.1"), Decimal(0), Decimal(-3)]) == ["100.00", "1.00", "0.00", "0.00"]
