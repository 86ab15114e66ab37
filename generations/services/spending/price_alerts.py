"""Alerts to administrators that the usual price of a kind of picture has changed."""

import logging
from dataclasses import dataclass
from decimal import Decimal

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generations import schema
from generations.models import UsualPrice, format_dollars
from generations.pipeline.admin_alerts import alert_admins
from generations.queries.spending.prices import PriceKey, learned_prices, price_keys

logger = logging.getLogger(__name__)
# Relative to the price last reported; smaller changes are the normal variation of the provider's machines.
CHANGE_FACTOR = Decimal("0.15")


@dataclass(frozen=True)
class PriceChange:
    """Usual price of one kind of picture in US dollars, before and now."""

    model: schema.ParameterSchema
    kind: PriceKey
    before: Decimal
    now: Decimal

    @property
    def words(self) -> str:
        return f"{price_key_name(self.model, self.kind)}: {describe_change(self.before, self.now)}"


def describe_change(before: Decimal, now: Decimal) -> str:
    """Return a change as `$0.0152 → $0.0181 (+19%)`."""
    prices = {"before": format_dollars(before), "now": format_dollars(now)}
    if not before:
        return _("%(before)s → %(now)s") % prices
    return _("%(before)s → %(now)s (%(percent)s%%)") % {**prices, "percent": f"{(now - before) * 100 / before:+.0f}"}


def price_key_name(model: schema.ParameterSchema, kind: PriceKey) -> str:
    """Return a kind's display name, for example `Square, Fast`."""
    parameters = (model.by_role(role) for role in ("size", "speed"))
    options = [one.option(name) for one, name in zip(parameters, kind, strict=True) if one and name]
    return ", ".join(_(one.label) for one in options if one) or _(model.title)


def check_prices() -> list[PriceChange]:
    """Compare each kind's median with the one last reported, and send one email about those that moved over 15 %.

    The first known median is stored without an email. Of two sweepers only one reports a change.
    """
    changes = [
        change
        for model in schema.load().values()
        for kind, price in learned_prices(model.id, price_keys(model)).items()
        if (change := _changed(model, kind, price.usual))
    ]
    if changes:
        lines = [one.words for one in changes]
        logger.warning("what pictures usually cost has moved: %s", "; ".join(lines))
        alert_admins(_("Picture prices have changed"), _email(lines))
    return changes


def _changed(model: schema.ParameterSchema, kind: PriceKey, price: Decimal) -> PriceChange | None:
    row, first = UsualPrice.objects.get_or_create(
        model=model.id, size=kind[0], speed=kind[1], defaults={"price": price}
    )
    if first or abs(price - row.price) <= row.price * CHANGE_FACTOR:
        return None
    mine = UsualPrice.objects.filter(pk=row.pk, price=row.price)
    if not mine.update(price=price, previous=row.price, reported_at=Now()):
        return None
    return PriceChange(model, kind, row.price, price)


def _email(lines: list[str]) -> str:
    text = _("The usual price (median of recent pictures) has moved by more than 15% since the last alert:")
    after = _("New requests reserve the new price. You'll get the next alert when a price moves by that much again.")
    return "\n".join([text, "", *lines, "", after])
