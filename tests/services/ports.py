"""Loopback ports for servers that must be told one before they start."""

import socket


def free_port() -> int:
    """Free at the time of asking; the server should start at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
