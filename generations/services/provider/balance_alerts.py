"""Alert to administrators that the provider's balance is about to run out: once, until it has recovered."""

import logging

from django.utils import timezone

from generations.conf import conf
from generations.models import AdminAlertThrottle
from generations.pipeline.admin_alerts import alert_admins
from generations.queries.provider.balance import KIND
from generations.queries.spending.review import CreditLeft, credit_left

logger = logging.getLogger(__name__)
# Keyed by whether the site uses the emulator.
HOW_TO_TOP_UP = {
    False: "Top up at https://cloud.segmind.com under Billing, or turn on auto-recharge there.",
    True: "The emulator stands in for the provider here, so no money is needed; docs/emulator.md tops it up.",
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
    _, first = AdminAlertThrottle.objects.get_or_create(kind=KIND)
    if not first:
        return False
    subject = f"The provider’s balance lasts {found.lasting}"
    logger.warning("%s: $%.4f at $%.4f a day", subject, found.total, found.pace)
    if not alert_admins(subject, _text(found, least)):
        AdminAlertThrottle.objects.filter(kind=KIND).delete()
        return False
    return True


def _text(found: CreditLeft, least: int) -> str:
    read_at = timezone.localtime(found.read_at)
    days = f"{least} day{'' if least == 1 else 's'}"
    return (
        f"The provider’s account had ${found.total:.4f} at {read_at:%H:%M %Z} on {read_at.day} {read_at:%B %Y}. At the "
        f"present pace of ${found.pace:.4f} a day ({found.basis}) that lasts {found.lasting}.\n\n"
        "When it is used up, orders wait and go on by themselves after a top-up; nothing is lost. "
        f"{HOW_TO_TOP_UP[conf().emulated]} The new balance is read within an hour.\n\n"
        f"Balance and readings: {conf().site_url}/provider/\n"
        f"What all teams spend: {conf().site_url}/credits/\n\n"
        f"You are told once, and again only after the balance has lasted {days} or longer. BALANCE_ALERT_DAYS sets "
        "this number; 0 turns it off."
    )
