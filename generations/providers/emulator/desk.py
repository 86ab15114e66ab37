"""The free routes: the balance, and files that answers point to."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import Message

from generations.providers.emulator import checks
from generations.providers.emulator.faults import Route
from generations.providers.emulator.reply import Reply, as_error, as_json
from generations.providers.emulator.vendor import Vendor


@dataclass(frozen=True)
class Errand:
    """A free request that a fault may spoil as well."""

    vendor: Vendor
    finish: Callable[[], Reply]

    def wait(self, seconds: float) -> None:
        self.vendor.wait(seconds)

    def now(self) -> float:
        return self.vendor.now()

    def publish(self, content_type: str, content: bytes) -> str:
        return self.vendor.publish(content_type, content)


def credits(vendor: Vendor, path: str, headers: Message) -> Reply:
    """GET /v1/get-user-credits; not counted against the rate limit."""
    return _run(vendor, "credits", path, headers, lambda: _credits(vendor, headers))


def file(vendor: Vendor, name: str, path: str, headers: Message) -> Reply:
    """GET /generations/{name}; public, and a request that carries the key is turned away, as the vendor's CDN does."""
    return _run(vendor, "files", path, headers, lambda: _file(vendor, name, headers))


def _run(vendor: Vendor, route: Route, path: str, headers: Message, finish: Callable[[], Reply]) -> Reply:
    fault = vendor.script.take(route)
    request_id = secrets.token_hex(16)
    vendor.note("GET", path, request_id, headers, fault=fault.name if fault else "")
    reply = fault.answer(Errand(vendor, finish)) if fault else finish()
    return replace(reply, headers={"X-Request-ID": request_id, **reply.headers})


def _credits(vendor: Vendor, headers: Message) -> Reply:
    if refusal := checks.key(headers, vendor.keys):
        return refusal
    if not vendor.behaviour.account_exists:
        return as_error(404, "No credits found for the user")
    # The vendor sends JSON numbers; float is exact enough for ten places of a balance below a million.
    amounts = {"credits": float(vendor.account.balance), "free-credits": float(vendor.behaviour.free_credits)}
    return as_json(200, amounts)


def _file(vendor: Vendor, name: str, headers: Message) -> Reply:
    if headers.get("x-api-key") is not None:
        return as_error(403, "Forbidden")
    if name not in vendor.files:
        return as_error(404, "Not found")
    content_type, content = vendor.files[name]
    return Reply(200, content, {"Content-Type": content_type})
