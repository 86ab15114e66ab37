"""A disk that can be full: a small tmpfs where this process may mount one, else a limit on file sizes."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

ROOMY = "size=2g"
# A picture is larger than this, a log line is not.
SMALL_FILE = 4096


class Disk(NamedTuple):
    """A disk; `sentence` names the method, `fill` and `empty` take the pids of the writers. None: not possible here."""

    sentence: str
    fill: Callable[[Sequence[int]], None] | None = None
    empty: Callable[[Sequence[int]], None] | None = None


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Provide a disk for the files in `folder`, which is created."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0 and _run("mount", "-t", "tmpfs", "-o", ROOMY, "tmpfs", str(folder)):
        try:
            yield Disk(f"a tmpfs on {folder}", lambda _: _shrink(folder), lambda _: _roomy(folder))
        finally:
            _run("umount", "-l", str(folder))
    elif sys.platform == "linux":
        # Without privileges: Python ignores SIGXFSZ, so the write fails as on a full disk.
        sentence = f"no file may grow beyond {SMALL_FILE} bytes (RLIMIT_FSIZE; no right to mount a tmpfs here)"
        yield Disk(sentence, lambda pids: _limit(pids, SMALL_FILE), _limit)
    else:
        yield Disk("skipped: this system can neither mount a tmpfs nor limit another process's files")


def _shrink(folder: Path) -> None:
    """Shrink the tmpfs to its used size, plus as much as it needs when it grows meanwhile and refuses."""
    for slack in range(0, 64, 4):
        found = os.statvfs(folder)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize // 1024
        if _remount(folder, f"size={used + slack}k"):
            return


def _roomy(folder: Path) -> None:
    _remount(folder, ROOMY)


def _remount(folder: Path, size: str) -> bool:
    return _run("mount", "-o", f"remount,{size}", str(folder))


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _limit(pids: Sequence[int], size: int | None = None) -> None:
    """Limit the file size of the processes; None lifts the limit to the hard one."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
