"""Where the site may listen."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.core.management import CommandError

DEFAULT_PORT = 8000
PORTS_TRIED = 20


@contextmanager
def held_port(host: str, asked: int | None) -> Iterator[int]:
    """The port asked for, else the default, else the next free one; nobody else who asks gets it meanwhile.

    Raises CommandError when `asked` is taken.
    """
    if asked is None:
        candidates = range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
        held = next((one for port in candidates if (one := _hold(host, port))), None) or _hold(host, 0)
    else:
        held = _hold(host, asked)
    if held is None:
        raise CommandError(
            f"Port {asked} on {host} is taken or not yours to use. "
            f"Stop what listens there, choose another with PORT, or leave PORT empty for the next free one."
        )
    with held:
        yield held.getsockname()[1]


def _hold(host: str, port: int) -> socket.socket | None:
    """Keep a port for the web server that is started later; None when it is taken. Raises CommandError when the host
    is not an address of this machine.

    The web server binds with SO_REUSEPORT, under which a second site could bind as well, and the kernel would hand
    each of them half of the visitors. So the port is first listened on without it, which only one can do. What stays
    is bound and does not listen: it gets no connection, lets a server of the same user bind beside it, and keeps the
    port from everybody who asks in this way.
    """
    with _socket(host) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that just ended is no hindrance
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


def free_port(host: str = "127.0.0.1") -> int:
    """Any free port at the time of asking."""
    with _socket(host) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(address: str) -> bool:
    """Whether something accepts connections at this http address."""
    url = urlsplit(address)
    try:
        socket.create_connection((url.hostname, url.port), timeout=1).close()
    except OSError:
        return False
    return True


def reachable(host: str) -> str:
    """The address under which this machine reaches itself when it listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  (compared, not bound)


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
