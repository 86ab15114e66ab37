import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from generations.models.collections import Collection
from generations.models.comments import Comment
from generations.models.former import keep_number
from generations.models.generations import Generation
from generations.models.ids import uuid7, uuid7_time
from generations.models.teams import Team

if TYPE_CHECKING:
    from datetime import datetime


class ActivityKind(models.TextChoices):
    """Kinds of activity; creating a picture is not one, because its own row records that."""

    COLLECTED = "collected"
    SHARED = "shared"
    COMMENTED = "commented"


class Activity(models.Model):
    """Something that a user did in a team, inserted with it and never changed; one row for each picture.

    The rows of one action share an id. Without a picture the whole collection was shared.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group_id = models.UUIDField(default=uuid.uuid4)
    team = models.ForeignKey(Team, models.CASCADE, related_name="activity", db_index=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_actor = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(max_length=10, choices=ActivityKind.choices)
    generation = models.ForeignKey(Generation, models.CASCADE, null=True, blank=True, related_name="+")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = gettext_lazy("activities")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ActivityKind.values), name="activity_kind_is_known"),
            models.CheckConstraint(
                condition=Q(generation__isnull=False) | Q(collection__isnull=False), name="activity_is_about_something"
            ),
        ]
        indexes = [
            # The team's page, newest first.
            models.Index(fields=["team", "-id"], name="activity_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.generation_id or self.collection_id}"

    @property
    def created_at(self) -> "datetime":
        return uuid7_time(self.id)
