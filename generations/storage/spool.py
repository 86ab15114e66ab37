"""Paid answers on the way to the database, one file per attempt: a line of JSON about the answer, then its body.

The file is on disk before the answer is recorded in the database, and is removed when the picture is stored. The
sweeper stores the answers of workers that died.
"""

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from generations.conf import conf
from generations.providers.base import Answer
from generations.storage import files

SUFFIX = ".answer"
PART = ".part"


def write(attempt_id: uuid.UUID, answer: Answer) -> None:
    """Write an answer and wait until it is on disk. Raises OSError (a full disk) and then leaves no file."""
    path = _path(attempt_id)
    # A late worker, the sweeper and a lookup by a user may write the same answer at once, each to its own part file.
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    files.write_whole(path, part, _pack(answer), durable=True)


def read(attempt_id: uuid.UUID) -> Answer | None:
    """Return the answer of an attempt; None when none, or only a part of one, is spooled."""
    try:
        return _unpack(_path(attempt_id).read_bytes())
    except FileNotFoundError:
        return None


def remove(attempt_id: uuid.UUID) -> None:
    _path(attempt_id).unlink(missing_ok=True)


def set_aside(attempt_id: uuid.UUID) -> None:
    """Move an answer that was paid for but has no usable picture to the folder that the sweeper ignores."""
    target = _rejected(attempt_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    if _path(attempt_id).exists():
        _path(attempt_id).rename(target)
        files.sync_folder(target.parent)


def is_set_aside(attempt_id: uuid.UUID) -> bool:
    return _rejected(attempt_id).exists()


def kept_aside() -> list[uuid.UUID]:
    """Return the attempts whose rejected answers are kept."""
    return list(_attempts(_aside()))


def take_back(attempt_id: uuid.UUID) -> None:
    """Undo `set_aside`."""
    _rejected(attempt_id).rename(_path(attempt_id))
    files.sync_folder(_folder())


def remove_rejected(attempt_id: uuid.UUID) -> None:
    _rejected(attempt_id).unlink(missing_ok=True)


def waiting() -> Iterator[uuid.UUID]:
    """Yield the attempts whose answers are in the spool."""
    return _attempts(_folder())


def _attempts(folder: Path) -> Iterator[uuid.UUID]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            attempt_id = uuid.UUID(path.stem)
        except ValueError:
            continue  # not a file of the site
        yield attempt_id


def salvage(older_than: float = 60) -> None:
    """Rename complete part files of workers that died, and delete incomplete ones.

    A part file is complete when the length and the SHA-256 in its first line match. Files younger than `older_than`
    seconds may belong to a worker that is still writing.
    """
    for part in _folder().glob(f"*{SUFFIX}*{PART}"):
        try:
            if time.time() - part.stat().st_mtime < older_than:
                continue
            if _unpack(part.read_bytes()) is None:
                part.unlink()
            else:
                part.rename(part.with_name(part.name.partition(SUFFIX)[0] + SUFFIX))
        except FileNotFoundError:
            continue  # its writer has renamed it meanwhile


def _folder() -> Path:
    return conf().data_dir / "spool"


def _path(attempt_id: uuid.UUID) -> Path:
    return _folder() / f"{attempt_id}{SUFFIX}"


def _rejected(attempt_id: uuid.UUID) -> Path:
    return _aside() / _path(attempt_id).name


def _aside() -> Path:
    return conf().data_dir / "rejected"


def _pack(answer: Answer) -> bytes:
    head = {
        "length": len(answer.body),
        "sha256": hashlib.sha256(answer.body).hexdigest(),
        "content_type": answer.content_type,
        "cost": _text(answer.cost),
        "remaining_credits": _text(answer.remaining_credits),
        "request_id": answer.request_id,
        "generation_seconds": _text(answer.generation_seconds),
        "seed": answer.seed,
        "cost_from": answer.cost_from,
        "headers": dict(answer.headers),
        "is_file": answer.is_file,
        "lost": answer.lost,
    }
    return json.dumps(head).encode() + b"\n" + answer.body


def _unpack(data: bytes) -> Answer | None:
    line, _, body = data.partition(b"\n")
    try:
        head = json.loads(line)
        whole = len(body) == head["length"] and hashlib.sha256(body).hexdigest() == head["sha256"]
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        return None
    return Answer(
        body=body,
        content_type=head["content_type"],
        cost=_decimal(head["cost"]),
        remaining_credits=_decimal(head["remaining_credits"]),
        request_id=head["request_id"],
        generation_seconds=_decimal(head["generation_seconds"]),
        seed=head["seed"],
        cost_from=head["cost_from"],
        headers=head["headers"],
        is_file=head["is_file"],
        lost=head["lost"],
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
