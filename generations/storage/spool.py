"""Paid answers on the way to the database, one file per attempt: a line of JSON about the answer, then its body.

The file is on the disk before the database hears of the answer, and goes when the picture is stored; what lies here
when a worker died is stored by the sweeper.
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
    """Returns when the disk has it. Raises OSError (a full disk) and then leaves nothing behind."""
    path = _path(attempt_id)
    # A late worker, the sweeper and a person who asks may write the same answer at once, each a part file of its own.
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    files.write_whole(path, part, _pack(answer), durable=True)


def read(attempt_id: uuid.UUID) -> Answer | None:
    """None when nothing, or nothing whole, is spooled for this attempt."""
    try:
        return _unpack(_path(attempt_id).read_bytes())
    except FileNotFoundError:
        return None


def remove(attempt_id: uuid.UUID) -> None:
    _path(attempt_id).unlink(missing_ok=True)


def set_aside(attempt_id: uuid.UUID) -> None:
    """Keep an answer that was paid for but holds no usable picture, out of the sweeper's way."""
    target = _rejected(attempt_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    if _path(attempt_id).exists():
        _path(attempt_id).rename(target)
        files.sync_folder(target.parent)


def is_set_aside(attempt_id: uuid.UUID) -> bool:
    return _rejected(attempt_id).exists()


def kept_aside() -> list[uuid.UUID]:
    """The attempts whose rejected answers are kept."""
    return list(_attempts(_aside()))


def take_back(attempt_id: uuid.UUID) -> None:
    """Undo `set_aside`."""
    _rejected(attempt_id).rename(_path(attempt_id))
    files.sync_folder(_folder())


def remove_rejected(attempt_id: uuid.UUID) -> None:
    _rejected(attempt_id).unlink(missing_ok=True)


def waiting() -> Iterator[uuid.UUID]:
    """The attempts whose answers lie here."""
    return _attempts(_folder())


def _attempts(folder: Path) -> Iterator[uuid.UUID]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            attempt_id = uuid.UUID(path.stem)
        except ValueError:
            continue  # somebody else's file
        yield attempt_id


def salvage(older_than: float = 60) -> None:
    """Finish the renames that a dying worker did not come to; drop what was only half written.

    A part file is whole when its own first line says so (length and sha256). Ones younger than `older_than`
    seconds may belong to a worker that is writing.
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
            continue  # its writer came to the rename after all


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
        # Answers that an older release wrote know none of these.
        cost_from=head.get("cost_from", "header"),
        headers=head.get("headers", {}),
        is_file=head.get("is_file", False),
        lost=head.get("lost", ""),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
