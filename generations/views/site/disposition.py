"""The header that names a file which is sent."""

import re
import unicodedata
from urllib.parse import quote


def disposition(name: str, *, inline: bool = False) -> str:
    """Return the value of Content-Disposition: the name, and its ASCII letters for programs that read only those.

    Django's `content_disposition_header` gives the full name alone, which such programs replace by one of their own.
    """
    kind = "inline" if inline else "attachment"
    plain = _plain(name)
    full = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'{kind}; filename="{plain}"{full}'


def _plain(name: str) -> str:
    """Return the name in ASCII, without the percent sign that some browsers decode; its ending stays."""
    stem, dot, ending = name.rpartition(".")
    letters = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9._-]+", " ", letters).strip(" .-_")
    return f"{words or 'download'}{dot}{ending}"
