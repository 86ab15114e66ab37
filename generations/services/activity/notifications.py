"""Create notifications, mark them read, and set which ones a user gets."""

import uuid
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from generations.models import (
    Activity,
    ApprovalRequest,
    BudgetAlert,
    Digest,
    Membership,
    Notification,
    NotificationKind,
    NotificationPreference,
    Report,
    Team,
    User,
)
from generations.queries.activity.notifications import same_group, visible_notifications


def notify_authors(*, actor: User, team: Team, kind: NotificationKind, activity: Sequence[Activity]) -> None:
    """Notify the pictures' authors, except the actor and users who are not in the team any more."""
    made = [(row.generation.author_id, row) for row in activity if row.generation and row.generation.author_id]
    authors = {author for author, _ in made} - {actor.pk}
    here = Membership.objects.filter(team=team, user__in=authors, user__is_active=True) if authors else None
    there = set(here.values_list("user", flat=True)) if here is not None else set()
    notify(kind, [(author, row) for author, row in made if author in there])


def notify(kind: NotificationKind, pairs: Some[tuple[int, Activity]]) -> None:
    """Notify each user of their activity, as their switches allow; a user who was notified of it before is skipped."""
    _write([Notification(user_id=user, activity=activity, kind=kind) for user, activity in pairs], kind)


def notify_limit(alert: BudgetAlert, people: Some[int]) -> None:
    """Notify these users of a limit alert, as their switches allow."""
    kind = NotificationKind.LIMIT
    _write([Notification(user_id=user, alert=alert, kind=kind) for user in people], kind)


def notify_approval_request(request: ApprovalRequest, kind: NotificationKind, people: Some[int]) -> list[Notification]:
    """Notify these users, as their switches allow, and return the notifications that were created.

    They are created as already mailed, because their emails are sent at once and no digest should repeat them.
    """
    rows = [Notification(user_id=user, request=request, kind=kind, emailed_at=timezone.now()) for user in people]
    return _write(rows, kind)


def notify_report(report: Report, people: Some[int]) -> None:
    """Notify these users of a reported picture, as their switches allow."""
    kind = NotificationKind.REPORTED
    _write([Notification(user_id=user, report=report, kind=kind) for user in people], kind)


def close_reports(reports: "QuerySet[Report]") -> None:
    """Mark the notifications of decided reports as read."""
    Notification.objects.filter(report__in=reports.values("pk"), read_at=None).update(read_at=Now())


def leave_to_digest(row: Notification) -> None:
    """Leave a notification to the next digest, because its email could not be sent."""
    Notification.objects.filter(pk=row.pk).update(emailed_at=None)


def close_approval_request(request: ApprovalRequest) -> None:
    """Mark the managers' notifications of a decided or withdrawn request as read."""
    Notification.objects.filter(request=request, kind=NotificationKind.REQUESTED, read_at=None).update(read_at=Now())


def _write(rows: list[Notification], kind: NotificationKind) -> list[Notification]:
    """Create the notifications that their users want on the site or by email, and return them."""
    if not rows:
        return []
    switches = NotificationPreference.objects.filter(kind=kind, user__in={row.user_id for row in rows})
    wishes = {row.user_id: (row.on_site, row.by_email) for row in switches}
    for row in rows:
        row.on_site, row.by_email = wishes.get(row.user_id, (True, True))
    wanted = [row for row in rows if row.on_site or row.by_email]
    Notification.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=500)
    return wanted


def mark_read(*, actor: User, notification: Notification) -> int:
    """Mark a notification and the ones grouped with it as read; return how many."""
    return same_group(notification).filter(user=actor, read_at=None).update(read_at=Now())


def mark_all_read(*, actor: User, newest: uuid.UUID) -> int:
    """Mark everything up to `newest` as read, the newest one shown, since later ones were not seen.

    Return how many.
    """
    ids = visible_notifications(actor).filter(on_site=True, read_at=None, id__lte=newest).values("id")
    return Notification.objects.filter(id__in=list(ids.values_list("id", flat=True))).update(read_at=Now())


@transaction.atomic
def set_preferences(*, actor: User, digest: Digest, wishes: Mapping[NotificationKind, tuple[bool, bool]]) -> None:
    """Set the digest interval and the switches; `wishes` are pairs (on the site, by email).

    Notifications that wait for a digest are dropped from it if their kind is switched off.
    """
    User.objects.filter(pk=actor.pk).update(digest=digest)
    for kind, (site, mail) in wishes.items():
        NotificationPreference.objects.update_or_create(
            user=actor, kind=kind, defaults={"on_site": site, "by_email": mail}
        )
    silent = [kind for kind, (_, mail) in wishes.items() if not mail]
    waiting = Notification.objects.filter(user=actor, by_email=True, emailed_at=None, read_at=None)
    waiting.filter(kind__in=silent).update(by_email=False)
