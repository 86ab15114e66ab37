"""Originals and thumbnails on disk, under names that only the site makes. Nothing serves this folder directly.

Provider bytes that are not served as received are in a folder of their own, which no address serves.
"""

import os
import secrets
import time
from pathlib import Path

from generations.conf import conf
from generations.storage import private

FOLDERS = ("originals", "thumbnails")
RECEIVED = "received"
A_DAY = 24 * 3600.0


def save(name: str, data: bytes, *, durable: bool = True) -> None:
    """Write a file completely or not at all; writing the same name again replaces it.

    `durable` waits until the data is on disk: needed for paid pictures, not for files that can be derived again.
    """
    path = _inside(name, *FOLDERS, RECEIVED)
    is_shared = not name.startswith(f"{RECEIVED}/")
    if is_shared:
        private.make_shared_folder(path.parent, conf().data_dir)
    # A worker and the sweeper may store the same picture at once, so each writes a part file of its own.
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    write_whole(path, part, data, durable=durable, mode=private.PICTURE if is_shared else None)


def read(name: str) -> bytes:
    """Return the content of a file. Raises FileNotFoundError."""
    return path_of(name).read_bytes()


def head(name: str, count: int) -> bytes:
    """Return the first bytes of a file; empty when it does not exist."""
    try:
        with path_of(name).open("rb") as file:
            return file.read(count)
    except (OSError, ValueError):
        return b""


def delete(name: str) -> None:
    _inside(name, *FOLDERS, RECEIVED).unlink(missing_ok=True)


def path_of(name: str) -> Path:
    """Return the path of a file that may be served. Raises ValueError for a name outside of the folders of pictures."""
    return _inside(name, *FOLDERS)


def _inside(name: str, *folders: str) -> Path:
    root = conf().data_dir
    path = (root / name).resolve()
    # The names are our own, but a manipulated row must not reach other files: the folder also contains the database and
    # the spool.
    if not any(path.is_relative_to(root / folder) and path != root / folder for folder in folders):
        raise ValueError(f"{name!r} leads out of the folders of pictures.")
    return path


def make_private() -> None:
    """Close the data folder to other users of this machine, and open pictures to MEDIA_GROUP."""
    private.tighten(FOLDERS)


def free_bytes() -> int:
    """Return how many bytes this process may still write to the data folder."""
    found = os.statvfs(conf().data_dir)
    return found.f_bavail * found.f_frsize


def is_full(margin: float = 1.0) -> bool:
    return free_bytes() < conf().least_free_bytes * margin


def is_whole(name: str, size: int) -> bool:
    """Return whether the file exists with the size of its row; False for a name outside of the folders."""
    try:
        return path_of(name).stat().st_size == size
    except (OSError, ValueError):
        return False


def sweep_parts() -> int:
    """Delete part files of writers that died, not those of a day that may still be written; return how many."""
    parts = [part for folder in (*FOLDERS, RECEIVED) for part in (conf().data_dir / folder).glob("*/*.part")]
    return sum(_remove_old(part) for part in parts)


def _remove_old(part: Path) -> bool:
    try:
        if time.time() - part.stat().st_mtime < A_DAY:
            return False
        part.unlink()
    except FileNotFoundError:
        return False  # its writer has renamed it meanwhile
    return True


def write_whole(path: Path, part: Path, data: bytes, *, durable: bool, mode: int | None = None) -> None:
    """Write a file through `part` in the same folder; with a mode the file is shared with MEDIA_GROUP.

    Raises OSError after deleting the part file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            if mode is not None:
                private.share(file.fileno(), mode)
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
