"""Digest emails with a user's unread notifications."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from generations.conf import conf
from generations.models import Digest, Notification, User, uuid7_min
from generations.queries.activity.notifications import group_notifications, visible_notifications, with_activity
from generations.services.site import mail

MORNING = 7
# Older notifications are left out, so that a mail server which was down for long does not bring them all at once.
DIGEST_KINDS = timedelta(days=7)
MAX_IN_ONE_EMAIL = 200
MAX_LISTED = 40
MAX_PER_ROUND = 500


def send_due() -> int:
    """Send the digests that are due and return how many; the next call retries those that no mail server accepts."""
    if not conf().mail_configured:
        return 0
    return mail.send_each(send_to, list(_due()[:MAX_PER_ROUND]), "digests")


def send_to(user: User) -> bool | None:
    """Send one user's digest; return whether the mail server accepted it.

    None: there was nothing to send, or another sweeper claimed it.
    """
    letter = uuid.uuid4()
    claimed = _claim(user, letter)
    if not claimed:
        return None
    rows = with_activity(Notification.objects.filter(email_id=letter)).order_by("-id")
    news = group_notifications(list(rows))
    words = {"user": user, "count": len(news), "news": news[:MAX_LISTED], "more": max(0, len(news) - MAX_LISTED)}
    if mail.send("digest", user.email, site=conf().site_url, **words):
        return True
    _release(user, letter)
    return False


def _due() -> "QuerySet[User]":
    news = _waiting(Notification.objects.filter(user=OuterRef("pk")))
    return User.objects.filter(_may_get_one(), Exists(news), is_active=True).order_by("digest_at", "pk")


def _waiting(rows: "QuerySet[Notification]") -> "QuerySet[Notification]":
    """Return those that wait for a digest.

    Limit alerts have emails of their own; so have approval requests, unless those exceeded the hourly mail limit.
    """
    rows = rows.filter(alert=None)
    return rows.filter(by_email=True, emailed_at=None, read_at=None, id__gte=uuid7_min(timezone.now() - DIGEST_KINDS))


def _may_get_one() -> Q:
    """Return the filter for users whose hour or day has begun since their last digest.

    Periods start by the clock: counted from the last digest, each one would be sent a little later than the one before.
    """
    now = timezone.localtime()
    hour = now.replace(minute=0, second=0, microsecond=0)
    begins = {Digest.HOURLY: hour, Digest.DAILY: _morning(now)}
    waited = Q()
    for digest, begin in begins.items():
        waited |= Q(digest=digest) & (Q(digest_at=None) | Q(digest_at__lt=begin))
    return waited


def _morning(now: datetime) -> datetime:
    today = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


@transaction.atomic
def _claim(user: User, letter: uuid.UUID) -> int:
    """Mark the user's waiting notifications as sent in this digest and return how many.

    Moving `digest_at` is one conditional UPDATE, so of two sweepers only one claims them.
    """
    ids = list(_waiting(visible_notifications(user)).order_by("-id").values_list("id", flat=True)[:MAX_IN_ONE_EMAIL])
    if not ids or not User.objects.filter(_may_get_one(), pk=user.pk, is_active=True).update(digest_at=Now()):
        return 0
    return Notification.objects.filter(id__in=ids, emailed_at=None).update(emailed_at=Now(), email_id=letter)


@transaction.atomic
def _release(user: User, letter: uuid.UUID) -> None:
    Notification.objects.filter(email_id=letter).update(emailed_at=None, email_id=None)
    User.objects.filter(pk=user.pk).update(digest_at=user.digest_at)
