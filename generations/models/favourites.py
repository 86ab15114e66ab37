from django.conf import settings
from django.db import models

from generations.models.generations import Generation


class Favourite(models.Model):
    """A user's star on a picture; all users have their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites", db_index=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # Also the index of the gallery's filter by favourite: a user's stars in the gallery's order.
            models.UniqueConstraint(fields=["user", "generation"], name="favourite_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ★ {self.generation_id}"
