"""What a person gives as the reason for a decision; others read it, on pages and in the ledger."""

from generations.errors import GalleryError

MAX_REASON_LENGTH = 300


def clean_reason(reason: str, otherwise: str) -> str:
    """On one line. Raises GalleryError where it is too long, and with the sentence `otherwise` where there is none."""
    reason = " ".join(reason.replace("\0", "").split())
    if not reason:
        raise GalleryError(otherwise)
    if len(reason) > MAX_REASON_LENGTH:
        raise GalleryError(f"The reason has {len(reason)} characters, and {MAX_REASON_LENGTH} is the most; shorten it.")
    return reason
