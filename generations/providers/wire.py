"""The socket of one call: opened within a deadline, shut down at it, with a record of whether anything was sent."""

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Self

from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address
AddressRule = Callable[[Address], bool]

CONNECT_SECONDS = 10.0
NAT64 = IPv6Network("64:ff9b::/96")


def anywhere(_: Address) -> bool:
    return True


def loopback(address: Address) -> bool:
    return address.is_loopback


def public(address: Address) -> bool:
    """Return whether an address is on the public internet; an IPv4 address inside an IPv6 one is checked instead."""
    inner = _inner_ipv4(address)
    if inner is not None:
        return public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved)


def public_or_loopback(address: Address) -> bool:
    return public(address) or loopback(address)


def _inner_ipv4(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class ForbiddenAddress(Exception):
    """The host's name resolves to an address that this call may not reach."""


class Wire:
    """Context manager around a call: `seconds` after entering it, the socket is shut down.

    `sent` becomes True with the first byte that is passed to the socket, without the TLS handshake.
    """

    def __init__(self, seconds: float, reach: AddressRule = anywhere) -> None:
        self.seconds = seconds
        self.reach = reach
        self.sent = False
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    @property
    def ended(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Return the seconds until the deadline. Raises TimeoutError at it."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def open(self, host: str, port: int, options: Iterable[tuple[Any, ...]]) -> socket.socket:
        """Return a connected socket. Raises ForbiddenAddress before anything is opened, OSError or UnicodeError."""
        addresses = [address for address in self._look_up(host, port) if self.reach(ip_address(address))]
        if not addresses:
            raise ForbiddenAddress(_("%(host)s doesn't resolve to an allowed address") % {"host": host})
        failure: OSError = TimeoutError()
        for address in addresses:
            try:
                connected = socket.create_connection((address, port), min(CONNECT_SECONDS, self.left()))
            except OSError as error:
                failure = error
                continue
            for option in options:
                connected.setsockopt(*option)
            self._watch(connected)
            return connected
        raise failure

    def _look_up(self, host: str, port: int) -> list[str]:
        """Return every address of a name, looked up in a thread because the system's look-up cannot be interrupted."""
        answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
                answers.put([str(entry[4][0]) for entry in found])
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self.left())
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _watch(self, connected: socket.socket) -> None:
        # A duplicate of our own: TLS takes the descriptor out of the socket it wraps, and a descriptor number that was
        # closed elsewhere may already belong to another call.
        with self._lock:
            self._handle = connected.dup()
        if self.ended:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            if self._handle is None:
                return
            # An error here means that the other side has closed it already.
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)
