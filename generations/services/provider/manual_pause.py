"""Stopping and starting the sending of orders, for everybody."""

from django.db import transaction

from generations.models import AuditAction, Cause, User
from generations.pipeline.circuit_breaker import pauses
from generations.services.site import audit
from generations.services.site.reasons import clean_reason


@transaction.atomic
def pause(*, actor: User, reason: str) -> bool:
    """False when somebody has paused it already. Raises GalleryError without a reason, or too long a one."""
    why = clean_reason(reason, "Say why generation is paused; everybody reads it.")
    paused = pauses.pause(Cause.BY_HAND, why, by=actor)
    if paused:
        audit.record_event(AuditAction.PAUSED, actor=actor)
    return paused


@transaction.atomic
def resume(*, actor: User, reason: str) -> int:
    """Ends every open pause, whatever its cause; how many. Raises GalleryError as `pause` does."""
    ended = pauses.end(clean_reason(reason, "Say why generation goes on; it stays in the list of pauses."), by=actor)
    if ended:
        audit.record_event(AuditAction.RESUMED, actor=actor)
    return ended
