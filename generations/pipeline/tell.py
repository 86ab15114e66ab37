"""Mail to the people who run the site. Whatever is told is in the log as well."""

import logging

from django.core.mail import EmailMessage, get_connection

from generations.models import User

logger = logging.getLogger(__name__)


def tell_admins(subject: str, text: str) -> None:
    """To every active superuser; a mail server that is away must not stop what the caller is about."""
    addresses = list(User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True))
    try:
        mails = [EmailMessage(f"[HiDream Gallery] {subject}", text, None, [address]) for address in addresses]
        get_connection().send_messages(mails)
    except Exception:  # whatever a mail server or its library may raise
        logger.exception("the administrators could not be told: %s", subject)
