from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.folded import FoldedField, FoldedQuerySet
from generations.models.generations import Generation
from generations.models.ids import uuid7
from generations.models.teams import MAX_COST_CENTRE_LENGTH, Team


class CollectionOrder(models.TextChoices):
    DATE = "date", _("Newest first")
    HAND = "hand", _("Manual")


class Collection(models.Model):
    """Pictures of one team that belong together; a picture may be in several."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="collections")
    name = models.CharField(max_length=80)
    folded_name = FoldedField("name")
    description = models.TextField(blank=True)
    # Of new pictures that are generated for it; empty: the team's.
    cost_centre = models.CharField(max_length=MAX_COST_CENTRE_LENGTH, blank=True, default="", db_default="")
    order = models.CharField(max_length=4, choices=CollectionOrder.choices, default=CollectionOrder.DATE)
    # Null: the newest picture is the cover.
    cover = models.ForeignKey(Generation, models.SET_NULL, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = FoldedQuerySet["Collection"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(order__in=CollectionOrder.values), name="collection_order_is_known"),
            models.UniqueConstraint(fields=["team", "folded_name"], name="collection_name_once_per_team"),
        ]

    def __str__(self) -> str:
        return self.name


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items", db_index=False)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="collection_items")
    # Ascending where the order is manual; gaps and equal values are harmless, because then the id decides.
    position = models.IntegerField(default=0)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # Also the index of a collection by date, in the gallery's order.
            models.UniqueConstraint(fields=["collection", "generation"], name="collection_item_once"),
        ]
        indexes = [
            models.Index(fields=["collection", "position", "-generation"], name="collection_by_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.collection} · {self.generation_id}"
