"""The mark “AI-generated” in a copy of a picture, and the search for the original of such a copy.

Bytes in, bytes out; nothing is decoded, so the pixels cannot change. A file that the provider signed (C2PA) or
described itself (XMP) is returned byte for byte: an edit would break the signature, or contradict the description.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from generations.errors import UnusableImage
from generations.imaging.avif import Data
from generations.imaging.container import NAMES, ImageFormat, sniff
from generations.imaging.provenance_containers import (
    WEBP_FLAGS_AT,
    WEBP_XMP,
    ContainerPart,
    Pieces,
    is_manifest,
    packet_of,
    parts,
    put_in,
    taken_out,
    without,
)
from generations.imaging.provenance_packet import Mark, is_ours, packet

HEAD_OF_WEBP = WEBP_FLAGS_AT + 1


@dataclass(frozen=True)
class ProvenanceTraces:
    """What a file contains about its origin.

    `sha256` is its own; `before` are those of the files that marking may have started from, empty when it does not
    contain the mark of this software. `signed`: it contains a C2PA manifest, of any signer.
    """

    sha256: str
    before: tuple[str, ...]
    signed: bool

    @property
    def marked(self) -> bool:
        return bool(self.before)


def marked(data: bytes, format: str, mark: Mark) -> bytes:
    """Return a marked copy, or the same bytes when the provider's file is already described or signed.

    Raises UnusableImage for a damaged file, or one of another format.
    """
    pieces = marked_pieces(data, format, mark)
    return data if pieces is None else b"".join(pieces)


def marked_pieces(data: Data, format: str, mark: Mark) -> Pieces | None:
    """Return the pieces that `marked` joins, None for a file to return unchanged; a mapped file is not copied."""
    kind = _kind(data)
    if kind != format:
        raise UnusableImage(_("The %(format)s file is stored as %(other)s.") % {"format": NAMES[kind], "other": format})
    found = parts(data, kind)
    if any(is_manifest(part, kind) or packet_of(part, kind) is not None for part in found):
        return None
    return put_in(data, kind, found, packet(mark))


def is_marked_thumbnail(head: bytes) -> bool:
    """Return whether a WebP with these first `HEAD_OF_WEBP` bytes contains XMP; our thumbnails contain no other."""
    return len(head) >= HEAD_OF_WEBP and head[12:16] == b"VP8X" and bool(head[WEBP_FLAGS_AT] & WEBP_XMP)


def traces(data: bytes) -> ProvenanceTraces:
    """Return the traces in any bytes; what is no picture has a hash as well."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        kind = _kind(data)
        found = parts(data, kind)
    except UnusableImage:
        return ProvenanceTraces(sha256, (), signed=False)
    return ProvenanceTraces(sha256, tuple(_before(data, kind, found)), any(is_manifest(part, kind) for part in found))


def _kind(data: Data) -> ImageFormat:
    """Return the format. Raises UnusableImage for files that never contain our mark."""
    kind = sniff(data)
    if kind == "avif":
        raise UnusableImage(_("AVIF files have no metadata from this site."))
    return kind


def _before(data: Data, kind: ImageFormat, found: list[ContainerPart]) -> Iterator[str]:
    ours = next((part for part in found if _is_ours(part, kind)), None)
    if ours is None:
        return
    # The signature of a copy was added last. The provider's own manifest is in no file that contains our packet.
    signature = [part for part in found if is_manifest(part, kind)]
    if signature:
        bare = without(data, kind, signature)
        yield from _before(bare, kind, parts(bare, kind))
    else:
        yield from map(_sha256, taken_out(data, kind, found, ours))


def _is_ours(part: ContainerPart, kind: ImageFormat) -> bool:
    held = packet_of(part, kind)
    return held is not None and is_ours(held)


def _sha256(pieces: Pieces) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
