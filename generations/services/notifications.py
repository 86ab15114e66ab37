"""Telling people of what was done with their pictures, and what they want to be told."""

import uuid
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models.functions import Now

from generations.models import (
    Activity,
    Digest,
    Membership,
    Notification,
    NotificationKind,
    NotificationSwitch,
    Team,
    User,
)
from generations.queries.notifications import same_act, spoken_of


def tell_authors(*, actor: User, team: Team, kind: NotificationKind, activity: Sequence[Activity]) -> None:
    """Whoever made the pictures, unless she did it herself or is not in the team any more."""
    made = [(row.generation.author_id, row) for row in activity if row.generation and row.generation.author_id]
    authors = {author for author, _ in made} - {actor.pk}
    here = Membership.objects.filter(team=team, user__in=authors, user__is_active=True) if authors else None
    there = set(here.values_list("user", flat=True)) if here is not None else set()
    tell(kind, [(author, row) for author, row in made if author in there])


def tell(kind: NotificationKind, pairs: Some[tuple[int, Activity]]) -> None:
    """Each of these people of this activity, where her switches want it; who was told of it already is not again."""
    if not pairs:
        return
    switches = NotificationSwitch.objects.filter(kind=kind, user__in={user for user, _ in pairs})
    wishes = {row.user_id: (row.site, row.mail) for row in switches}
    rows = []
    for user, activity in pairs:
        on_site, by_mail = wishes.get(user, (True, True))
        if on_site or by_mail:
            rows.append(Notification(user_id=user, activity=activity, kind=kind, on_site=on_site, by_mail=by_mail))
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def mark_read(*, actor: User, notification: Notification) -> int:
    """With all that is told together with it."""
    return same_act(notification).filter(user=actor, read_at=None).update(read_at=Now())


def mark_all_read(*, actor: User, newest: uuid.UUID) -> int:
    """Up to the newest one that was shown: what came meanwhile nobody has seen."""
    ids = spoken_of(actor).filter(on_site=True, read_at=None, id__lte=newest).values("id")
    return Notification.objects.filter(id__in=list(ids.values_list("id", flat=True))).update(read_at=Now())


@transaction.atomic
def set_switches(*, actor: User, digest: Digest, wishes: Mapping[NotificationKind, tuple[bool, bool]]) -> None:
    """`wishes` are the pairs (on the site, by mail). What waits for a digest goes with its switch."""
    User.objects.filter(pk=actor.pk).update(digest=digest)
    for kind, (site, mail) in wishes.items():
        NotificationSwitch.objects.update_or_create(user=actor, kind=kind, defaults={"site": site, "mail": mail})
    silent = [kind for kind, (_, mail) in wishes.items() if not mail]
    waiting = Notification.objects.filter(user=actor, by_mail=True, mailed_at=None, read_at=None)
    waiting.filter(kind__in=silent).update(by_mail=False)
