"""Ports: which are free, and how one is kept for the web server."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.core.management import CommandError

DEFAULT_PORT = 8000
PORTS_TRIED = 20


@contextmanager
def held_port(host: str, wanted: int | None) -> Iterator[int]:
    """Hold the wanted port, else the default, else the next free one; no other site gets it meanwhile.

    Raises CommandError when the wanted port is taken.
    """
    candidates = [*range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED), 0] if wanted is None else [wanted]
    held = next((one for port in candidates if (one := _hold(host, port))), None)
    if held is None:
        raise CommandError(
            f"Port {wanted} on {host} is taken or not yours to use. "
            "Stop what listens there, or choose another with PORT. With `make run`, leave PORT empty for the next free."
        )
    with held:
        yield held.getsockname()[1]


def _hold(host: str, port: int) -> socket.socket | None:
    """Bind a port for the web server that starts later; return None when it is taken.

    The web server binds with SO_REUSEPORT, under which a second site could bind as well, and the kernel would send half
    of the visitors to each. So the port is first listened on without that option, which only one process can do. What
    remains is bound but does not listen: it gets no connection, lets a server of the same user bind beside it, and
    keeps the port from every other site. Raises CommandError when the host is not an address of this machine.
    """
    with _socket(host) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that just ended does not block it
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return None
            raise CommandError(
                f"HOST {host} cannot be listened on ({error}). Use 127.0.0.1, or 0.0.0.0 for every address."
            ) from error
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held = _socket(host)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(probe.getsockname())
        return held


def keep_port(host: str, port: int) -> int:
    """Hold a port as `held_port` does, for as long as this process lives, whatever program it becomes.

    Return the descriptor. Raises CommandError when the port is taken.
    """
    with held_port(host, port):
        held = _socket(host)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    held.set_inheritable(True)
    return held.detach()


def free_port() -> int:
    """Return a port that is free on loopback at the time of asking."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def accepts_connections(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=1).close()
    except OSError:
        return False
    return True


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
