from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from generations.models.folded import FoldedField, FoldedQuerySet
from generations.models.generations import Generation
from generations.models.teams import Team


class Tag(models.Model):
    """A word that a team puts on its pictures, in lower case; words that fold the same are one tag."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=40)
    folded_name = FoldedField("name")

    objects = FoldedQuerySet["Tag"].as_manager()

    class Meta:
        constraints = [
            # Also the index of the suggestions, by the letters typed so far.
            models.UniqueConstraint(fields=["team", "folded_name"], name="tag_once_per_team"),
            models.CheckConstraint(condition=Q(name=Lower("name")) & ~Q(name=""), name="tag_name_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", db_index=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="taggings")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # Also the index of the gallery's filter by tag.
            models.UniqueConstraint(fields=["tag", "generation"], name="tagging_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} · {self.generation_id}"
