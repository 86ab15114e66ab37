from django.db import models
from django.db.models.functions import Now

from generations.models.ids import uuid7


class RateLimitUse(models.Model):
    """One use of a rate-limited action. `subject` is whose limit it is: a user, an address, a network or the site."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(max_length=30)
    # For an address or a network its keyed hash, because it is personal data.
    subject = models.CharField(max_length=50)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # The number of uses within a window, oldest first.
            models.Index(fields=["action", "subject", "at"], name="rate_limit_uses_in_window"),
        ]

    def __str__(self) -> str:
        return f"{self.action} · {self.subject or '—'} · {self.at:%Y-%m-%d %H:%M}"
