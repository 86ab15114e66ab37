from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.activity import Activity
from generations.models.approval_requests import BatchRequest
from generations.models.ids import uuid7
from generations.models.spending import BudgetAlert


class NotificationKind(models.TextChoices):
    """What a person can be told of, in the words of her account page."""

    MENTION = "mention", "Somebody mentions me in a comment"
    COMMENT = "comment", "Somebody comments on a picture of mine"
    COLLECTED = "collected", "Somebody puts a picture of mine into a collection"
    SHARED = "shared", "Somebody makes a link to a picture of mine"
    LIMIT = "limit", "A limit of spending comes near, is passed or reached"
    ASKED = "asked", "A large order waits, and I may decide about it"
    DECIDED = "decided", "A large order of mine is approved or refused"


def _one_of(*names: str) -> Q:
    """Exactly one of these columns says something."""
    return reduce(or_, (Q(**{f"{one}__isnull": one != said for one in names}) for said in names))


class Notification(models.Model):
    """What one person is told: of an activity, of a limit of spending or of a large order; the words come from there,
    as far as she may see its picture, the limit or the order at that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False)
    activity = models.ForeignKey(Activity, models.CASCADE, null=True, related_name="notifications")
    alert = models.ForeignKey(BudgetAlert, models.CASCADE, null=True, related_name="notifications")
    request = models.ForeignKey(BatchRequest, models.CASCADE, null=True, related_name="notifications")
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    # Where it is told, by the person's switches when it was written.
    on_site = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # The digest that took it, and when; one notification stands in one digest. Of a large order a letter goes at once.
    mailed_at = models.DateTimeField(null=True, blank=True)
    letter = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="notification_kind_is_known"),
            # Who is mentioned under a picture of her own is told once.
            models.UniqueConstraint(fields=["user", "activity"], name="notification_once"),
            models.UniqueConstraint(fields=["user", "alert"], name="notification_of_limit_once"),
            models.UniqueConstraint(fields=["user", "request", "kind"], name="notification_of_request_once"),
            models.CheckConstraint(
                condition=_one_of("activity", "alert", "request"), name="notification_is_of_one_thing"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_of_person"),
            # The count on every page.
            models.Index(fields=["user", "-id"], condition=Q(read_at__isnull=True), name="notifications_unread"),
            # The next digest.
            models.Index(
                fields=["user", "id"],
                condition=Q(by_mail=True, mailed_at__isnull=True, read_at__isnull=True),
                name="notifications_to_mail",
            ),
            # Letters that do not wait for a digest.
            models.Index(
                fields=["id"],
                condition=Q(by_mail=True, mailed_at__isnull=True, read_at__isnull=True, alert__isnull=False),
                name="notifications_to_mail_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NotificationSwitch(models.Model):
    """Where a person is told of a kind; without a row in both places."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="switches", db_index=False)
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    site = models.BooleanField(default=True)
    mail = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="switch_kind_is_known"),
            models.UniqueConstraint(fields=["user", "kind"], name="switch_once_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: site {self.site}, mail {self.mail}"


class ReviewLetter(models.Model):
    """A person wants a letter with what was spent, each week or each month; without a row she gets none.

    `sent_for` is the first day of the latest week or month that is settled: its letter went, or she had not asked
    for one yet.
    """

    class Every(models.TextChoices):
        WEEK = "week", "each Monday"
        MONTH = "month", "on the first of each month"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="review_letters", db_index=False)
    every = models.CharField(max_length=5, choices=Every.choices)
    sent_for = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(every__in=["week", "month"]), name="review_letter_every_is_known"),
            models.UniqueConstraint(fields=["user", "every"], name="review_letter_once"),
        ]
        indexes = [
            # Those that are due.
            models.Index(fields=["every", "sent_for"], name="review_letters_due"),
        ]

    def __str__(self) -> str:
        return f"each {self.every} for {self.user_id}"
