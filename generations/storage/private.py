"""Permissions of the data folder: only the site's user reads it, except that MEDIA_GROUP (nginx) reads pictures.

New files are private by the umask that the settings set. This module opens pictures to the group, and removes
permissions that a restored backup or the creator of the folder left open.
"""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from generations.conf import conf

# Entering is not listing: nginx can open a picture whose name it knows, and nothing else.
ENTERED, PRIVATE_FOLDER = 0o710, 0o700
PICTURE_FOLDER, PICTURE = 0o750, 0o640
logger = logging.getLogger(__name__)


def share(target: int | Path, mode: int) -> None:
    """Give a file or folder of ours this mode, and to MEDIA_GROUP if it is set."""
    group = conf().media_group
    if group is not None:
        os.chown(target, -1, group)
    os.chmod(target, mode)


def make_shared_folder(folder: Path, root: Path) -> None:
    """Create a folder of pictures below `root`, with its parents."""
    for part in reversed([folder, *folder.parents]):
        if part.is_relative_to(root) and part != root and not part.exists():
            part.mkdir(exist_ok=True)
            share(part, PICTURE_FOLDER)


def tighten(pictures: tuple[str, ...]) -> None:
    """Make the data folder private. Files of another user are left alone; the start-up check reports them."""
    root = conf().data_dir
    try:
        # A folder with the sticky bit, such as /tmp, is not the site's own.
        if root.stat().st_mode & stat.S_ISVTX:
            return
        _share_when_ours(root, PRIVATE_FOLDER if conf().media_group is None else ENTERED)
        for path in root.iterdir():
            if path.name in pictures:
                _tighten_pictures(path)
            elif _is_ours(path):
                os.chmod(path, stat.S_IMODE(path.stat().st_mode) & ~0o077)
    except FileNotFoundError:
        return  # deleted meanwhile, so there is nothing to protect
    except OSError as error:
        logger.warning("the data folder could not be made private: %s", error)


def _tighten_pictures(top: Path) -> None:
    """Fix the folders of pictures. A folder with the right mode has right files, so a million are checked only once."""
    for folder in [*_folders_in(top), top]:
        if not _is_ours(folder) or _is_right(folder, PICTURE_FOLDER):
            continue
        for file in folder.iterdir():
            if file.is_file():
                _share_when_ours(file, PICTURE)
        share(folder, PICTURE_FOLDER)  # last, so that an interrupted run is repeated at the next start


def _folders_in(top: Path) -> Iterator[Path]:
    return (path for path in top.iterdir() if path.is_dir()) if top.is_dir() else iter(())


def _share_when_ours(path: Path, mode: int) -> None:
    try:
        if _is_ours(path) and not _is_right(path, mode):
            share(path, mode)
    except FileNotFoundError:
        return  # a part file that was renamed meanwhile


def _is_ours(path: Path) -> bool:
    return path.lstat().st_uid == os.geteuid() and not path.is_symlink()


def _is_right(path: Path, mode: int) -> bool:
    found = path.stat()
    return found.st_mode & 0o777 == mode and conf().media_group in {None, found.st_gid}
