"""Telling people of what was done with their pictures, and what they want to be told."""

import uuid
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.models import (
    Activity,
    BatchRequest,
    BudgetAlert,
    Digest,
    Membership,
    Notification,
    NotificationKind,
    NotificationSwitch,
    Team,
    User,
)
from generations.queries.activity.notifications import same_group, visible_notifications


def notify_authors(*, actor: User, team: Team, kind: NotificationKind, activity: Sequence[Activity]) -> None:
    """Whoever made the pictures, unless she did it herself or is not in the team any more."""
    made = [(row.generation.author_id, row) for row in activity if row.generation and row.generation.author_id]
    authors = {author for author, _ in made} - {actor.pk}
    here = Membership.objects.filter(team=team, user__in=authors, user__is_active=True) if authors else None
    there = set(here.values_list("user", flat=True)) if here is not None else set()
    notify(kind, [(author, row) for author, row in made if author in there])


def notify(kind: NotificationKind, pairs: Some[tuple[int, Activity]]) -> None:
    """Each of these people of this activity, where her switches want it; who was told of it already is not again."""
    _write([Notification(user_id=user, activity=activity, kind=kind) for user, activity in pairs], kind)


def notify_limit(alert: BudgetAlert, people: Some[int]) -> None:
    """Each of these people, where her switches want it."""
    kind = NotificationKind.LIMIT
    _write([Notification(user_id=user, alert=alert, kind=kind) for user in people], kind)


def notify_approval_request(request: BatchRequest, kind: NotificationKind, people: Some[int]) -> list[Notification]:
    """Each of these people, where her switches want it. Letters go at once, so that no digest takes them."""
    rows = [Notification(user_id=user, request=request, kind=kind, mailed_at=timezone.now()) for user in people]
    return _write(rows, kind)


def leave_to_digest(row: Notification) -> None:
    """Leave to the next digest what could not be sent at once."""
    Notification.objects.filter(pk=row.pk).update(mailed_at=None)


def close_approval_request(request: BatchRequest) -> None:
    """Decided or withdrawn, it waits for nobody any more."""
    Notification.objects.filter(request=request, kind=NotificationKind.ASKED, read_at=None).update(read_at=Now())


def _write(rows: list[Notification], kind: NotificationKind) -> list[Notification]:
    """Those that are wanted somewhere."""
    if not rows:
        return []
    switches = NotificationSwitch.objects.filter(kind=kind, user__in={row.user_id for row in rows})
    wishes = {row.user_id: (row.site, row.mail) for row in switches}
    for row in rows:
        row.on_site, row.by_mail = wishes.get(row.user_id, (True, True))
    wanted = [row for row in rows if row.on_site or row.by_mail]
    Notification.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=500)
    return wanted


def mark_read(*, actor: User, notification: Notification) -> int:
    """With all that is told together with it."""
    return same_group(notification).filter(user=actor, read_at=None).update(read_at=Now())


def mark_all_read(*, actor: User, newest: uuid.UUID) -> int:
    """Up to the newest one that was shown: what came meanwhile nobody has seen."""
    ids = visible_notifications(actor).filter(on_site=True, read_at=None, id__lte=newest).values("id")
    return Notification.objects.filter(id__in=list(ids.values_list("id", flat=True))).update(read_at=Now())


@transaction.atomic
def set_preferences(*, actor: User, digest: Digest, wishes: Mapping[NotificationKind, tuple[bool, bool]]) -> None:
    """`wishes` are the pairs (on the site, by mail). What waits for a digest goes with its switch."""
    User.objects.filter(pk=actor.pk).update(digest=digest)
    for kind, (site, mail) in wishes.items():
        NotificationSwitch.objects.update_or_create(user=actor, kind=kind, defaults={"site": site, "mail": mail})
    silent = [kind for kind, (_, mail) in wishes.items() if not mail]
    waiting = Notification.objects.filter(user=actor, by_mail=True, mailed_at=None, read_at=None)
    waiting.filter(kind__in=silent).update(by_mail=False)
