from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.models.attempts import Attempt
from generations.models.generations import Generation
from generations.models.ids import uuid7
from generations.models.teams import Team
from generations.models.totals import format_amount


class EntryType(models.TextChoices):
    HOLD = "hold", gettext_lazy("Hold")
    RELEASE = "release", gettext_lazy("Release")
    CHARGE = "charge", gettext_lazy("Charge")
    ADJUST = "adjust", gettext_lazy("Adjustment")
    TOP_UP = "top_up", gettext_lazy("Top-up")


# Kinds of money spent, and of money reserved; the sum over all kinds is what is left.
SPENT = [EntryType.CHARGE, EntryType.ADJUST]
HELD = [EntryType.HOLD, EntryType.RELEASE]


class LedgerEntry(models.Model):
    """One movement of a team's money, posted by `ledger` and never changed: triggers in the database reject changes.

    `amount` is US dollars, signed by its effect on the money a team has left: holds and charges are negative, releases
    and top-ups positive, adjustments either. The same `idempotency_key` cannot be posted twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="ledger", db_index=False)
    kind = models.CharField(max_length=10, choices=EntryType.choices)
    amount = models.DecimalField(max_digits=20, decimal_places=10)
    idempotency_key = models.CharField(max_length=120, unique=True)
    generation = models.ForeignKey(Generation, models.PROTECT, null=True, related_name="ledger")
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, related_name="ledger")
    # True while the amount is this site's estimate, because the provider has named no price.
    estimated = models.BooleanField(default=False)
    # The user whose request or decision it was; null for the site itself. No constraint: a user may be deleted, but
    # their entries must not be changed.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryType.values), name="ledger_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=[EntryType.HOLD, EntryType.CHARGE], amount__lte=0)
                | Q(kind__in=[EntryType.RELEASE, EntryType.TOP_UP], amount__gte=0)
                | Q(kind=EntryType.ADJUST),
                name="ledger_sign_fits_kind",
            ),
        ]
        indexes = [
            # Sums over a team's months, answered by the index alone, with the pictures they are for.
            models.Index(fields=["team", "kind", "id", "generation", "amount"], name="ledger_sums"),
            # Holds of unfinished pictures, in one team or in all, independent of the size of the ledger.
            models.Index(fields=["generation", "kind", "id", "amount"], name="ledger_of_pictures"),
            # The admin's lists, newest first: by team, user, kind (with sums over all teams), and estimates.
            models.Index(fields=["team", "-id"], name="ledger_by_team"),
            models.Index(fields=["actor", "-id"], name="ledger_by_actor"),
            models.Index(fields=["kind", "-id", "amount"], name="ledger_by_kind"),
            models.Index(fields=["-id"], condition=Q(estimated=True), name="ledger_estimated"),
        ]
        verbose_name = gettext_lazy("ledger entry")
        verbose_name_plural = gettext_lazy("ledger entries")

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} ({self.idempotency_key})"


class Span(models.TextChoices):
    DAY = "day", gettext_lazy("Day")
    MONTH = "month", gettext_lazy("Month")


class Budget(models.Model):
    """A limit on spending in a calendar day or month of the site's time zone, US dollars; held money counts.

    It is for the whole team, for one person's pictures, or for what is generated for one collection. Without a team it
    counts all teams together: of everybody, or of one person. Exceeding `soft` sends an alert; exceeding `hard` rejects
    the request. Limits with `by_site` are set by the administrators, and the team cannot change them. Without a row
    nothing is limited.
    """

    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="budgets", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="budgets")
    collection = models.ForeignKey(
        "generations.Collection", models.CASCADE, null=True, blank=True, related_name="budgets"
    )
    span = models.CharField(max_length=5, choices=Span.choices, default=Span.MONTH, db_default=Span.MONTH)
    soft = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    hard = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    by_site = models.BooleanField(default=False, db_default=False)
    # Who set the present amounts, and when; null from the command line or the admin.
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    set_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(span__in=Span.values), name="budget_span_is_known"),
            models.CheckConstraint(condition=Q(hard__isnull=True) | Q(hard__gte=0), name="budget_hard_not_negative"),
            models.CheckConstraint(condition=Q(soft__isnull=True) | Q(soft__gte=0), name="budget_soft_not_negative"),
            models.CheckConstraint(
                condition=Q(hard__isnull=False) | Q(soft__isnull=False), name="budget_limits_something"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(collection__isnull=True), name="budget_is_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(by_site=True, collection__isnull=True),
                name="budget_over_all_teams_is_the_sites",
            ),
            models.UniqueConstraint(
                fields=["team", "span", "by_site"],
                condition=Q(person__isnull=True, collection__isnull=True),
                name="budget_once_per_team",
            ),
            models.UniqueConstraint(
                fields=["span"], condition=Q(team__isnull=True, person__isnull=True), name="budget_once_per_site"
            ),
            models.UniqueConstraint(
                fields=["person", "span"],
                condition=Q(team__isnull=True, person__isnull=False),
                name="budget_once_per_person_over_all_teams",
            ),
            models.UniqueConstraint(
                fields=["team", "person", "span"], condition=Q(person__isnull=False), name="budget_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["collection", "span"], condition=Q(collection__isnull=False), name="budget_once_per_collection"
            ),
        ]
        indexes = [
            # Every request reads the budgets of its team, and those over all teams.
            models.Index(fields=["team"], name="budgets_of_team"),
        ]

    def __str__(self) -> str:
        most = self.hard if self.hard is not None else self.soft
        named = {"amount": "" if most is None else format_amount(most), "name": self.subject}
        if self.span == Span.DAY:
            return _("%(amount)s per day: %(name)s") % named
        return _("%(amount)s per month: %(name)s") % named

    @property
    def subject(self) -> str:
        """Return whose spending is limited, as a label."""
        if self.person:
            return self.person.display_name
        if self.collection:
            return self.collection.name
        return self.team.name if self.team else _("All teams")

    @property
    def is_over_all_teams(self) -> bool:
        return self.team_id is None and self.collection_id is None

    @property
    def place(self) -> str:
        """Return the team whose spending it counts, in words."""
        return self.team.name if self.team else _("All teams")


class OverAllTeams(models.Manager["SiteLimit"]):
    def get_queryset(self) -> models.QuerySet["SiteLimit"]:
        return super().get_queryset().filter(team=None)


class SiteLimit(Budget):
    """The budgets that count all teams together, which have a list of their own in the admin."""

    objects = OverAllTeams()  # type: ignore[misc]  # fewer rows than the parent has

    class Meta:
        proxy = True
        verbose_name = gettext_lazy("limit across all teams")
        verbose_name_plural = gettext_lazy("limits across all teams")
