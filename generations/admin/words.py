"""How cells are written."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

NOTHING = "–"
MAX_LENGTH = 80


def money(amount: Decimal | None, *, estimated: bool = False) -> str:
    """Four places, as everywhere on the site; the exact figure is kept beside them."""
    if amount is None:
        return NOTHING
    sign = "−" if amount < 0 else ""
    said = f"{'≈ ' if estimated else ''}{sign}${abs(amount):,.4f}"
    return format_html('<data class="money" value="{}">{}</data>', f"{amount:f}", said)


def short(text: str) -> str:
    return Truncator(text).chars(MAX_LENGTH) or NOTHING


def moment(when: datetime | None) -> str:
    """In the time zone of the site."""
    if when is None:
        return NOTHING
    local = timezone.localtime(when)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}")


def ending(id_: uuid.UUID | None) -> str:
    """What tells two ids apart at a glance."""
    return f"…{id_.hex[-8:]}" if id_ else NOTHING


def page_of_site(name: str, *words: Any) -> str | None:
    """The address of a page of the site, None where there is no such page."""
    try:
        return reverse(name, args=words)
    except NoReverseMatch:
        return None


def link(address: str | None, text: Any) -> str:
    return format_html('<a href="{}">{}</a>', address, text) if address else str(text)


def window_on(model: str, key: Any, text: Any = None) -> str:
    """A link to the row's own window; nothing where there is no row."""
    if key is None:
        return NOTHING
    return link(reverse(f"admin:generations_{model}_change", args=[key]), key if text is None else text)
