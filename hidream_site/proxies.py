"""The client's address: X-Forwarded-For and X-Forwarded-Proto are used only when a trusted proxy sends them."""

import ipaddress
import logging
from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# The size of network that one customer gets; any address inside it can be used at will.
IPV6_PREFIX = 64
logger = logging.getLogger(__name__)


def parse_address(text: str) -> Address | None:
    """Parse an address as proxies write it: in brackets, with a port, with a zone. IPv4 inside IPv6 becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def network_of(address: str) -> str:
    """Return what rate limits count: an IPv4 address itself, for IPv6 the /64 around it, other text unchanged."""
    found = parse_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return address if found is None else str(found)


def client_address(peer: str, forwarded: str, trusted: Iterable[Network]) -> str:
    """Return the address behind the trusted proxies: from the right, each one names the client that connected to it.

    Everything to the left of the first untrusted address may be forged by the client, and is not read.
    """
    networks = list(trusted)
    client, hops = parse_address(peer), forwarded.split(",")
    while client is not None and is_in(client, networks) and hops:
        before = parse_address(hops.pop())
        if before is None:
            break
        client = before
    return peer if client is None else str(client)


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


class TrustedProxiesMiddleware:
    """Puts the client's address into REMOTE_ADDR, and drops X-Forwarded-Proto unless a trusted proxy sends it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.trusted: list[Network] = settings.TRUSTED_PROXIES
        self.has_warned = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = str(request.META.get("REMOTE_ADDR", ""))
        if is_in(parse_address(peer), self.trusted):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = client_address(peer, forwarded, self.trusted)
        elif request.META.pop("HTTP_X_FORWARDED_PROTO", "") and not settings.DEBUG and not self.has_warned:
            # Once, since anybody may send this header. Behind an untrusted proxy every page redirects to itself.
            self.has_warned = True
            logger.warning(
                "%s sends X-Forwarded-Proto and is not in TRUSTED_PROXIES. If it is your proxy, add it there.", peer
            )
        return self.get_response(request)
