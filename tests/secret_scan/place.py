"""One place that is searched: how much was read, and where the key was found."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

PREFIX = "SG_"
BLOCK = 1 << 20


def fresh_key() -> str:
    """Return a new key in the provider's format."""
    return PREFIX + secrets.token_hex(8)


def spellings(key: str) -> list[bytes]:
    """Return the encodings in which the key may occur, without its prefix, which every form of it contains."""
    bare = key.removeprefix(PREFIX).encode()
    quoted = "".join(f"%{byte:02x}" for byte in bare).encode()
    return [bare, bare.upper(), bare[::-1], bare.hex().encode(), quoted, quoted.upper(), *_in_base64(bare)]


def _in_base64(bare: bytes) -> list[bytes]:
    """Return the three alignments in base64, without the characters that depend on the neighbours."""
    return [
        base64.b64encode(bytes(before) + bare)[-(-before * 8 // 6) : (before + len(bare)) * 8 // 6]
        for before in range(3)
    ]


@dataclass
class Place:
    """A place; `searched` counts units, `size` bytes."""

    name: str
    unit: str
    key: str = field(repr=False)
    searched: int = 0
    size: int = 0
    hits: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._wanted = spellings(self.key)
        self._longest = max(map(len, self._wanted))

    @property
    def passed(self) -> bool:
        """Return whether the place is clean; a place where nothing was read does not pass."""
        return self.searched > 0 and not self.hits

    def look(self, what: str, *contents: bytes) -> None:
        """Search one unit; several contents with the key are one hit, which names `what` without the key."""
        self.searched += 1
        self.size += sum(map(len, contents))
        if any(map(self._holds, contents)):
            self._hit(what)

    def read(self, path: Path) -> None:
        """Search a file in overlapping blocks, so that a key across two blocks is found; its name is searched too."""
        tail, found = b"", self._holds(bytes(path))
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    self.size += len(block)
                    found = found or self._holds(tail + block)
                    tail = block[-self._longest :]
        except (FileNotFoundError, PermissionError):
            return  # a server's file that was removed meanwhile
        self.searched += 1
        if found:
            self._hit(str(path))

    def _hit(self, what: str) -> None:
        self.hits.append(what.replace(self.key.removeprefix(PREFIX), "[key]"))

    def _holds(self, content: bytes) -> bool:
        return any(spelling in content for spelling in self._wanted)


def write(path: Path, places: Sequence[Place]) -> None:
    """Write the places for another process, without the key."""
    rows = [{name: value for name, value in asdict(place).items() if name != "key"} for place in places]
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def kept(path: Path, key: str) -> list[Place]:
    """Return the places that `write` wrote; none when the file does not exist."""
    return [Place(**row, key=key) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
