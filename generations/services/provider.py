"""Stopping and starting the sending of orders, for everybody."""

from generations.errors import GalleryError
from generations.models import Cause, User
from generations.pipeline import pauses

LONGEST_REASON = 500


def pause(*, actor: User, reason: str) -> bool:
    """False when somebody has paused it already. Raises GalleryError without a reason."""
    return pauses.pause(Cause.BY_HAND, _stated(reason, "Say why generation is paused; everybody reads it."), by=actor)


def resume(*, actor: User, reason: str) -> int:
    """Ends every open pause, whatever its cause; how many. Raises GalleryError without a reason."""
    return pauses.end(_stated(reason, "Say why generation goes on; it stays in the list of pauses."), by=actor)


def _stated(reason: str, otherwise: str) -> str:
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise GalleryError(otherwise)
    return reason
