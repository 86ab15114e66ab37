"""Letters with what a person was told on the site and has not read."""

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
# What is older is no news; a mail server that was away for long must not bring it all at once.
DIGEST_KINDS = timedelta(days=7)
MAX_IN_ONE_EMAIL = 200
MAX_LISTED = 40
MAX_PER_ROUND = 500


def send_due() -> int:
    """How many letters went. A letter that no mail server takes is owed, and tried again by the next call."""
    if not conf().mail_configured:
        return 0
    return mail.send_each(send_to, list(_due()[:MAX_PER_ROUND]), "digests")


def send_to(user: User) -> bool | None:
    """Whether the mail server took it; None when there was nothing to send, or another sweeper was faster."""
    letter = uuid.uuid4()
    claimed = _claim(user, letter)
    if not claimed:
        return None
    rows = with_activity(Notification.objects.filter(letter=letter)).order_by("-id")
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
    """What is told of limits has emails of its own; so have large orders, unless there was no room for theirs."""
    rows = rows.filter(alert=None)
    return rows.filter(by_mail=True, mailed_at=None, read_at=None, id__gte=uuid7_min(timezone.now() - DIGEST_KINDS))


def _may_get_one() -> Q:
    """One an hour or one a day, by the clock: an hour after the last one, each would come a little later."""
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
    """Of two sweepers one moves the person's time, and only that one takes her notifications."""
    ids = list(_waiting(visible_notifications(user)).order_by("-id").values_list("id", flat=True)[:MAX_IN_ONE_EMAIL])
    if not ids or not User.objects.filter(_may_get_one(), pk=user.pk, is_active=True).update(digest_at=Now()):
        return 0
    return Notification.objects.filter(id__in=ids, mailed_at=None).update(mailed_at=Now(), letter=letter)


@transaction.atomic
def _release(user: User, letter: uuid.UUID) -> None:
    Notification.objects.filter(letter=letter).update(mailed_at=None, letter=None)
    User.objects.filter(pk=user.pk).update(digest_at=user.digest_at)
