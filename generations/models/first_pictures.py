from django.db import models
from django.db.models import Q

from generations.models.generations import Generation
from generations.models.teams import Team


class FirstPicture(models.Model):
    """The picture with which a team tried the provider, and the balance of its account around it; US dollars.

    `balance_after` and `read_at` are null until the balance was read after the picture was finished. A picture that
    failed may be tried again: the row then has the newer one.
    """

    team = models.OneToOneField(Team, models.CASCADE, primary_key=True, related_name="first_picture")
    generation = models.OneToOneField(Generation, models.CASCADE, related_name="+")
    balance_before = models.DecimalField(max_digits=20, decimal_places=10)
    balance_after = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(balance_after__isnull=True, read_at__isnull=True)
                | Q(balance_after__isnull=False, read_at__isnull=False),
                name="first_picture_balance_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.generation_id)
