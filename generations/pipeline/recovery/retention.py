"""Deletion of what is kept for a time only: prompts of approval requests, visits, notifications, sessions."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from generations.models import (
    TRASH_DAYS,
    ApprovalRequest,
    Generation,
    Notification,
    Session,
    ShareVisit,
    uuid7_min,
)

VISIT_DAYS = 90
NOTIFICATION_DAYS = 90
BATCH_SIZE = 100


def delete_old_prompts() -> int:
    """Delete the prompts of approval requests decided long ago whose pictures are all purged; return how many.

    The parameters go; the number of pictures and the price stay.
    """
    left = Generation.objects.filter(batch=OuterRef("batch"), purged_at=None)
    over = ApprovalRequest.objects.filter(
        ~Exists(left), decided_at__lte=Now() - timedelta(days=TRASH_DAYS), prompts_deleted=False
    )
    rows = list(over[:BATCH_SIZE])
    for row in rows:
        row.cells, row.prompts_deleted = [{} for _ in row.cells], True
    return ApprovalRequest.objects.bulk_update(rows, ["cells", "prompts_deleted"])


def delete_old_visits() -> int:
    """Delete visits of share links that are older than 90 days; return how many."""
    return ShareVisit.objects.filter(at__lte=Now() - timedelta(days=VISIT_DAYS)).delete()[0]


def delete_expired_sessions() -> int:
    """Delete expired sessions with the data in them; return how many."""
    return Session.objects.filter(expire_date__lt=Now()).delete()[0]


def delete_old_notifications() -> int:
    """Delete notifications older than 90 days, read or not; return how many."""
    return Notification.objects.filter(id__lt=uuid7_min(timezone.now() - timedelta(days=NOTIFICATION_DAYS))).delete()[0]
