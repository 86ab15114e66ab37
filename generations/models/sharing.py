from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from generations.models.collections import Collection
from generations.models.former import keep_number
from generations.models.generations import Generation
from generations.models.ids import uuid7
from generations.models.teams import Team


class ShareLink(models.Model):
    """An expiring address that shows one picture or one collection to anyone who has it.

    It is found by the hash of its token, and its creator copies it again from the encrypted one, so that the database
    alone opens no link. It shows what its creator may share at the moment it is opened; without a creator it shows
    nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="share_links", db_index=False)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="share_links")
    former_creator = models.BigIntegerField(null=True, editable=False)
    generation = models.ForeignKey(Generation, models.CASCADE, null=True, blank=True, related_name="share_links")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, blank=True, related_name="share_links")
    token_hash = models.CharField(max_length=64, unique=True)
    # With a key derived from DJANGO_SECRET_KEY; empty for links from before it was kept.
    token_encrypted = models.CharField(max_length=200, blank=True, db_default="")
    # Null: until it is revoked.
    expires_at = models.DateTimeField(null=True, blank=True)
    # Hashed as Django hashes users' passwords; empty for none.
    password = models.CharField(max_length=128, blank=True)
    allow_download = models.BooleanField(default=False)
    show_prompt = models.BooleanField(default=False)
    show_names = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_revoked_by = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(generation__isnull=True) ^ Q(collection__isnull=True), name="share_link_shows_one_thing"
            ),
        ]
        indexes = [
            # The team's page of links, newest first.
            models.Index(fields=["team", "-id"], name="share_links_by_team"),
        ]

    def __str__(self) -> str:
        return f"link {self.id} to {self.generation_id or self.collection_id}"


class ShareVisit(models.Model):
    """A visit of a share link. `visitor` is a keyed hash that changes daily, so that it identifies nobody."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="visits", db_index=False)
    visitor = models.CharField(max_length=32)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["link", "at"], name="share_visits_by_link"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} at {self.at}"
