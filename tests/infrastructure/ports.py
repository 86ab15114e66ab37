"""Loopback ports for servers that must be told one before they start."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.gettempdir()) / f"ports-of-tests-{os.getuid()}"
# Open files, locked until this process ends.
_kept: list[int] = []


def free_port() -> int:
    """Free at the time of asking, and given to nobody else who asks here while this process lives.

    Web servers bind with SO_REUSEPORT: two of them that were told the same port would both start, and each test would
    now and then be answered by the other one's site.
    """
    FOLDER.mkdir(exist_ok=True)
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        descriptor = os.open(FOLDER / str(port), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        _kept.append(descriptor)
        return port
