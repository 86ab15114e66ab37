"""The text of a cost centre, as owners type it for a team and members for a collection."""

import unicodedata

from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.folding import JOINERS
from generations.models import MAX_COST_CENTRE_LENGTH

# Control characters, and what is not seen: two texts that look alike would be two lines of a breakdown.
UNSEEN = {"Cc", "Cf", "Cs"}


def clean_cost_centre(text: str) -> str:
    """Return the text on one line, in its composed form and without invisible characters; empty for none.

    Raises GalleryError when it is too long, or has no letters or digits: no line of a breakdown could be told by it.
    """
    # Line ends are control characters, and here they part words.
    spaced = unicodedata.normalize("NFC", " ".join(text.split()))
    seen = "".join(char for char in spaced if char in JOINERS or unicodedata.category(char) not in UNSEEN)
    text = " ".join(seen.split())
    if text and not any(char.isalnum() for char in text):
        raise GalleryError(_("“%(typed)s” contains no letters or digits. Enter a cost centre.") % {"typed": text[:30]})
    if len(text) > MAX_COST_CENTRE_LENGTH:
        sentence = _("The cost centre has %(count)s characters; the maximum is %(most)s. Shorten it.")
        raise GalleryError(sentence % {"count": len(text), "most": MAX_COST_CENTRE_LENGTH})
    return text
