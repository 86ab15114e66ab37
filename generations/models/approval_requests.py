import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from generations.models.collections import Collection
from generations.models.former import keep_number
from generations.models.generations import Generation
from generations.models.ids import uuid7
from generations.models.teams import Team, Visibility


class RequestState(models.TextChoices):
    PENDING = "pending", gettext_lazy("Pending")
    APPROVED = "approved", gettext_lazy("Approved")
    REFUSED = "refused", gettext_lazy("Declined")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")


class ApprovalRequest(models.Model):
    """An approval request: generations above the team's approval limit, neither held nor queued until approved.

    pending → approved | refused | withdrawn. `cells` are the complete parameters of each picture; `estimate` is US
    dollars for all of them at the time of the request. After the approval its pictures are the batch `batch`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="approval_requests", db_index=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="approval_requests")
    client_key = models.UUIDField(null=True, blank=True)
    model = models.CharField(max_length=100)
    cells = models.JSONField()
    estimate = models.DecimalField(max_digits=20, decimal_places=10)
    collection = models.ForeignKey(Collection, models.SET_NULL, null=True, blank=True, related_name="+")
    visibility = models.CharField(max_length=8, choices=Visibility.choices)
    remix_of = models.ForeignKey(Generation, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.PENDING)
    requested_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_decided_by = models.BigIntegerField(null=True, editable=False)
    note = models.TextField(blank=True)
    # True after its prompts were deleted, with its last picture or some time after a refusal.
    prompts_deleted = models.BooleanField(default=False, db_default=False)
    batch = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="approval_request_state_is_known"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="approval_request_visibility_is_known"
            ),
            models.UniqueConstraint(
                fields=["requested_by", "client_key"],
                condition=Q(client_key__isnull=False),
                name="approval_request_once_per_form",
            ),
        ]
        indexes = [
            # Requests that wait for a manager, and the page of all requests of a team.
            models.Index(fields=["team", "state", "-id"], name="approval_requests_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"
