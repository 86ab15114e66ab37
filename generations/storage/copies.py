"""Copies of stored pictures that are marked as AI-generated. The originals are only read."""

import logging
import mmap
from collections.abc import Iterator
from dataclasses import dataclass

from generations.conf import conf
from generations.errors import CannotSign
from generations.imaging import Mark, Pieces, marked_pieces, signed
from generations.models import Image
from generations.storage import files
from generations.storage.certificate import credentials

A_PIECE = 256 * 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copy:
    """A copy as an iterable of bytes; it is never in memory as a whole."""

    pieces: Pieces

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            for start in range(0, len(piece), A_PIECE):
                yield bytes(piece[start : start + A_PIECE])


def copy_of(image: Image, mark: Mark) -> Copy:
    """Return a marked copy, also signed if the operator has a certificate.

    A signature needs the whole picture in memory. Raises FileNotFoundError, and UnusableImage for a damaged file.
    """
    data = _mapped(image.path)
    pieces = marked_pieces(data, image.format, mark)
    if pieces is None:
        return Copy([data])
    return Copy(_signed(pieces, image, mark) if conf().signs_copies else pieces)


def _signed(pieces: Pieces, image: Image, mark: Mark) -> Pieces:
    """Return the signed copy, or the unsigned one on failure, so that no download waits for the operator."""
    try:
        return [signed(b"".join(pieces), image.format, mark, credentials())]
    except CannotSign as error:
        logger.error("a copy of %s leaves unsigned: %s", image.path, error.message)
        return pieces


def _mapped(name: str) -> memoryview:
    """Return a stored file as a memory map.

    A file that is deleted or replaced meanwhile stays readable through the map; files are never changed in place.
    """
    try:
        file = files.path_of(name).open("rb")
    except ValueError as error:
        raise FileNotFoundError(str(error)) from None
    with file:
        try:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:
            return memoryview(b"")  # an empty file cannot be mapped
