"""Notifications visible to a user.

Hides those about deleted or no longer visible pictures, and approval requests that the user can no longer decide.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from generations.models import (
    MANAGERS,
    ApprovalRequest,
    BudgetAlert,
    Generation,
    Membership,
    Notification,
    NotificationKind,
    NotificationPreference,
    Report,
    User,
    uuid7_time,
)
from generations.permissions import MODERATORS, REVIEWERS
from generations.queries.activity.activity import ActivityGroup, action
from generations.queries.site.keyset import Cursor, page

PAGE_SIZE = 60
MAX_COUNTED = 200


@dataclass(frozen=True)
class NotificationGroup:
    """Notifications of one action, or a single alert, approval request or report; `id` is the newest one's."""

    id: uuid.UUID
    kind: str
    activity: ActivityGroup | None
    alert: BudgetAlert | None
    request: ApprovalRequest | None
    report: Report | None
    team: str
    unread: bool
    # Address of the pictures, the approval requests or the reports; empty for an alert.
    place: str = ""

    @property
    def at(self) -> datetime:
        return self.activity.at if self.activity else uuid7_time(self.id)


@dataclass(frozen=True)
class PreferenceRow:
    """A user's preferences for one kind of notification, as the account page shows them."""

    kind: str
    words: str
    on_site: bool
    by_email: bool


def visible_notifications(user: User) -> "QuerySet[Notification]":
    """Return the user's notifications whose picture, limit, approval request or report they can see now."""
    seen = Generation.objects.visible_to(user).shown().order_by().filter(pk=OuterRef("activity__generation"))
    others = _limits_seen(user) | _requests_seen(user) | _reports_seen(user)
    return Notification.objects.filter(Q(Exists(seen)) | others, user=user)


def _limits_seen(user: User) -> Q:
    """Return the filter for limit alerts.

    Managers see those of the team and its members, members their own, and superusers those of limits set by the site.
    """
    here = Membership.objects.filter(user=user, team=OuterRef("alert__budget__team"))
    seen = Q(Exists(here.filter(role__in=MANAGERS))) | Q(Exists(here), alert__budget__person=user)
    seen |= Q(alert__isnull=False, alert__budget__team=None, alert__budget__person=user)
    return seen | Q(alert__budget__by_site=True) if user.is_superuser else seen


def _requests_seen(user: User) -> Q:
    """Return the filter for approval requests: open ones for reviewers, decisions for the requester."""
    here = Membership.objects.filter(user=user, team=OuterRef("request__team"))
    decides = Q(Exists(here.filter(role__in=REVIEWERS)), kind=NotificationKind.REQUESTED)
    return decides | Q(Exists(here), kind=NotificationKind.DECIDED, request__requested_by=user)


def _reports_seen(user: User) -> Q:
    """Return the filter for reports of pictures: those of the teams whose reports the user decides about."""
    return Q(Exists(Membership.objects.filter(user=user, team=OuterRef("report__team"), role__in=MODERATORS)))


def notifications_page(user: User, before: uuid.UUID | None) -> tuple[list[NotificationGroup], uuid.UUID | None]:
    """Return a page of groups, newest first, and the id for the next page or None, in a constant number of queries."""
    found = page(with_activity(visible_notifications(user).filter(on_site=True)), Cursor(before=before), PAGE_SIZE)
    return group_notifications(found.rows), found.older


def with_activity(rows: "QuerySet[Notification]") -> "QuerySet[Notification]":
    """Load what a notification shows, in a constant number of queries."""
    act = ("actor", "collection", "comment", "generation__image", "team")
    budget = (f"alert__budget__{name}" for name in ("team", "person", "collection"))
    request = (f"request__{name}" for name in ("team", "requested_by", "decided_by"))
    report = (f"report__{name}" for name in ("team", "reporter", "decided_by"))
    return rows.select_related("activity", *budget, *request, *report).prefetch_related(
        *(f"activity__{name}" for name in act)
    )


def group_notifications(rows: list[Notification]) -> list[NotificationGroup]:
    """Group neighbouring notifications of the same action and kind."""
    return [_told(list(same)) for _, same in groupby(rows, _together)]


def _together(row: Notification) -> tuple[object, str]:
    return (row.activity.group_id if row.activity else row.alert_id or row.request_id or row.report_id, row.kind)


def unread_count(user: User) -> int:
    """Return the number of unread groups among the user's newest MAX_COUNTED unread notifications."""
    unread = {"on_site": True, "read_at": None}
    # Every page asks, and mostly there are none: what may be seen is a query that takes Django milliseconds to write.
    if not Notification.objects.filter(user=user, **unread).exists():
        return 0
    rows = visible_notifications(user).filter(**unread).order_by("-id")
    return len(set(rows.values_list("activity__group_id", "alert", "request", "report", "kind")[:MAX_COUNTED]))


def same_group(notification: Notification) -> "QuerySet[Notification]":
    """Return the notifications that are grouped with this one."""
    rows = Notification.objects.filter(user=notification.user_id, kind=notification.kind)
    if notification.activity is None:
        return rows.filter(pk=notification.pk)
    return rows.filter(activity__group_id=notification.activity.group_id)


def notifications_in_group(user: User, notification: Notification) -> NotificationGroup:
    """Return the group of one of the user's notifications, as the page shows it."""
    rows = visible_notifications(user).filter(pk__in=same_group(notification).values("pk"))
    return group_notifications(list(with_activity(rows).order_by("-id")))[0]


def notification_preferences(user: User) -> list[PreferenceRow]:
    """Return the user's switches for every kind; on where the user set none."""
    saved = {row.kind: row for row in NotificationPreference.objects.filter(user=user)}
    return [
        PreferenceRow(kind.value, str(kind.label), row.on_site if row else True, row.by_email if row else True)
        for kind in NotificationKind
        for row in [saved.get(kind.value)]
    ]


def _told(rows: list[Notification]) -> NotificationGroup:
    first = rows[0]
    unread = any(row.read_at is None for row in rows)
    if first.alert is not None:
        return NotificationGroup(first.id, first.kind, None, first.alert, None, None, first.alert.budget.place, unread)
    if first.request is not None:
        team, place = first.request.team, reverse("approvals", args=[first.request.team.slug])
        return NotificationGroup(first.id, first.kind, None, None, first.request, None, team.name, unread, place)
    if first.report is not None:
        team, place = first.report.team, reverse("reports", args=[first.report.team.slug])
        return NotificationGroup(first.id, first.kind, None, None, None, first.report, team.name, unread, place)
    activity = [row.activity for row in rows if row.activity]
    group = action(activity)
    team = activity[0].team
    return NotificationGroup(first.id, first.kind, group, None, None, None, team.name, unread, _place(group, team.slug))


def _place(group: ActivityGroup, slug: str) -> str:
    """Return the address of the pictures: the collection if several were added to it, else the picture's page."""
    if group.collection is not None and len(group.generations) > 1:
        return reverse("collection", args=[slug, group.collection.pk])
    return reverse("detail", args=[group.generations[0].pk]) + ("#comments" if group.comments else "")
