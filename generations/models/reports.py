from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.models.former import keep_number
from generations.models.generations import Generation
from generations.models.ids import uuid7, uuid7_time
from generations.models.sharing import ShareLink
from generations.models.teams import Team

if TYPE_CHECKING:
    from datetime import datetime


class ReportReason(models.TextChoices):
    SEXUAL = "sexual", _("Sexual content")
    VIOLENCE = "violence", _("Violence or gore")
    HATE = "hate", _("Hate or harassment")
    PERSON = "person", _("Shows a real person without their consent")
    RIGHTS = "rights", _("Infringes copyright or a trademark")
    OTHER = "other", _("Something else")


class ReportState(models.TextChoices):
    OPEN = "open", _("Open")
    HIDDEN = "hidden", _("Hidden")
    DISMISSED = "dismissed", _("Dismissed")


class Report(models.Model):
    """A report of a picture by a member, or by a visitor of a share link.

    A manager hides the picture, or dismisses the report.

    open → hidden | dismissed. `visitor` is a keyed hash of one visitor and one picture, so that it identifies nobody;
    it is empty for a member.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="reports", db_index=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_reporter = models.BigIntegerField(null=True, editable=False)
    link = models.ForeignKey(ShareLink, models.SET_NULL, null=True, blank=True, related_name="+")
    visitor = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=10, choices=ReportReason.choices)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_decided_by = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=ReportReason.values), name="report_reason_is_known"),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="report_state_is_known"),
            # One open report of a picture by each member and each visitor.
            models.UniqueConstraint(
                fields=["generation", "reporter"],
                condition=Q(state="open", reporter__isnull=False),
                name="report_open_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["generation", "visitor"],
                condition=Q(state="open") & ~Q(visitor=""),
                name="report_open_once_per_visitor",
            ),
        ]
        indexes = [
            # The team's page of reports, the open ones first.
            models.Index(fields=["team", "state", "-id"], name="reports_by_state"),
        ]

    def __str__(self) -> str:
        return f"report {self.id} of {self.generation_id} ({self.state})"

    @property
    def created_at(self) -> "datetime":
        return uuid7_time(self.id)
