from django.db import models

from generations.models.folded import FoldedField, FoldedQuerySet
from generations.models.teams import Team


class BlockedWord(models.Model):
    """A word or phrase that a team does not allow in prompts; compared folded, as whole words."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="blocked_words", db_index=False)
    text = models.CharField(max_length=100)
    folded_text = FoldedField("text")

    objects = FoldedQuerySet["BlockedWord"].as_manager()

    class Meta:
        ordering = ["folded_text"]
        constraints = [
            models.UniqueConstraint(fields=["team", "folded_text"], name="blocked_word_once_per_team"),
        ]

    def __str__(self) -> str:
        return self.text
