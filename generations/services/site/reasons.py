"""Reasons that a user gives for a decision; shown on pages and stored in the ledger."""

from generations.errors import GalleryError

MAX_REASON_LENGTH = 300


def clean_reason(reason: str, otherwise: str) -> str:
    """Return the reason on one line. Raises GalleryError: `otherwise` when it is empty, another when it is too long."""
    reason = " ".join(reason.replace("\0", "").split())
    if not reason:
        raise GalleryError(otherwise)
    if len(reason) > MAX_REASON_LENGTH:
        raise GalleryError(f"The reason has {len(reason)} characters, and {MAX_REASON_LENGTH} is the most; shorten it.")
    return reason
