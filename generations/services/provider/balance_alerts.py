"""Alert to administrators that the provider's balance is about to run out: once, until it has recovered."""

import logging

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.conf import conf
from generations.models import AdminAlertThrottle
from generations.pipeline.admin_alerts import alert_admins
from generations.queries.provider.balance import KIND
from generations.queries.spending.review import CreditLeft, credit_left

logger = logging.getLogger(__name__)
# Keyed by whether the site uses the emulator.
HOW_TO_TOP_UP = {
    False: gettext_lazy("Top up at https://cloud.segmind.com under Billing, or turn on auto-recharge there."),
    True: gettext_lazy("This site uses the emulator, so no money is needed; docs/emulator.md says how to top it up."),
}


def check_balance() -> bool:
    """Alert the administrators if the balance runs low; return whether an email was sent now.

    An email that no mail server accepts is retried by the next check. Off when BALANCE_ALERT_DAYS is 0.
    """
    found, least = credit_left(), conf().balance_alert_days
    if found is None:
        return False
    if not found.lasts_less_than(least):
        AdminAlertThrottle.objects.filter(kind=KIND).delete()
        return False
    # Of two sweepers only the one that inserts the row sends the alert.
    first = AdminAlertThrottle.objects.get_or_create(kind=KIND)[1]
    if not first:
        return False
    subject = _("The provider's balance will last %(time)s") % {"time": found.lasting}
    logger.warning("%s: $%.4f at $%.4f a day", subject, found.total, found.pace)
    if not alert_admins(subject, _text(found, least)):
        AdminAlertThrottle.objects.filter(kind=KIND).delete()
        return False
    return True


def _text(found: CreditLeft, least: int) -> str:
    site = conf().site_url
    balance = _(
        "The provider's account had $%(total)s on %(time)s. At your current pace of $%(pace)s a day (%(basis)s), "
        "that will last %(lasting)s."
    ) % {
        "total": number_format(found.total, 2),
        "time": date_format(timezone.localtime(found.read_at), "DATETIME_FORMAT"),
        "pace": number_format(found.pace, 2),
        "basis": found.basis,
        "lasting": found.lasting,
    }
    effect = _("When it runs out, pictures stay queued and continue automatically after a top-up; nothing is lost.")
    links = _("Balance history: %(balance)s\nSpending across teams: %(spending)s") % {
        "balance": f"{site}/provider/", "spending": f"{site}/credits/",
    }  # fmt: skip
    once = ngettext(
        "You'll get this alert once, and again only after the balance has lasted %(days)s day or longer."
        " BALANCE_ALERT_DAYS sets this number; 0 turns it off.",
        "You'll get this alert once, and again only after the balance has lasted %(days)s days or longer."
        " BALANCE_ALERT_DAYS sets this number; 0 turns it off.",
        least,
    ) % {"days": least}
    soon = _("The new balance is read within an hour.")
    return f"{balance}\n\n{effect} {HOW_TO_TOP_UP[conf().emulated]} {soon}\n\n{links}\n\n{once}"
