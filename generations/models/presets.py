from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from generations.models.teams import Team


class Preset(models.Model):
    """Values of the composer under a name: all but the prompt, the seed and the collection.

    `values` are texts by the names of the form's fields, as they were chosen for `model`; what the model does not know
    any more is left out when they are read.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="presets")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="presets")
    name = models.CharField(max_length=60)
    model = models.CharField(max_length=100)
    values = models.JSONField()
    # True: shown to everybody in the team; False: to its author alone.
    shared = models.BooleanField(default=False)
    # The values of a fresh composer of everybody in the team.
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "author", "name"], name="preset_name_once"),
            models.UniqueConstraint(fields=["team"], condition=Q(is_default=True), name="preset_one_default_per_team"),
            models.CheckConstraint(condition=Q(is_default=False) | Q(shared=True), name="preset_default_is_shared"),
        ]

    def __str__(self) -> str:
        return self.name
