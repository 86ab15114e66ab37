"""One kind of place: what was looked at there, how much of it, and where the key stood."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

PREFIX = "SG_"
BLOCK = 1 << 20


def fresh_key() -> str:
    """Of the vendor's form."""
    return PREFIX + secrets.token_hex(8)


def spellings(key: str) -> list[bytes]:
    """The ways in which a key may stand in bytes; its part behind the prefix is in all that begin with the prefix."""
    bare = key.removeprefix(PREFIX).encode()
    quoted = "".join(f"%{byte:02x}" for byte in bare).encode()
    return [bare, bare.upper(), bare[::-1], bare.hex().encode(), quoted, quoted.upper(), *_in_base64(bare)]


def _in_base64(bare: bytes) -> list[bytes]:
    """Three, for what may stand before it; letters that also depend on the neighbours are left out."""
    return [
        base64.b64encode(bytes(before) + bare)[-(-before * 8 // 6) : (before + len(bare)) * 8 // 6]
        for before in range(3)
    ]


@dataclass
class Place:
    """`searched` counts units, `size` bytes."""

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
        """A place where nothing was looked at says nothing."""
        return self.searched > 0 and not self.hits

    def look(self, what: str, *contents: bytes) -> None:
        """One unit; whichever of its contents holds the key, it is one hit, which names `what` without it."""
        self.searched += 1
        self.size += sum(map(len, contents))
        if any(map(self._holds, contents)):
            self._hit(what)

    def read(self, path: Path) -> None:
        """A file, block by block, with an overlap as long as what is looked for; its name counts too."""
        tail, found = b"", self._holds(bytes(path))
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    self.size += len(block)
                    found = found or self._holds(tail + block)
                    tail = block[-self._longest :]
        except (FileNotFoundError, PermissionError):
            return  # a server's file that went meanwhile
        self.searched += 1
        if found:
            self._hit(str(path))

    def _hit(self, what: str) -> None:
        self.hits.append(what.replace(self.key.removeprefix(PREFIX), "[key]"))

    def _holds(self, content: bytes) -> bool:
        return any(spelling in content for spelling in self._wanted)


def write(path: Path, places: Sequence[Place]) -> None:
    """For another process, without the key."""
    rows = [{name: value for name, value in asdict(place).items() if name != "key"} for place in places]
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def kept(path: Path, key: str) -> list[Place]:
    """What `write` wrote; nothing where it was not written."""
    return [Place(**row, key=key) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
