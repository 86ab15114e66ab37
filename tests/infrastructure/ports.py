"""Loopback ports for servers that must know theirs before they start."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.gettempdir()) / f"ports-of-tests-{os.getuid()}"
# Open files, which stay locked until this process ends.
_kept: list[int] = []


def free_port() -> int:
    """Return a port that is free now and that no other caller gets while this process lives.

    Web servers bind with SO_REUSEPORT: two servers with the same port would both start, and tests would now and then be
    answered by the site of another test.
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
