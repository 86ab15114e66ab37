"""The file that `manage.py backup` writes: a tar of the database, the pictures and the spool, with a list of them."""

import hashlib
import io
import json
import re
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from django.core.management import CommandError

MANIFEST, DATABASE = "manifest.json", "database"
# Answers on their way, answers without a usable picture, and what the site keeps of pictures.
SPOOL, PICTURES = "spool", ("rejected", "received", "originals", "thumbnails")
UNFINISHED = ".part"
NAME = re.compile(rf"({'|'.join((SPOOL, *PICTURES))})(/\w[\w.-]*){{1,2}}")
CHUNK = 1 << 20


@dataclass
class Manifest:
    """What a backup says about itself; `files` maps names in the tar to size and SHA-256."""

    made_at: str
    version: str
    engine: str
    migrations: list[str]
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(size for size, _ in self.files.values())


class _Hashing:
    """A file that is hashed while `tarfile` reads it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.sha256 = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.sha256.update(data)
        return data


class Writer:
    """Adds files to a new backup; `finish` adds the manifest."""

    def __init__(self, target: IO[bytes], manifest: Manifest) -> None:
        self._tar = tarfile.TarFile(fileobj=target, mode="w", format=tarfile.PAX_FORMAT)
        self.manifest = manifest

    def add(self, name: str, path: Path) -> None:
        """Add a file under a name. Raises FileNotFoundError when it is gone."""
        with path.open("rb") as source:
            info = self._tar.gettarinfo(arcname=name, fileobj=source)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            hashing = _Hashing(source)
            self._tar.addfile(info, hashing)
        self.manifest.files[name] = (info.size, hashing.sha256.hexdigest())

    def add_folder(self, data: Path, folder: str) -> None:
        """Add the finished files of a folder that are not in the backup yet; what is deleted meanwhile is left out."""
        for path in sorted((data / folder).rglob("*")):
            name = path.relative_to(data).as_posix()
            if name in self.manifest.files or not NAME.fullmatch(name) or name.endswith(UNFINISHED):
                continue
            try:
                if path.is_file():
                    self.add(name, path)
            except FileNotFoundError:
                continue

    def finish(self) -> None:
        text = json.dumps(asdict(self.manifest)).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mtime = len(text), int(time.time())
        self._tar.addfile(info, io.BytesIO(text))
        self._tar.close()


def verified(path: Path) -> Manifest:
    """Return the manifest of a backup after comparing each file with it. Raises CommandError for a damaged one."""
    found: dict[str, tuple[int, str]] = {}
    manifest = None
    try:
        for name, source in _members(path):
            if name == MANIFEST:
                manifest = _manifest(source.read())
                continue
            size, sha256 = 0, hashlib.sha256()
            while chunk := source.read(CHUNK):
                size += len(chunk)
                sha256.update(chunk)
            found[name] = (size, sha256.hexdigest())
    except (OSError, tarfile.TarError, ValueError, TypeError, KeyError) as error:
        raise CommandError(f"{path} cannot be read as a backup of this site: {error}") from None
    if manifest is None:
        raise CommandError(f"{path} is not a whole backup: its list of files is missing. Use another backup.")
    wrong = sorted(name for name in {*found, *manifest.files} if found.get(name) != manifest.files.get(name))
    if wrong:
        raise CommandError(
            f"{path} is damaged: {len(wrong)} of its {len(manifest.files)} files are not as they were written, the "
            f"first is {wrong[0]}. Use another backup."
        )
    return manifest


def extract(path: Path, data: Path, database: Path) -> None:
    """Write the files of a verified backup below `data`, and its database to `database`."""
    for name, source in _members(path):
        if name == MANIFEST:
            continue
        target = database if name == DATABASE else data / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            while chunk := source.read(CHUNK):
                file.write(chunk)


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of a tar; other members and other names than this site's raise ValueError."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            source = tar.extractfile(member) if member.isfile() else None
            if source is None or not (member.name in {MANIFEST, DATABASE} or NAME.fullmatch(member.name)):
                raise ValueError(f"it contains {member.name!r}, which no backup of this site has.")
            yield member.name, source


def _manifest(text: bytes) -> Manifest:
    said = json.loads(text)
    files = {name: (int(size), str(sha256)) for name, (size, sha256) in said.pop("files").items()}
    return Manifest(**said, files=files)
