from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.former import keep_number
from generations.models.ids import uuid7
from generations.models.provider import OfThisProvider

ZERO = Decimal(0)


class Verdict(models.TextChoices):
    """Whether the provider's figures match the ledger."""

    AGREES = "agrees", _("Matches")
    # A difference that the provider's own delay, or calls of unknown outcome, may explain.
    WAITS = "waits", _("Pending")
    DIFFERS = "differs", _("Differs")


class Reconciliation(models.Model):
    """One comparison of the ledger with the provider's figures, between two readings of its balance. US dollars.

    `booked` is what the ledger has for calls of that time, of all teams; `balance_decrease` is how far the balance
    fell; `history` the sum of the provider's own list, null when it could not be read (`history_error` is the reason).
    `unknown_amount` is the sum of the estimates of unknown outcomes, `in_flight` what was running at either reading.
    `DiscrepancyExplanation` has which of the `discrepancies` are explained now.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    checked_at = models.DateTimeField(db_default=Now())
    # Who started it; null for the site itself.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+", db_index=False)
    former_by = models.BigIntegerField(null=True, editable=False)
    booked = models.DecimalField(max_digits=20, decimal_places=10)
    balance_decrease = models.DecimalField(max_digits=20, decimal_places=10)
    history = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    history_rows = models.PositiveIntegerField(default=0)
    history_error = models.TextField(blank=True)
    unknown_count = models.PositiveIntegerField(default=0)
    unknown_amount = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    in_flight = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    tolerance = models.DecimalField(max_digits=20, decimal_places=10)
    # The unexplained amount then, of the balance and of the history.
    unexplained = models.DecimalField(max_digits=20, decimal_places=10)
    unexplained_history = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    discrepancies = models.JSONField(default=list)
    # The difference that this run reported to the administrators.
    alerted = models.DecimalField(max_digits=20, decimal_places=10, null=True)

    objects = OfThisProvider.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="reconciliation_verdict_is_known"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verdict} at {self.checked_at:%Y-%m-%d %H:%M}"

    @property
    def difference(self) -> Decimal:
        """Return the decrease of the balance that the ledger lacks; negative when it is less, or after a top-up."""
        return self.balance_decrease - self.booked

    @property
    def beyond(self) -> Decimal:
        """Return the amount in the history that the ledger lacks; zero when the history could not be read."""
        return ZERO if self.history is None else self.history - self.booked


class Reason(models.TextChoices):
    """Why the provider's figures may differ from ours without a fault on either side."""

    TOP_UP = "top_up", _("top-up")
    EXPIRED = "expired", _("expired credits")
    ELSEWHERE = "elsewhere", _("API key used elsewhere")
    UNLISTED = "unlisted", _("call missing from the history")
    ESTIMATE = "estimate", _("our estimate")
    ROUNDING = "rounding", _("rounding")
    OTHER = "other", _("something else")


class DiscrepancyExplanation(models.Model):
    """An administrator's explanation of a discrepancy. Triggers in the database reject changes and deletions.

    A wrong one is revoked by another row with the opposite amounts. `amount` is the decrease of the balance that the
    ledger lacks (negative for a top-up), `listed` the amount in the provider's history that the ledger lacks; US
    dollars. It counts for comparisons whose time includes its `ends`. `key` identifies the discrepancy, so that it
    cannot be explained twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    amount = models.DecimalField(max_digits=20, decimal_places=10)
    listed = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    note = models.TextField(blank=True)
    # No constraint: a user may be deleted, but the row must not be changed.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField(db_default=Now())
    key = models.CharField(max_length=120)
    # Above one after an explanation of the same discrepancy was revoked.
    revision = models.PositiveSmallIntegerField(default=1)
    # Explanations of one request share an id, and are revoked together.
    group_id = models.UUIDField(default=uuid7)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="explanation_reason_is_known"),
            models.UniqueConstraint(fields=["key", "revision"], name="explanation_once"),
            models.CheckConstraint(condition=Q(begins__lte=models.F("ends")), name="explanation_ends_last"),
        ]
        indexes = [
            # The explanations that count for a comparison.
            models.Index(fields=["ends"], name="explanations_by_time"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reason} {self.amount}"
