from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.models.activity import Activity
from generations.models.approval_requests import ApprovalRequest
from generations.models.ids import uuid7
from generations.models.reports import Report
from generations.models.spending import BudgetAlert


class NotificationKind(models.TextChoices):
    """Kinds of notifications, as the account page shows them."""

    MENTION = "mention", _("Someone mentions me in a comment")
    COMMENT = "comment", _("Someone comments on my picture")
    COLLECTED = "collected", _("Someone adds my picture to a collection")
    SHARED = "shared", _("Someone creates a link to my picture")
    LIMIT = "limit", _("A spending limit is close, passed or reached")
    REQUESTED = "requested", _("A request needs my approval")
    DECIDED = "decided", _("My request is approved or declined")
    REPORTED = "reported", _("Someone reports a picture in a team I manage")


def _one_of(*names: str) -> Q:
    """Return the condition that exactly one of these columns is not null."""
    return reduce(or_, (Q(**{f"{one}__isnull": one != said for one in names}) for said in names))


class Notification(models.Model):
    """A notification of one user about an activity, a limit on spending, an approval request or a report.

    The text is made from these when it is shown, as far as the user may see its subject then.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False)
    activity = models.ForeignKey(Activity, models.CASCADE, null=True, related_name="notifications")
    alert = models.ForeignKey(BudgetAlert, models.CASCADE, null=True, related_name="notifications")
    request = models.ForeignKey(ApprovalRequest, models.CASCADE, null=True, related_name="notifications")
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="notifications")
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    # Where it is shown, by the user's preferences when it was created.
    on_site = models.BooleanField(default=True)
    by_email = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # The email that contains it, and when it was sent; a notification is in one digest. Approval requests are emailed
    # at once.
    emailed_at = models.DateTimeField(null=True, blank=True)
    email_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="notification_kind_is_known"),
            # One notification for a user who is mentioned in a comment on their own picture.
            models.UniqueConstraint(fields=["user", "activity"], name="notification_once"),
            models.UniqueConstraint(fields=["user", "alert"], name="notification_of_limit_once"),
            models.UniqueConstraint(fields=["user", "request", "kind"], name="notification_of_request_once"),
            models.UniqueConstraint(fields=["user", "report"], name="notification_of_report_once"),
            models.CheckConstraint(
                condition=_one_of("activity", "alert", "request", "report"), name="notification_is_of_one_thing"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_of_person"),
            # The number on every page.
            models.Index(fields=["user", "-id"], condition=Q(read_at__isnull=True), name="notifications_unread"),
            # The next digest.
            models.Index(
                fields=["user", "id"],
                condition=Q(by_email=True, emailed_at__isnull=True, read_at__isnull=True),
                name="notifications_to_mail",
            ),
            # Emails that do not wait for a digest.
            models.Index(
                fields=["id"],
                condition=Q(by_email=True, emailed_at__isnull=True, read_at__isnull=True, alert__isnull=False),
                name="notifications_to_mail_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NotificationPreference(models.Model):
    """A user's preferences for one kind of notification; without a row it is shown on the site and emailed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences", db_index=False
    )
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    on_site = models.BooleanField(default=True)
    by_email = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="notification_preference_kind_is_known"
            ),
            models.UniqueConstraint(fields=["user", "kind"], name="notification_preference_once_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: on site {self.on_site}, by email {self.by_email}"


class SpendingReportSubscription(models.Model):
    """A user's subscription to an email about spending, each week or each month; without a row none is sent.

    `sent_for` is the first day of the latest week or month that is settled: its email was sent, or the subscription is
    younger.
    """

    class Interval(models.TextChoices):
        WEEK = "week", _("every Monday")
        MONTH = "month", _("on the first of every month")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_subscriptions", db_index=False
    )
    interval = models.CharField(max_length=5, choices=Interval.choices)
    sent_for = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(interval__in=["week", "month"]), name="report_subscription_interval_is_known"
            ),
            models.UniqueConstraint(fields=["user", "interval"], name="report_subscription_once"),
        ]
        indexes = [
            # The subscriptions that are due.
            models.Index(fields=["interval", "sent_for"], name="report_subscriptions_due"),
        ]

    def __str__(self) -> str:
        return f"each {self.interval} for {self.user_id}"
