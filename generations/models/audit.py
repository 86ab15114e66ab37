from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.former import keep_number
from generations.models.ids import uuid7
from generations.models.teams import Team


class AuditAction(models.TextChoices):
    SIGNED_IN = "signed in"
    CHANGED_PASSWORD = "changed password"  # noqa: S105  an action
    CHANGED_ADDRESS = "changed address"
    ENDED_SESSIONS = "ended sessions"
    MADE_TEAM = "made team"
    SET_UP_TEAM = "set up team"
    CHOSE_WORDS = "chose words in copies"
    INVITED = "invited"
    RENEWED_INVITATION = "renewed invitation"
    REVOKED_INVITATION = "revoked invitation"
    JOINED = "joined"
    CHANGED_ROLE = "changed role"
    REMOVED = "removed"
    LEFT = "left"
    MADE_LINK = "made link"
    REVOKED_LINK = "revoked link"
    APPROVED_ORDER = "approved order"
    REFUSED_ORDER = "refused order"
    WITHDREW_ORDER = "withdrew order"
    PAUSED = "paused"
    RESUMED = "resumed"
    ADDED_IN_ADMIN = "added in admin"
    CHANGED_IN_ADMIN = "changed in admin"
    DELETED_IN_ADMIN = "deleted in admin"
    EXPORTED_IN_ADMIN = "exported in admin"
    EXPLAINED_DISCREPANCY = "explained discrepancy"
    REVOKED_EXPLANATION = "revoked explanation"
    BOOKED_HISTORY = "booked the history’s figure"
    SET_LIMIT = "set limit"
    REMOVED_LIMIT = "removed limit"
    SET_APPROVAL = "set approval limit"
    SIGNED_OFF = "signed off"


class AuditEvent(models.Model):
    """Who did what to whom, inserted in the transaction of the action.

    Ids and roles only: no names, addresses or prompts, so that no personal data stays after a user is deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=30, choices=AuditAction.choices)
    # Null: from the command line, or a user who was deleted and whose number is kept.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, keep_number, null=True, related_name="+")
    former_actor = models.BigIntegerField(null=True, editable=False)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+", db_index=False)
    subject = models.CharField(max_length=80, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            # The events of a team, newest first.
            models.Index(fields=["team", "-id"], name="audit_events_by_team"),
            # The admin: events by action over all teams, and by subject.
            models.Index(fields=["action", "-id"], name="audit_events_by_action"),
            models.Index(fields=["subject", "-id"], name="audit_events_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.action} {self.subject}"
