"""Copies of stored pictures that say they are AI-generated. The originals are only read."""

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generations.imaging import Mark, marked_pieces
from generations.models import Image
from generations.storage import files

A_PIECE = 256 * 1024


@dataclass(frozen=True)
class Copy:
    """Iterated, its bytes; it is never held as a whole."""

    pieces: Sequence[bytes | memoryview]

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            for start in range(0, len(piece), A_PIECE):
                yield bytes(piece[start : start + A_PIECE])


def copy_of(image: Image, mark: Mark) -> Copy:
    """Raises FileNotFoundError, and UnusableImage for a file that is damaged."""
    data = _mapped(image.path)
    pieces = marked_pieces(data, image.format, mark)
    return Copy([data] if pieces is None else pieces)


def _mapped(name: str) -> memoryview:
    """A file that is removed or replaced meanwhile goes on under the map; none is ever written to in its place."""
    try:
        file = files.path_of(name).open("rb")
    except ValueError as error:
        raise FileNotFoundError(str(error)) from None
    with file:
        try:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except ValueError:
            return memoryview(b"")  # there is nothing to map
