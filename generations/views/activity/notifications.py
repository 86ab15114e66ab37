"""Notifications of the user, and by which channels they receive them."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.access import current_user, notification_or_404
from generations.models import Digest, NotificationKind, SpendingReportSubscription, parse_uuid
from generations.queries.activity.notifications import (
    notifications_in_group,
    notifications_page,
)
from generations.services.activity import notifications as service
from generations.services.spending import report_emails
from generations.services.spending.limit_alerts import place_of_limit
from generations.views.activity.activity_rows import NotificationRow, notification_rows
from generations.views.site.rendering import render_page
from generations.views.site.requests import get_next_url, require_post


@dataclass(frozen=True)
class NotificationsPage:
    lines: list[NotificationRow]
    newest: uuid.UUID | None
    unread: bool
    older_url: str
    newest_url: str


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    before = parse_uuid(request.GET.get("before", ""))
    rows, older = notifications_page(user, before)
    if before and not rows:
        return redirect("notifications")
    page = NotificationsPage(
        lines=notification_rows(rows, user),
        newest=rows[0].id if rows and not before else None,
        unread=any(one.unread for one in rows),
        older_url=f"{request.path}?before={older}" if older else "",
        newest_url=request.path if before else "",
    )
    return render_page(request, "activity/notifications.html", page)


@require_post
def open_one(request: HttpRequest, notification: uuid.UUID) -> HttpResponse:
    """Mark the notification as read and redirect to its subject."""
    user = current_user(request)
    row = notification_or_404(user, notification)
    service.mark_read(actor=user, notification=row)
    if row.request is not None:
        return redirect(f"{reverse('approvals', args=[row.request.team.slug])}#asked-{row.request_id}")
    if row.report is not None:
        return redirect(f"{reverse('reports', args=[row.report.team.slug])}#report-{row.report_id}")
    if row.alert is not None:
        return redirect(place_of_limit(user, row.alert.budget))
    return redirect(notifications_in_group(user, row).place)


@require_post
def read(request: HttpRequest, notification: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    service.mark_read(actor=user, notification=notification_or_404(user, notification))
    return redirect(get_next_url(request) or "notifications")


@require_post
def read_all(request: HttpRequest) -> HttpResponse:
    newest = parse_uuid(request.POST.get("newest", ""))
    if newest:
        service.mark_all_read(actor=current_user(request), newest=newest)
    return redirect("notifications")


@require_post
def change_preferences(request: HttpRequest) -> HttpResponse:
    """Save the preferences.

    The boxes are named `site-<kind>` and `mail-<kind>`; an unticked box is absent from the form.
    """
    said = request.POST
    digest = said.get("digest", "")
    if digest not in Digest.values:
        messages.error(request, _("Choose how often you want digest emails."))
        return redirect(f"{reverse('account')}#notifications")
    wishes = {kind: (f"site-{kind}" in said, f"mail-{kind}" in said) for kind in NotificationKind}
    user = current_user(request)
    service.set_preferences(actor=user, digest=Digest(digest), wishes=wishes)
    report_emails.set_subscriptions(
        actor=user, wished={every for every in SpendingReportSubscription.Interval if f"letter-{every}" in said}
    )
    messages.success(request, _("Notification settings saved."))
    return redirect(f"{reverse('account')}#notifications")
