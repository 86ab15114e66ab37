"""What a person is told, and where she wants to be told it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations.access import person
from generations.models import Digest, Notification, NotificationKind, ReviewLetter, User, id_from
from generations.queries.activity.notifications import notifications_page, spoken_of, told_with, with_acts
from generations.services.activity import notifications as service
from generations.services.spending import report_emails
from generations.services.spending.limit_alerts import place_of_limit
from generations.views.activity.activity_rows import told_lines
from generations.views.site.requests import form_only, next_of


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    user = person(request)
    before = id_from(request.GET.get("before", ""))
    rows, older = notifications_page(user, before)
    if before and not rows:
        return redirect("notifications")
    context = {
        "lines": told_lines(rows, user),
        "newest": rows[0].id if rows and not before else "",
        "unread": any(one.unread for one in rows),
        "older_url": f"{request.path}?before={older}" if older else "",
        "newest_url": request.path if before else "",
    }
    return render(request, "activity/notifications.html", context)


@form_only
def open_one(request: HttpRequest, notification: uuid.UUID) -> HttpResponse:
    """Read, and on to what it tells of."""
    user = person(request)
    row = _notification(user, notification)
    service.mark_read(actor=user, notification=row)
    if row.request is not None:
        return redirect(f"{reverse('requests', args=[row.request.team.slug])}#asked-{row.request_id}")
    if row.alert is not None:
        return redirect(place_of_limit(user, row.alert.budget))
    return redirect(told_with(user, row).place)


@form_only
def read(request: HttpRequest, notification: uuid.UUID) -> HttpResponse:
    user = person(request)
    service.mark_read(actor=user, notification=_notification(user, notification))
    return redirect(next_of(request) or "notifications")


@form_only
def read_all(request: HttpRequest) -> HttpResponse:
    newest = id_from(request.POST.get("newest", ""))
    if newest:
        service.mark_all_read(actor=person(request), newest=newest)
    return redirect("notifications")


@form_only
def switches(request: HttpRequest) -> HttpResponse:
    """The boxes are named `site-<kind>` and `mail-<kind>`; one that is not ticked is not sent."""
    said = request.POST
    digest = said.get("digest", "")
    if digest not in Digest.values:
        messages.error(request, "Choose how often you want a letter.")
        return redirect(f"{reverse('account')}#notifications")
    wishes = {kind: (f"site-{kind}" in said, f"mail-{kind}" in said) for kind in NotificationKind}
    user = person(request)
    service.set_switches(actor=user, digest=Digest(digest), wishes=wishes)
    report_emails.want(actor=user, wished={every for every in ReviewLetter.Every if f"letter-{every}" in said})
    messages.success(request, "Saved.")
    return redirect(f"{reverse('account')}#notifications")


def _notification(user: User, notification: uuid.UUID) -> Notification:
    return get_object_or_404(with_acts(spoken_of(user)), id=notification)
