from datetime import timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generations.models.generations import Generation
from generations.models.ids import uuid7
from generations.models.provider import SiteMode

# How far the provider's history reaches back; older calls are not listed any more.
HISTORY_RETENTION = timedelta(days=31)
# Downloads of one paid file. The intervals double from ten seconds, so that the last try is almost six hours after the
# first and outlasts an outage of the file host.
MAX_DOWNLOADS = 12
# Where the file's host is not allowed. An administrator has to add it; the answer can be reprocessed afterwards.
UNLISTED_EXPIRY = timedelta(days=1)


class AttemptState(models.TextChoices):
    RESERVED = "reserved", _("Reserved")
    RELEASED = "released", _("Released")
    SENT = "sent", _("Sent")
    ANSWERED = "answered", _("Response received")
    STORED = "stored", _("Stored")
    REJECTED = "rejected", _("Rejected")
    NOT_BILLED = "not_billed", _("Not billed")
    UNKNOWN = "unknown", _("Outcome unknown")


class CostSource(models.TextChoices):
    """Who named the price of an attempt, as its page shows it."""

    HEADER = "header", _("the x-cost header of the response")
    BODY = "body", _("metrics.cost in the response")
    TIME = "time", _("generation time × published rate (estimate)")
    HISTORY = "history", _("the provider's history")
    PERSON = "person", _("a person who marked it as lost (estimate)")
    SITE = "site", _("this site, because no price was reported (estimate)")


class Rejection(models.TextChoices):
    """Why an attempt that was charged brought no picture."""

    UNUSABLE = "unusable", _("paid, not delivered")
    NOT_DOWNLOADED = "not_downloaded", _("paid, not delivered")
    LOST_IN_TRANSIT = "lost_in_transit", _("paid, lost in transit")
    ANSWER_GONE = "answer_gone", _("paid, response no longer on disk")
    SUPERSEDED = "superseded", _("paid, another try came first")


OPEN = [AttemptState.RESERVED, AttemptState.SENT, AttemptState.ANSWERED]
NEVER_SENT = [AttemptState.RESERVED, AttemptState.RELEASED]


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of_this_provider(self) -> "AttemptQuerySet":
        """Return the attempts that were sent since the site last changed its provider."""
        return self.filter(~Exists(SiteMode.objects.filter(since__gte=OuterRef("sent_at"))))


class Attempt(models.Model):
    """One POST to the provider, recorded before it is sent; the only thing that can cost money.

    reserved → sent → answered → stored | rejected; reserved → released; sent → not_billed | unknown;
    sent → rejected when the headers of its answer arrived and the body did not;
    unknown → answered | not_billed, and straight to rejected when its answer comes after another try has begun;
    rejected → answered when an administrator has it reprocessed, or its picture is found at the provider.
    Amounts are US dollars.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    # Which of the generation's holds pays for it.
    hold_number = models.PositiveSmallIntegerField(db_default=1)
    seed = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=AttemptState.choices, default=AttemptState.RESERVED)
    estimate = models.DecimalField(max_digits=20, decimal_places=10)
    cost = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    # True when the provider named no price, so that `cost` is an estimate of this site.
    cost_estimated = models.BooleanField(default=False)
    # Who named `cost`; empty while there is none.
    cost_source = models.CharField(max_length=10, choices=CostSource.choices, blank=True, db_default="")
    # The allowed headers of the answer, without secrets: values by lower-case name.
    headers = models.JSONField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # 0 without an answer from the provider; null when the worker died before the end of the call.
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    generation_seconds = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    reported_seed = models.BigIntegerField(null=True, blank=True)
    remaining_credits = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    reason = models.TextField(blank=True)
    # Why it is rejected; empty in every other state.
    rejection = models.CharField(max_length=16, choices=Rejection.choices, blank=True, db_default="")
    # While its file is on another host: how often the download was tried, when it is tried next (null once the file is
    # on this site's disk), and why the last try failed.
    download_count = models.PositiveSmallIntegerField(db_default=0)
    next_download_at = models.DateTimeField(null=True, blank=True)
    download_error = models.TextField(blank=True, db_default="")
    # How often, and when last, an unknown outcome was looked up at the provider; when it is looked up next.
    lookup_count = models.PositiveSmallIntegerField(db_default=0)
    last_lookup_at = models.DateTimeField(null=True, blank=True)
    next_lookup_at = models.DateTimeField(null=True, blank=True)
    # Why the provider's history could not be read at the last lookup.
    lookup_error = models.TextField(blank=True, db_default="")

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "number"], name="attempt_number_once"),
            # Two open attempts of one generation are impossible, whatever the code does.
            models.UniqueConstraint(
                fields=["generation"], condition=Q(state__in=OPEN), name="attempt_one_open_per_generation"
            ),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="attempt_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=NEVER_SENT) | Q(sent_at__isnull=False), name="attempt_sent_has_a_time"
            ),
            models.CheckConstraint(condition=Q(cost__isnull=True) | Q(cost__gte=0), name="attempt_cost_not_negative"),
        ]
        indexes = [
            # Unknown outcomes that the reconciler looks up, and the money that is held for them.
            models.Index(fields=["id"], condition=Q(state="unknown"), name="attempt_unknown"),
            # Charges without a price, until the history names it.
            models.Index(fields=["id"], condition=Q(cost_estimated=True), name="attempt_estimated"),
            # Pictures that were lost in transit, which the provider may still have.
            models.Index(fields=["id"], condition=Q(rejection="lost_in_transit"), name="attempts_lost_in_transit"),
            # The admin: attempts by state, and the attempt of a request id that the provider names.
            models.Index(fields=["state", "-id"], name="attempts_by_state"),
            models.Index(fields=["request_id"], name="attempts_by_request_id"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.generation_id} ({self.state})"

    @property
    def is_beyond_history(self) -> bool:
        """Return whether it is too old for the provider's history to prove anything, above all by its absence."""
        return self.sent_at is not None and self.sent_at <= timezone.now() - HISTORY_RETENTION
