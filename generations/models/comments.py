from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from generations.models.former import keep_number
from generations.models.generations import Generation
from generations.models.ids import uuid7, uuid7_time

if TYPE_CHECKING:
    from datetime import datetime


class Comment(models.Model):
    """A comment of a team member on a picture; plain text."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_author = models.BigIntegerField(null=True, editable=False)
    text = models.TextField()
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The comments of a picture, newest first.
            models.Index(fields=["generation", "-id"], name="comments_of_picture"),
        ]

    def __str__(self) -> str:
        return f"comment {self.id} on {self.generation_id}"

    @property
    def created_at(self) -> "datetime":
        return uuid7_time(self.id)
