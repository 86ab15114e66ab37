"""People whose account was deleted: their rows keep the number of the account, and nothing else of them.

The number tells them apart from each other, and from what the site did itself.
"""

from typing import TYPE_CHECKING, Any, cast

from django.db.models import F, Field, QuerySet
from django.db.models.deletion import Collector
from django.utils.translation import gettext, gettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NOBODY = gettext_lazy("a former member")


def keep_number(collector: Collector, field: "Field[Any, Any]", rows: "QuerySet[Any]", using: str) -> None:
    """Empty the column, as SET_NULL does, after the number of the account was kept in `former_<column>`."""
    number = cast("Field[Any, Any]", field.model._meta.get_field(f"former_{field.name}"))
    # The collector updates the columns in this order.
    collector.add_field_update(number, F(field.attname), rows)
    collector.add_field_update(field, None, rows)


# The collector need not load the rows, because they are updated all alike.
keep_number.lazy_sub_objs = True  # type: ignore[attr-defined]  # Django's own SET_NULL has the same mark


def former_name(number: object) -> str:
    return gettext("Former member %(number)s") % {"number": number}


def name_in(row: Any, column: str, nobody: "str | _StrPromise" = NOBODY) -> str:
    """Return the name of the user in this column of the row, also when they are deleted; `nobody` when it is unknown.

    A column without a constraint in the database has to be loaded by a join, and keeps the number itself.
    """
    user = getattr(row, column)
    if user is not None:
        return str(user.display_name)
    number = getattr(row, f"former_{column}", None) or getattr(row, f"{column}_id")
    return str(nobody) if number is None else former_name(number)
