"""Cells of the admin's lists and pages."""

import uuid
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.text import Truncator

from generations.models import name_in

EMPTY_CELL = "–"
MAX_TEXT_LENGTH = 80


def format_money(amount: Decimal | None, *, estimated: bool = False) -> str:
    """Format an amount with four places, as everywhere on the site; the exact figure is in the markup."""
    if amount is None:
        return EMPTY_CELL
    sign = "−" if amount < 0 else ""
    text = f"{'≈ ' if estimated else ''}{sign}${number_format(round(abs(amount), 4), 4, force_grouping=True)}"
    return format_html('<data class="money" value="{}">{}</data>', f"{amount:f}", text)


def truncate(text: str) -> str:
    return Truncator(text).chars(MAX_TEXT_LENGTH) or EMPTY_CELL


def short_id(id_: uuid.UUID | None) -> str:
    """Return the end of an id, where ids differ."""
    return f"…{id_.hex[-8:]}" if id_ else EMPTY_CELL


def link(address: str | None, text: Any) -> str:
    return format_html('<a href="{}">{}</a>', address, text) if address else str(text)


def admin_link(model: str, key: Any, text: Any = None) -> str:
    """Return a link to the row's own admin page, and an empty cell where there is no row."""
    if key is None:
        return EMPTY_CELL
    return link(reverse(f"admin:generations_{model}_change", args=[key]), key if text is None else text)


def user_link(row: Any, column: str) -> Any:
    """Return a link to the user; of a deleted one, the number is left."""
    loaded = type(row).objects.select_related(column).get(pk=row.pk) if column not in row._state.fields_cache else row
    found = getattr(loaded, column)
    if found is None:
        return name_in(loaded, column, EMPTY_CELL)
    return admin_link("user", found.pk, found.display_name)
