"""The number of pixels an AV1 stream decodes into, from its sequence headers; nothing is decoded.

Section 5 of https://aomediacodec.github.io/av1-spec/.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import UnusableImage

SEQUENCE_HEADER, FRAME_HEADER, FRAME = 1, 3, 6
# A still picture has a handful of units, one for each tile at most.
MAX_PARTS = 5_000
SENSELESS = gettext_lazy("The AVIF file is damaged: its stream is invalid.")


def pixels(stream: bytes) -> int:
    """Return the pixels of all frames together, each counted with the largest size that the stream announces.

    Raises UnusableImage, and IndexError when the stream ends early.
    """
    at, largest, frames = 0, 0, 0
    for _step in range(MAX_PARTS):
        if at >= len(stream):
            break
        head = stream[at]
        at += 2 if head & 4 else 1
        length = len(stream) - at
        if head & 2:
            length, at = _leb128(stream, at)
        if at + length > len(stream):
            raise IndexError
        kind = head >> 3 & 15
        if kind == SEQUENCE_HEADER:
            width, height = _Bits(stream[at : at + length]).size()
            largest = max(largest, width * height)
        frames += kind in {FRAME_HEADER, FRAME}
        at += length
    else:
        raise UnusableImage(_("The AVIF file has too many parts."))
    if not largest or not frames:
        raise UnusableImage(_("The AVIF file is damaged: an item contains no frame."))
    return largest * frames


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        value |= (stream[at] & 0x7F) << 7 * step
        at += 1
        if not stream[at - 1] & 0x80:
            return value, at
    raise UnusableImage(SENSELESS)


class _Bits:
    """The bits of a sequence header, section 5.5 of the specification."""

    def __init__(self, body: bytes) -> None:
        # Everything before the size fits into this many bytes.
        self._bits = "".join(f"{byte:08b}" for byte in body[:256])
        self._at = 0

    def take(self, count: int) -> int:
        if self._at + count > len(self._bits):
            raise UnusableImage(SENSELESS)
        self._at += count
        return int(self._bits[self._at - count : self._at], 2)

    def size(self) -> tuple[int, int]:
        self.take(4)  # profile, still picture
        if self.take(1):
            self.take(5)  # a reduced header has one level
        else:
            self._operating_points()
        wide, high = self.take(4) + 1, self.take(4) + 1
        return self.take(wide) + 1, self.take(high) + 1

    def _operating_points(self) -> None:
        delay = self._timing() if self.take(1) else 0
        display_delay = self.take(1)
        for _step in range(self.take(5) + 1):
            self.take(12)
            if self.take(5) > 7:
                self.take(1)
            if delay and self.take(1):
                self.take(2 * delay + 1)
            if display_delay and self.take(1):
                self.take(4)

    def _timing(self) -> int:
        """Return the number of bits of a delay in the decoder model, 0 without such a model."""
        self.take(64)
        if self.take(1):
            zeros = 0
            while not self.take(1):
                zeros += 1
            self.take(zeros)
        if not self.take(1):
            return 0
        delay = self.take(5) + 1
        self.take(42)
        return delay
