from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.activity import Activity
from generations.models.identity import uuid7


class NotificationKind(models.TextChoices):
    """What a person can be told of, in the words of her account page."""

    MENTION = "mention", "Somebody mentions me in a comment"
    COMMENT = "comment", "Somebody comments on a picture of mine"
    COLLECTED = "collected", "Somebody puts a picture of mine into a collection"
    SHARED = "shared", "Somebody makes a link to a picture of mine"


class Notification(models.Model):
    """What one person is told; the words come from the activity, as far as she may see its picture at that moment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False)
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    # Where it is told, by the person's switches when it was written.
    on_site = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # The digest that took it, and when; one notification stands in one digest.
    mailed_at = models.DateTimeField(null=True, blank=True)
    letter = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="notification_kind_is_known"),
            # Who is mentioned under a picture of her own is told once.
            models.UniqueConstraint(fields=["user", "activity"], name="notification_once"),
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
