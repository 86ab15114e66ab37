"""Emails to the administrators of the site, and a throttle for them. Throttled alerts are logged as well."""

import logging
from datetime import timedelta

from django.core.mail import send_mass_mail
from django.db.models.functions import Now

from generations.models import AdminAlertThrottle, User

logger = logging.getLogger(__name__)
ALERT_INTERVAL = timedelta(hours=1)


def alert_admins(subject: str, text: str) -> bool:
    """Email every active superuser; return False when the mail server fails, which must not stop the caller."""
    addresses = list(User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True))
    try:
        send_mass_mail([(f"[HiDream Gallery] {subject}", text, None, [address]) for address in addresses])
    except Exception:  # a mail server or its library may raise anything
        logger.exception("the administrators could not be told: %s", subject)
        return False
    return True


def alert_admins_throttled(kind: str, subject: str, text: str) -> bool:
    """Email and log, at most once an hour for each kind; return whether this call did.

    Of several processes that call at once, one sends.
    """
    _, first = AdminAlertThrottle.objects.get_or_create(kind=kind)
    if first or AdminAlertThrottle.objects.filter(kind=kind, alerted_at__lte=Now() - ALERT_INTERVAL).update(
        alerted_at=Now()
    ):
        logger.error("%s: %s", subject, text)
        alert_admins(subject, text)
        return True
    return False
