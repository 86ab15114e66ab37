from django.db import models
from django.db.models.functions import Now


class UsualPrice(models.Model):
    """What a picture of one kind usually costs, US dollars, as last reported to the administrators or first known.

    `previous` is the price of the report before that.
    """

    model = models.CharField(max_length=100)
    size = models.CharField(max_length=40, blank=True)
    speed = models.CharField(max_length=40, blank=True)
    price = models.DecimalField(max_digits=20, decimal_places=10)
    previous = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    reported_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "size", "speed"], name="usual_price_once_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.size} {self.speed}: ${self.price}"
