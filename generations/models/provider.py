from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generations.models.former import keep_number
from generations.models.ids import uuid7


class PauseCause(models.TextChoices):
    """Why nothing is sent; the most important ones come first and are the ones shown."""

    BY_HAND = "by_hand", _("paused by a site admin")
    KEY = "key", _("the API key was rejected")
    ACCOUNT = "account", _("the account can't use this model")
    CREDITS = "credits", _("no credits left")
    LIMIT = "limit", _("spending limit reached")
    DISK = "disk", _("the disk is full")
    UNUSABLE = "unusable", _("charged pictures aren't delivered")
    FAILING = "failing", _("the provider keeps failing")


class ProviderPause(models.Model):
    """An open state of the circuit breaker: nothing is sent to the provider, for any team, while `ended_at` is null.

    One open pause for each cause. `probe_at` is when the cause may next be probed, `probes` the number of probes;
    `needed` and `balance` are US dollars.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cause = models.CharField(max_length=10, choices=PauseCause.choices)
    reason = models.TextField()
    started_at = models.DateTimeField(db_default=Now())
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_started_by = models.BigIntegerField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_ended_by = models.BigIntegerField(null=True, editable=False)
    end_reason = models.TextField(blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    probes = models.PositiveIntegerField(default=0)
    needed = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    balance = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=PauseCause.values), name="pause_cause_is_known"),
            models.UniqueConstraint(
                fields=["cause"], condition=Q(ended_at__isnull=True), name="pause_one_open_per_cause"
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        words = {"cause": PauseCause(self.cause).label, "time": _day_and_time(self.started_at)}
        return gettext("%(cause)s since %(time)s") % words


class AdminAlertThrottle(models.Model):
    """When the administrators were last notified; one row for each kind of alert."""

    kind = models.CharField(primary_key=True, max_length=50)
    alerted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.kind} at {self.alerted_at:%Y-%m-%d %H:%M}"


class Mode(models.TextChoices):
    """What the site runs as: a demo with the emulator; the emulator for real users; a real provider with a key."""

    DEMO = "demo"
    EMULATOR = "emulator"
    LIVE = "live"


class SiteMode(models.Model):
    """The mode in which the site was last started, and since when. One row.

    Balances and comparisons from before `since` are about another provider's account. Null: the mode never changed.
    """

    mode = models.CharField(max_length=8, choices=Mode.choices)
    since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="site_mode_is_one"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="site_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} since {self.since}"


class OfThisProvider(models.QuerySet[Any]):
    def of_this_provider(self, column: str) -> "OfThisProvider":
        """Return the rows whose `column` is a time since the site last changed its provider."""
        return self.filter(~Exists(SiteMode.objects.filter(since__gte=OuterRef(column))))


class BalanceReading(models.Model):
    """What the provider's account can spend at a moment, as the provider reports it; US dollars."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    credits = models.DecimalField(max_digits=20, decimal_places=10)
    free_credits = models.DecimalField(max_digits=20, decimal_places=10)
    read_at = models.DateTimeField(db_default=Now())

    objects = OfThisProvider.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return gettext("$%(amount)s at %(time)s") % {"amount": f"{self.total:.4f}", "time": _day_and_time(self.read_at)}

    @property
    def total(self) -> Decimal:
        return self.credits + self.free_credits


def _day_and_time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
