"""A host of the provider that needs the API key: the one place from which the key is sent."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from generations.conf import EMULATOR_KEY
from generations.errors import KeyRejected, OutcomeUnknown, OutOfCredits, ProviderFailed, RateLimited
from generations.providers.transport import OK, HttpReply, fetch
from generations.providers.verdicts import verdict
from generations.providers.wire import AddressRule, anywhere, loopback, public, public_or_loopback

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Watch = Callable[[str, str, HttpReply], None]
# A free request may fail for these reasons, which mean the same for every request; all others mean "not now".
SAYS_WHY = (KeyRejected, OutOfCredits, RateLimited, ProviderFailed)


def unwatched(method: str, path: str, reply: HttpReply) -> None:
    """Ignore the raw reply; the default for callers that do not need it."""


class Gateway:
    """A client for one host. `watch` is called with every reply as received.

    Raises ValueError for an address or a key that cannot work; plain http is accepted for loopback, and for an emulator
    in the same private network, whose key is no secret.
    """

    def __init__(self, address: str, key: str, watch: Watch = unwatched) -> None:
        self.key = key.strip()
        parts = checked(address, self.key)
        self.host = parts.hostname or ""
        self.local = is_loopback(self.host) or is_emulator(self.host, self.key)
        self._base = f"{parts.scheme}://{parts.netloc}"
        # Plain http is allowed because the name is a loopback name, so the address it resolves to must be loopback too.
        self._reach = loopback if parts.scheme == "http" and is_loopback(self.host) else anywhere
        self._watch = watch
        if not re.fullmatch(r"[\x21-\x7e]+", self.key):
            raise ValueError("The API key is empty or holds characters that cannot go into a header; copy it again.")

    def ask(
        self, method: str, path: str, *, seconds: float, cap: int, body: Mapping[str, object] | None = None
    ) -> HttpReply:
        """Send a request for a path on this host with the key; otherwise like `transport.fetch`."""
        reply = fetch(
            method, self._base + path, headers={"x-api-key": self.key}, json=body, deadline=seconds, cap=cap,
            reach=self._reach,
        )  # fmt: skip
        self._watch(method, path, reply)
        return reply

    def has_plain_files(self, host: str) -> bool:
        """Return whether files of that host may be fetched by plain http: it is this machine, or the emulator's own."""
        return self.local and (is_loopback(host) or host == self.host)

    def reach_of(self, host: str) -> AddressRule:
        """Return the rule for the addresses that a file's host may have."""
        if not self.local:
            return public
        return public_or_loopback if is_loopback(host) or host != self.host else anywhere

    def read(self, path: str, *, seconds: float, cap: int, failure: "str | _StrPromise") -> bytes:
        """Return the body of a free GET.

        Raises a ProviderError that is never `maybe_charged`; `failure` is its sentence for causes that are specific to
        this request.
        """
        try:
            reply = self.ask("GET", path, seconds=seconds, cap=cap)
        except OutcomeUnknown as error:
            raise ProviderFailed(failure, details=error.details) from error
        if reply.status == OK:
            return reply.body
        found = verdict(reply, paid=False, secret=self.key)
        if isinstance(found, SAYS_WHY):
            raise found
        raise ProviderFailed(failure, status=found.status, reason=found.reason, request_id=found.request_id)


def checked(address: str, key: str) -> SplitResult:
    """Return the parts of an API's address. Raises ValueError with instructions for a wrong one."""
    parts = urlsplit(address.strip())
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise ValueError(f"The provider's address is {address!r}; write it like https://api.segmind.com.")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("The provider's address has more than scheme, host and port; leave the rest out.")
    if parts.scheme == "http" and not is_loopback(host) and not is_emulator(host, key):
        raise ValueError(f"The provider's address is {address!r}; the API key only travels by https, so write https.")
    return parts


def is_emulator(host: str, key: str) -> bool:
    """Return whether this is an emulator's service: its key is no secret, and a name without a dot is not public."""
    return key == EMULATOR_KEY and bool(re.fullmatch(r"[a-z][a-z0-9-]*", host))


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
