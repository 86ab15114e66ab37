"""Sums of money that are exact to the last of their ten places, on either database."""

from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, BigIntegerField
from django.utils.formats import number_format

PLACES = Decimal("1E-10")
UNITS = Decimal(10) ** 10


class Total(Aggregate):
    """The exact sum of a column of dollars, as Decimal; zero without rows.

    SQLite stores such a column as floats, and the sum of a million of them is off in the tenth place. There each amount
    becomes a whole number of its last places first: the sum of those is exact up to nine hundred million dollars.
    """

    function = "SUM"
    arity = 1
    allow_distinct = False
    empty_result_set_value = 0
    # The type of the database's result; a decimal column's own converter keeps fifteen digits only.
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._in_units("CAST(ROUND(%(expressions)s * 10000000000) AS INTEGER)", compiler, connection, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._in_units("(%(expressions)s * 10000000000)::bigint", compiler, connection, **context)

    def _in_units(self, unit: str, compiler: Any, connection: Any, **context: Any) -> Any:
        # Within the template of the class, because in Django 6 that one says where a filter goes. Not passed as an
        # argument, because in Django 5 an aggregate with a filter has a template of its own to put it into.
        same = self.copy()
        same.template = self.template.replace("%(expressions)s", unit)
        return same.as_sql(compiler, connection, **context)

    def convert_value(self, value: Any, expression: Any, connection: Any) -> Decimal:
        return (Decimal(value or 0) / UNITS).quantize(PLACES)


def format_estimate(amount: Decimal) -> str:
    """Return an expected cost as the button and emails show it."""
    return f"≈ {format_dollars(amount, 3)}"


def format_amount(amount: Decimal) -> str:
    """Return US dollars for a limit: two places, and up to four if these are not zero."""
    last_two = f"{amount:.4f}"[-2:]
    return format_dollars(amount, 2 + len(last_two.rstrip("0")))


def format_dollars(amount: Decimal, places: int = 4) -> str:
    """Return US dollars with the separators of the reader's language."""
    number = number_format(round(abs(amount), places), decimal_pos=places, force_grouping=True)
    return f"{'−' if amount < 0 else ''}${number}"


def typed_amount(amount: Decimal | None) -> str:
    """Return an amount as the field of a form has it, the same in every language; empty without one."""
    if amount is None:
        return ""
    text = f"{amount:.4f}"
    return f"{text[:-2]}{text[-2:].rstrip('0')}"
