"""Stopping and starting the sending of orders, for everybody."""

from generations.models import Cause, User
from generations.pipeline import pauses
from generations.services.reasons import stated


def pause(*, actor: User, reason: str) -> bool:
    """False when somebody has paused it already. Raises GalleryError without a reason, or too long a one."""
    return pauses.pause(Cause.BY_HAND, stated(reason, "Say why generation is paused; everybody reads it."), by=actor)


def resume(*, actor: User, reason: str) -> int:
    """Ends every open pause, whatever its cause; how many. Raises GalleryError as `pause` does."""
    return pauses.end(stated(reason, "Say why generation goes on; it stays in the list of pauses."), by=actor)
