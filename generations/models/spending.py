from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.models.collections import Collection
from generations.models.former import keep_number
from generations.models.ids import uuid7
from generations.models.ledger import Budget
from generations.models.teams import Team
from generations.models.totals import format_dollars


class SpendingDay(models.Model):
    """What a team was charged on one day of the site's time zone, for one kind of picture and one person.

    Summed from entries once the day is over, by `ledger.days` alone, and always equal to them: deleted rows can be
    rebuilt. Without an `author` the user was deleted, and `former_author` is their number; without a `model` the charge
    is for no picture. `failed` is the part for pictures that had failed when the day was summed; `ledger.outdated`
    lists the days where it may have changed.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_author = models.BigIntegerField(null=True, editable=False)
    # The collection the pictures were generated for.
    collection = models.ForeignKey(Collection, models.SET_NULL, null=True, related_name="+")
    model = models.CharField(max_length=100, blank=True)
    size = models.CharField(max_length=40, blank=True)
    speed = models.CharField(max_length=40, blank=True)
    # US dollars with adjustments; the number of charges.
    spent = models.DecimalField(max_digits=20, decimal_places=10)
    charges = models.PositiveIntegerField()
    failed = models.DecimalField(max_digits=20, decimal_places=10, default=0, db_default=0)
    failed_charges = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            # A team's days; the page of all teams; a person's and a collection's days for their limits.
            models.Index(fields=["team", "day"], name="spending_by_day"),
            models.Index(fields=["day"], name="spending_of_all_by_day"),
            models.Index(fields=["team", "author", "day"], name="spending_by_person"),
            models.Index(fields=["team", "collection", "day"], name="spending_by_collection"),
        ]

    def __str__(self) -> str:
        return _("%(amount)s on %(day)s") % {"amount": format_dollars(self.spent), "day": self.day}


class SpendingWatermark(models.Model):
    """How far days are summed: every day before `through`, by the clocks of `zone`. One row.

    The outcomes of pictures that ended before `outcomes_checked_at` are in the sums.
    """

    through = models.DateField()
    zone = models.CharField(max_length=60)
    outcomes_checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="spending_watermark_is_one")]

    def __str__(self) -> str:
        return _("through %(day)s (%(zone)s)") % {"day": self.through, "zone": self.zone}


class SignOff(models.Model):
    """A user's sign-off of a team's month. Triggers keep the row unchanged, and reject new entries in the month.

    `month` is its first day, `until` the first id after it; `statement` the review as it was signed, figures as text.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="sign_offs", db_index=False)
    month = models.DateField()
    until = models.UUIDField()
    # No constraint: a user may be deleted, but the row must not be changed.
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    signed_at = models.DateTimeField(db_default=Now())
    note = models.TextField(blank=True)
    spent = models.DecimalField(max_digits=20, decimal_places=10)
    entries = models.PositiveIntegerField()
    statement = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "month"], name="sign_off_once_per_month")]
        ordering = ["-month"]
        verbose_name = gettext_lazy("sign-off")
        verbose_name_plural = gettext_lazy("sign-offs")

    def __str__(self) -> str:
        return f"{date_format(self.month, 'YEAR_MONTH_FORMAT')}: {format_dollars(self.spent)}"


class BudgetAlert(models.Model):
    """A record that users were notified of a limit: once for each threshold and each of its days or months.

    `threshold` is per cent of the limit; `PROJECTED` when the month is expected to exceed it, and `SOFT` when the soft
    limit is exceeded. `used` of `limit` are the figures of that moment, US dollars; another amount is another limit.
    """

    PROJECTED = 0
    SOFT = 1

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    budget = models.ForeignKey(Budget, models.CASCADE, related_name="alerts", db_index=False)
    begins = models.DateField()
    threshold = models.PositiveSmallIntegerField()
    used = models.DecimalField(max_digits=20, decimal_places=10)
    limit = models.DecimalField(max_digits=20, decimal_places=10)
    alerted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "begins", "threshold", "limit"], name="budget_alert_once"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold}% · {self.budget_id} · {self.begins}"
