"""Search for the picture in a 200 answer: raw bytes, base64 in JSON, or an address in JSON.

The provider's documentation describes raw bytes, the sample on its model page reads JSON, and sibling models send
`{"image": "<base64>"}`: all three are accepted, whatever the Content-Type is.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

# Keys under which some model or version puts a picture or its address.
KEYS = ("image", "images", "output", "outputs", "data", "result", "url", "image_url", "b64_json", "base64")
DEPTH = 6

# By the first bytes of a 200 without a picture; the last pattern that matches decides.
COMPLAINTS = (
    (b"", _("The provider's response isn't a PNG, JPEG, WebP or AVIF picture.")),
    (rb"\Z", _("The provider returned an empty response.")),
    (rb"<(!doctype|html|head|body)", _("The provider returned a web page instead of a picture.")),
    (rb"[\[{\"]", _("The provider's response contains no picture.")),
)


def candidates(found: object, depth: int = DEPTH) -> Iterator[str]:
    """Yield every text that may be a picture or its address, in the order of KEYS."""
    if isinstance(found, str):
        yield found.strip()
    elif isinstance(found, list) and depth:
        for entry in found:
            yield from candidates(entry, depth - 1)
    elif isinstance(found, dict) and depth:
        for key in KEYS:
            yield from candidates(found.get(key), depth - 1)


def complaint(body: bytes) -> str:
    """Return the sentence for a body without a picture."""
    start = body.lstrip()[:20].lower()
    return next(str(sentence) for opening, sentence in reversed(COMPLAINTS) if re.match(opening, start))


def is_address(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def decoded(text: str) -> bytes:
    """Return the bytes of a base64 text or a `data:` address, empty when it is neither."""
    if text[:5].lower() == "data:":
        text = text.partition(",")[2]
    packed = re.sub(r"\s+", "", text).translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
