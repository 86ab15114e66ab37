"""Image bytes: validation of what a provider sends, thumbnails of valid pictures, and copies marked as AI-generated."""

from generations.imaging.container import ImageFormat, looks_like_picture
from generations.imaging.inspect import Inspected, inspect
from generations.imaging.previews import preview, preview_size
from generations.imaging.provenance import (
    HEAD_OF_WEBP,
    ProvenanceTraces,
    is_marked_thumbnail,
    marked,
    marked_pieces,
    traces,
)
from generations.imaging.provenance_containers import Pieces
from generations.imaging.provenance_packet import SOURCE_TYPE, Mark
from generations.imaging.signing import Credentials, ends_at, is_valid, signed
from generations.imaging.thumbnails import WIDTHS, Derived, placeholder, thumbnail, thumbnails

__all__ = [
    "HEAD_OF_WEBP", "SOURCE_TYPE", "WIDTHS", "Credentials", "Derived", "ImageFormat", "Inspected", "Mark", "Pieces",
    "ProvenanceTraces", "ends_at", "inspect", "is_marked_thumbnail", "is_valid", "looks_like_picture", "marked",
    "marked_pieces", "placeholder", "preview", "preview_size", "signed", "thumbnail", "thumbnails", "traces",
]  # fmt: skip
