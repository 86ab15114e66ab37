"""Charts as numbers for an SVG template, without database and currency.

Horizontal values are in per cent, so that a chart is as wide as its page; vertical values are in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

HEIGHT, TOP, BOTTOM = 168, 16, 28
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MAX_LINES = 4
# Share of its slot that a bar fills, and its maximum width in per cent of the chart.
FILL, WIDEST = Decimal("0.68"), Decimal(6)


@dataclass(frozen=True)
class ChartValue:
    """One bar: `label` is shown under it, `detail` is its full description.

    A `rare` label is shown in the table only, a `spare` one on wide screens.
    """

    amount: Decimal
    label: str
    detail: str
    url: str = ""
    marked: bool = False
    rare: bool = False
    spare: bool = False


@dataclass(frozen=True)
class Bar:
    x: str
    width: str
    y: str
    height: str
    middle: str
    place_x: str
    place_width: str
    value: ChartValue


@dataclass(frozen=True)
class Rule:
    y: str
    amount: Decimal


@dataclass(frozen=True)
class Chart:
    height: int
    floor: int
    bars: list[Bar]
    rules: list[Rule]
    pace: Rule | None


def chart_of(values: Sequence[ChartValue], pace: Decimal | None = None) -> Chart:
    """Return bars of one series; negative amounts, such as a day of refunds, have no bar and are named in the text."""
    floor = HEIGHT - BOTTOM
    step = nice_step(max([one.amount for one in values] + ([pace] if pace else []) + [Decimal(0)]))
    top = step * MAX_LINES

    def tall(amount: Decimal) -> Decimal:
        """Return the height of a bar; anything above zero is visible."""
        return max((floor - TOP) * amount / top, Decimal(2)) if amount > 0 else Decimal(0)

    place = Decimal(100) / max(1, len(values))
    width = min(place * FILL, WIDEST)
    bars = [
        Bar(
            _said(n * place + (place - width) / 2), _said(width), _said(floor - tall(one.amount)),
            _said(tall(one.amount)),
            _said(n * place + place / 2), _said(n * place), _said(place), one,
        )
        for n, one in enumerate(values)
    ]  # fmt: skip
    rules = [Rule(_said(floor - tall(step * n)), step * n) for n in range(1, MAX_LINES + 1)]
    return Chart(HEIGHT, floor, bars, rules, Rule(_said(floor - tall(pace)), pace) if pace else None)


def nice_step(most: Decimal) -> Decimal:
    """Return the distance of the rules: a round number, so that MAX_LINES of them reach the maximum."""
    if most <= 0:
        return Decimal("0.01")
    wanted = most / MAX_LINES
    unit = Decimal(10) ** wanted.adjusted()
    return next(step * unit for step in STEPS if step * unit >= wanted)


def shares(amounts: Sequence[Decimal]) -> list[str]:
    """Return the length of each bar in per cent of the longest; anything above zero is visible."""
    most = max([*amounts, Decimal(0)])
    return [_said(max(one * 100 / most, Decimal(1)) if most and one > 0 else Decimal(0)) for one in amounts]


def _said(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01'), ROUND_CEILING):f}"
