from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from generations.models.ids import uuid7
from generations.models.provider import OfThisProvider

ZERO = Decimal(0)


class Verdict(models.TextChoices):
    """Whether the provider's figures are ours."""

    AGREES = "agrees", "yes"
    # A difference that the provider's own delay, or calls whose outcome is unknown, may explain.
    WAITS = "waits", "not yet"
    DIFFERS = "differs", "no"


class Reconciliation(models.Model):
    """One comparison of the ledger with what the provider says, between two readings of its balance. US dollars.

    `booked` is what this site's ledger has for calls of that time, of all teams; `fall` what the balance lost;
    `history` what the provider's own list says, null where it could not be read (`trouble` says why). `doubtful` is the
    sum of the estimates of calls in doubt, `slack` what was under way at either reading. `findings` is the evidence for
    differences as it was then; which of them have a name by now is asked of `NamedDifference`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    checked_at = models.DateTimeField(db_default=Now())
    # Who asked; null for the site itself.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    booked = models.DecimalField(max_digits=20, decimal_places=10)
    fall = models.DecimalField(max_digits=20, decimal_places=10)
    history = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    rows = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)
    doubts = models.PositiveIntegerField(default=0)
    doubtful = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    slack = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    tolerance = models.DecimalField(max_digits=20, decimal_places=10)
    # What had no name then, of the balance and of the history.
    unnamed = models.DecimalField(max_digits=20, decimal_places=10)
    unlisted = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    findings = models.JSONField(default=list)
    # The difference that the administrators were told of by this one.
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
        """What the account lost beyond the books; below zero when it lost less, or got money."""
        return self.fall - self.booked

    @property
    def beyond(self) -> Decimal:
        """What the history lists beyond the books; nothing where it could not be read."""
        return ZERO if self.history is None else self.history - self.booked


class Reason(models.TextChoices):
    """What may make the provider's figures differ from ours with nobody at fault."""

    TOP_UP = "top_up", "top-up"
    EXPIRED = "expired", "credits that expired"
    ELSEWHERE = "elsewhere", "somebody used the key elsewhere"
    UNLISTED = "unlisted", "the history has lost a call"
    ESTIMATE = "estimate", "our estimate"
    ROUNDING = "rounding", "rounding"
    OTHER = "other", "something else"


class NamedDifference(models.Model):
    """A person has said what a difference was. Rows are only ever added, and triggers in the database refuse the rest:
    a wrong one is taken back by another with the opposite figures.

    `amount` is what the account lost by it beyond the books (a top-up is below zero), `listed` what the provider's
    history has by it beyond the books; US dollars. It counts for comparisons whose time holds its `ends`. `key` names
    the evidence it was made from, so that one finding cannot be named twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    amount = models.DecimalField(max_digits=20, decimal_places=10)
    listed = models.DecimalField(max_digits=20, decimal_places=10, default=ZERO)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    note = models.TextField(blank=True)
    # No constraint: a person may be deleted, the row may not be changed.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField(db_default=Now())
    key = models.CharField(max_length=120)
    # Above one after a name for the same was taken back.
    round = models.PositiveSmallIntegerField(default=1)
    # What one click has named bears one id, and is taken back as one.
    together = models.UUIDField(default=uuid7)
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, related_name="taken_back_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="named_difference_reason_is_known"),
            models.UniqueConstraint(fields=["key", "round"], name="named_difference_once"),
            models.CheckConstraint(condition=Q(begins__lte=models.F("ends")), name="named_difference_ends_last"),
        ]
        indexes = [
            # What counts for a comparison.
            models.Index(fields=["ends"], name="named_differences_by_time"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reason} {self.amount}"
