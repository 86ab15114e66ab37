"""Where the site may listen."""

import errno
import socket
from urllib.parse import urlsplit

from django.core.management import CommandError

DEFAULT_PORT = 8000
PORTS_TRIED = 20


def choose_port(host: str, asked: int | None) -> int:
    """The port asked for, else the default, else the next free one. Raises CommandError when `asked` is taken."""
    if asked is None:
        candidates = range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
        return next((port for port in candidates if is_free(host, port)), None) or free_port(host)
    if not is_free(host, asked):
        raise CommandError(
            f"Port {asked} on {host} is taken or not yours to use. "
            f"Stop what listens there, choose another with PORT, or leave PORT empty for the next free one."
        )
    return asked


def is_free(host: str, port: int) -> bool:
    """Raises CommandError when the host is not an address of this machine."""
    with _socket(host) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that just ended is no hindrance
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise CommandError(
                f"HOST {host} cannot be listened on ({error}). Use 127.0.0.1, or 0.0.0.0 for every address."
            ) from error
    return True


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
