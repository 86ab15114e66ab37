"""A disk that can be full: a small tmpfs where this process may mount one, else a limit on the size of files."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

ROOMY = "size=2g"
# A picture is larger than this, a line of a log is not.
SMALL_FILE = 4096


class Disk(NamedTuple):
    """`sentence` says which way was taken; both verbs take the processes that write. Without them there is no way."""

    sentence: str
    fill: Callable[[Sequence[int]], None] | None = None
    empty: Callable[[Sequence[int]], None] | None = None


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """For the files in `folder`, which is made here."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0 and _run("mount", "-t", "tmpfs", "-o", ROOMY, "tmpfs", str(folder)):
        try:
            yield Disk(f"a tmpfs on {folder}", lambda _: _shrink(folder), lambda _: _roomy(folder))
        finally:
            _run("umount", "-l", str(folder))
    elif sys.platform == "linux":
        # Unprivileged: SIGXFSZ is ignored by Python, the write fails as on a full disk.
        sentence = f"no file may grow beyond {SMALL_FILE} bytes (RLIMIT_FSIZE; no right to mount a tmpfs here)"
        yield Disk(sentence, lambda pids: _limit(pids, SMALL_FILE), _limit)
    else:
        yield Disk("skipped: this system can neither mount a tmpfs nor limit another process's files")


def _shrink(folder: Path) -> None:
    """To what is used now. A tmpfs that grows meanwhile refuses; so a little is added until it agrees."""
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
    """None lifts it to what the process may have at most."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
