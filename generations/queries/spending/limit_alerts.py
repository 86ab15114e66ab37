"""Texts of limit alerts, the same on the site and in emails; they address the reader as "you"."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from generations.ledger import limit_name
from generations.models import BudgetAlert, Span, User, format_amount, format_dollars

ALL = 100


def headline(alert: BudgetAlert, reader: User) -> str:
    """Return the subject of the email, which is also the first line on the page."""
    limit = limit_name(alert.budget, reader)
    if alert.threshold == BudgetAlert.PROJECTED:
        return _("Spending is on track to exceed %(limit)s") % {"limit": limit}
    if alert.threshold == BudgetAlert.SOFT:
        warning = {"amount": format_amount(alert.limit), "limit": limit}
        return _("Spending passed the %(amount)s warning for %(limit)s") % warning
    if alert.threshold == ALL:
        return _("Spending reached %(limit)s") % {"limit": limit}
    return _("Spending reached %(percent)s%% of %(limit)s") % {"percent": alert.threshold, "limit": limit}


def sentence(alert: BudgetAlert, reader: User) -> str:
    """Return sentences with the amounts at the time of the alert."""
    limit = {"amount": format_amount(alert.limit)}
    if alert.threshold == BudgetAlert.PROJECTED:
        expected = {"expected": format_dollars(alert.used, 2), "month": date_format(alert.begins, "F"), **limit}
        return _("At this pace, about %(expected)s will be spent by the end of %(month)s. The limit is %(amount)s.") % (
            expected
        )
    if alert.threshold == BudgetAlert.SOFT:
        rest = _("The warning is set at %(amount)s. Requests still go through.") % limit
    elif alert.threshold == ALL and alert.budget.hard is not None:
        rest = _stopped(alert) % limit
    else:
        rest = _("The limit is %(amount)s.") % limit
    return f"{_figures(alert)} {rest}"


def _figures(alert: BudgetAlert) -> str:
    used = format_dollars(alert.used)
    if alert.budget.span == Span.DAY:
        day = date_format(alert.begins, "MONTH_DAY_FORMAT")
        return _("%(used)s was spent or reserved on %(day)s.") % {"used": used, "day": day}
    return _("%(used)s was spent or reserved in %(month)s.") % {"used": used, "month": date_format(alert.begins, "F")}


def _stopped(alert: BudgetAlert) -> str:
    if alert.budget.span == Span.DAY:
        return _(
            "The limit is %(amount)s. New requests are refused until the day is over; pictures in progress still "
            "finish."
        )
    return _(
        "The limit is %(amount)s. New requests are refused until the month is over; pictures in progress still finish."
    )
