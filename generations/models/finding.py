from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.generations import Generation
from generations.models.teams import Team


class Viewing(models.Model):
    """When a user last opened a picture; only the latest of each user and team are kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="viewings", db_index=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="viewings")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "generation"], name="viewing_once"),
        ]
        indexes = [
            # The page "Recently viewed", and the pruning of older rows.
            models.Index(fields=["user", "team", "-at"], name="viewings_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} saw {self.generation_id}"


class SavedSearch(models.Model):
    """The filters of a gallery's address, under a name.

    `parameters` are the filters as parsed, not as typed; each reader's permissions are checked whenever it is opened.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="saved_searches")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=60)
    parameters = models.JSONField()
    # True: shown to everybody in the team; False: to its author alone.
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "saved searches"

    def __str__(self) -> str:
        return self.name
