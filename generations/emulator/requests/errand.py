"""A request to one of the free routes, which a fault may spoil as well."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.message import Message

from generations.emulator.faults.faults import Route
from generations.emulator.http.reply import Reply
from generations.emulator.jobs.run import Run
from generations.emulator.state.vendor import Vendor


@dataclass
class Errand:
    """`serve` is what is done without a fault; `run` the one whose picture is fetched; `id` the request it is about."""

    vendor: Vendor
    route: Route
    path: str
    headers: Message
    serve: Callable[[], Reply]
    run: Run | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    fault: str = ""

    def answer(self) -> Reply:
        fault = self.vendor.script.take(self.route)
        self.fault = fault.name if fault else ""
        self.vendor.note("GET", self.path, self.id, self.headers, fault=self.fault)
        reply = fault.answer(self) if fault else self.serve()
        return replace(reply, headers={"X-Request-ID": self.id, **reply.headers})

    def delivered(self, body_sha256: str) -> None:
        if self.run is not None:
            entry = replace(self.run.received, kind="DELIVERED", at=self.now(), status=200, body_sha256=body_sha256)
            self.vendor.books.write(replace(entry, fault=self.fault or entry.fault))

    def finish(self) -> Reply:
        return self.serve()

    def fail(self, text: str) -> None:
        """Nothing ran."""

    def wait(self, seconds: float) -> None:
        self.vendor.wait(seconds)

    def now(self) -> float:
        return self.vendor.now()

    def publish(self, content_type: str, content: bytes) -> str:
        return self.vendor.publish(content_type, content)
