"""Pause and resume all generation, by a site administrator."""

from django.db import transaction
from django.utils.translation import gettext as _

from generations.models import AuditAction, PauseCause, User
from generations.pipeline.circuit_breaker import pauses
from generations.services.site import audit
from generations.services.site.reasons import clean_reason


@transaction.atomic
def pause(*, actor: User, reason: str) -> bool:
    """Open the circuit breaker by hand; return False if it is already paused by hand.

    Raises GalleryError when the reason is empty or too long.
    """
    why = clean_reason(reason, _("Enter a reason. It's shown to everyone."))
    paused = pauses.pause(PauseCause.BY_HAND, why, by=actor)
    if paused:
        audit.record_event(AuditAction.PAUSED, actor=actor)
    return paused


@transaction.atomic
def resume(*, actor: User, reason: str) -> int:
    """End every open pause, whatever its cause, and return how many. Raises GalleryError as `pause` does."""
    ended = pauses.end(clean_reason(reason, _("Enter what was done. It's kept in the list of pauses.")), by=actor)
    if ended:
        audit.record_event(AuditAction.RESUMED, actor=actor)
    return ended
