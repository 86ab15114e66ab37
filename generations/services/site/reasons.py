"""Reasons that a user gives for a decision; shown on pages and stored in the ledger."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from generations.errors import GalleryError

MAX_REASON_LENGTH = 300


def clean_reason(reason: str, otherwise: str) -> str:
    """Return the reason on one line. Raises GalleryError: `otherwise` when it is empty, another when it is too long."""
    reason = " ".join(reason.replace("\0", "").split())
    if not reason:
        raise GalleryError(otherwise)
    if len(reason) > MAX_REASON_LENGTH:
        said = _("The reason has %(count)s characters; the maximum is %(most)s. Shorten it.")
        raise GalleryError(
            said % {"count": number_format(len(reason), force_grouping=True), "most": number_format(MAX_REASON_LENGTH)}
        )
    return reason
