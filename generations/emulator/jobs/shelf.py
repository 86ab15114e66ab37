"""Files in memory, so many bytes of them and no more."""

from collections import OrderedDict
from threading import Lock

MOST_BYTES = 64 * 1024 * 1024


class Shelf:
    """Content type and content by name; thread-safe. Over the limit the one not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._lock = Lock()
        self._files: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._most = most_bytes
        self._held = 0

    def put(self, name: str, content_type: str, content: bytes) -> None:
        with self._lock:
            self._drop(name)
            self._files[name] = (content_type, content)
            self._held += len(content)
            while self._held > self._most:
                self._drop(next(iter(self._files)))

    def get(self, name: str) -> tuple[str, bytes] | None:
        with self._lock:
            if name in self._files:
                self._files.move_to_end(name)
            return self._files.get(name)

    def _drop(self, name: str) -> None:
        _, content = self._files.pop(name, ("", b""))
        self._held -= len(content)
