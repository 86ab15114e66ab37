from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from generations.models.generations import Generation
from generations.models.teams import Team


class ViewHistoryEntry(models.Model):
    """When a user last opened a picture; only the latest of each user and team are kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="view_history", db_index=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="view_history")
    viewed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = _("view history entries")
        constraints = [
            models.UniqueConstraint(fields=["user", "generation"], name="view_history_once"),
        ]
        indexes = [
            # The page "Recently viewed", and the pruning of older rows.
            models.Index(fields=["user", "team", "-viewed_at"], name="view_history_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.generation_id}"
