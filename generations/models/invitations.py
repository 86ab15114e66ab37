from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generations.models.ids import uuid7
from generations.models.teams import Role, Team


class Invitation(models.Model):
    """A single-use, expiring address to join a team. Only the hash of the token is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    # Empty when the link is meant to be passed on by hand.
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    # On a new one only: the role of the open invitation for the same address, which it replaced.
    replaces = ""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_is_known"),
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True) & ~Q(email=""),
                name="invitation_one_open_per_address",
            ),
        ]

    def __str__(self) -> str:
        words = {"email": self.email, "team": self.team, "role": self.get_role_display()}
        if self.email:
            return _("%(email)s to %(team)s (%(role)s)") % words
        return _("anyone with the link to %(team)s (%(role)s)") % words
