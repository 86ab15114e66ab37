from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generations.models.former import keep_number
from generations.models.ids import uuid7
from generations.models.teams import Team


class AuditAction(models.TextChoices):
    SIGNED_IN = "signed in", _("Signed in")
    CHANGED_PASSWORD = "changed password", _("Changed password")
    CHANGED_ADDRESS = "changed address", _("Changed email address")
    ENDED_SESSIONS = "ended sessions", _("Signed out other sessions")
    MADE_TEAM = "made team", _("Created team")
    SET_UP_TEAM = "set up team", _("Changed team settings")
    CHOSE_WORDS = "chose words in copies", _("Changed file metadata settings")
    INVITED = "invited", _("Created invitation")
    RENEWED_INVITATION = "renewed invitation", _("Renewed invitation")
    REVOKED_INVITATION = "revoked invitation", _("Revoked invitation")
    JOINED = "joined", _("Joined team")
    CHANGED_ROLE = "changed role", _("Changed role")
    REMOVED = "removed", _("Removed member")
    LEFT = "left", _("Left team")
    MADE_LINK = "made link", _("Created share link")
    CHANGED_LINK = "changed link", _("Changed share link")
    REVOKED_LINK = "revoked link", _("Revoked share link")
    APPROVED_ORDER = "approved order", _("Approved request")
    REFUSED_ORDER = "refused order", _("Declined request")
    WITHDREW_ORDER = "withdrew order", _("Withdrew request")
    PAUSED = "paused", _("Paused generation")
    RESUMED = "resumed", _("Resumed generation")
    ADDED_IN_ADMIN = "added in admin", _("Added in admin")
    CHANGED_IN_ADMIN = "changed in admin", _("Changed in admin")
    DELETED_IN_ADMIN = "deleted in admin", _("Deleted in admin")
    EXPORTED_IN_ADMIN = "exported in admin", _("Exported in admin")
    EXPLAINED_DISCREPANCY = "explained discrepancy", _("Explained difference")
    REVOKED_EXPLANATION = "revoked explanation", _("Undid explanation")
    BOOKED_HISTORY = "booked the history’s figure", _("Booked the amount in the provider's history")
    SET_LIMIT = "set limit", _("Set limit")
    REMOVED_LIMIT = "removed limit", _("Removed limit")
    SET_APPROVAL = "set approval limit", _("Set approval threshold")
    SET_BLOCKED_WORDS = "set blocked words", _("Changed blocked words")
    HID_PICTURE = "hid picture", _("Hid reported picture")
    SHOWED_PICTURE = "showed picture", _("Showed hidden picture again")
    DISMISSED_REPORT = "dismissed report", _("Dismissed report")
    SIGNED_OFF = "signed off", _("Signed off month")


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
