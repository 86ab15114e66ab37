"""What the paid calls of both versions share: the vendor's checks in their order, the reservation, the books."""

import secrets
from abc import ABC, abstractmethod
from dataclasses import replace
from email.message import Message
from typing import ClassVar

from generations.emulator.account.books import Entry, Version
from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_error
from generations.emulator.jobs import order
from generations.emulator.jobs.run import Run
from generations.emulator.state.vendor import Vendor
from generations.schema import ParameterSchema


class Paid(ABC):
    """One POST. `settled` turns true when its end in the ledger is CHARGED, or will be written by the run itself."""

    version: ClassVar[Version]

    def __init__(self, vendor: Vendor, slug: str, headers: Message, raw: bytes) -> None:
        self.vendor = vendor
        self.slug = slug
        self.headers = headers
        self.raw = raw
        self.id = self.new_id()
        self.settled = False
        self.schema = vendor.model(slug)
        self.body: dict[str, object] = {}
        self.unreadable = ""
        self.limits: dict[str, str] = {}
        self.entry: Entry | None = None
        self.run: Run | None = None

    def new_id(self) -> str:
        return secrets.token_hex(16)

    @abstractmethod
    def work(self, run: Run, schema: ParameterSchema) -> Reply:
        """What follows when no check refuses; the estimate is reserved under the run's id."""

    def answer(self) -> Reply:
        """What the client gets, with the fault that is due; writes REFUSED unless the call is settled."""
        fault = self.vendor.script.take(self.version)
        path, name = f"/{self.version}/{self.slug}", fault.name if fault else ""
        self.vendor.note("POST", path, self.id, self.headers, body=self.raw, fault=name)
        self.entry = self._received(name)
        reply = fault.answer(self) if fault else self.finish()
        if self.entry and not self.settled:
            error = self.run.error if self.run else ""
            refused = replace(self.entry, kind="REFUSED", at=self.now(), status=reply.status, error=error)
            self.vendor.books.write(refused)
        return replace(reply, headers={"X-Request-ID": self.id, **reply.headers})

    def delivered(self, body_sha256: str) -> None:  # noqa: B027  (only version 1 delivers the picture with the answer)
        """All of the answer was handed to a client that still listened."""

    def finish(self) -> Reply:
        refusal = self._refused_early() or self._refused_for_money()
        if refusal or self.schema is None or self.entry is None:
            return refusal or as_error(404, "Model not found")
        return self.work(self._begin(self.schema, self.entry), self.schema)

    def fail(self, text: str) -> None:
        """A run that failed without anything else of it: the history lists it."""
        if self.schema and self.entry and self.run is None:
            self._begin(self.schema, self.entry).fail(text, self.now())

    def wait(self, seconds: float) -> None:
        self.vendor.wait(seconds)

    def now(self) -> float:
        return self.vendor.now()

    def publish(self, content_type: str, content: bytes) -> str:
        return self.vendor.publish(content_type, content)

    def _received(self, fault: str) -> Entry | None:
        """RECEIVED goes into the ledger for every readable order, before anything is checked."""
        if self.schema is None:
            return None
        try:
            self.body = checks.parse(self.headers, self.raw, self.schema)
        except checks.Unreadable as error:
            self.unreadable = str(error)
            return None
        seed, prompt = order.asked_seed(self.schema, self.body), order.asked_prompt(self.schema, self.body)
        digest = order.sha256(prompt)
        entry = Entry("RECEIVED", self.now(), self.id, self.slug, seed, digest, fault=fault, version=self.version)
        self.vendor.books.write(replace(entry, parameters=self.body))
        return entry

    def _begin(self, schema: ParameterSchema, entry: Entry) -> Run:
        """The run, known to the history from now on; a seed that was left to the vendor is drawn here."""
        seed = secrets.randbelow(order.RANDOM_SEEDS) if entry.seed is None else entry.seed
        self.entry = replace(entry, seed=seed)
        behaviour = self.vendor.behaviour
        self.run = Run(
            self.id,
            self.version,
            self.body,
            order.read(schema, self.body, seed),
            self.entry,
            behaviour.queue_seconds + behaviour.cold_boot_seconds,
            behaviour.drawing == "plain",
        )
        self.vendor.runs.add(self.run)
        return self.run

    def _refused_early(self) -> Reply | None:
        vendor = self.vendor
        if refusal := checks.key(self.headers, vendor.keys):
            return refusal
        admission = vendor.account.admit(vendor.behaviour.rpm)
        self.limits = {
            "X-RATE-LIMIT-REMAINING": str(admission.remaining),
            "X-RATE-LIMIT-RESET-AT-UTC": admission.reset_at,
        }
        if not admission.allowed:
            return as_error(429, "rate_limit_exceeded", self.limits)
        if refusal := checks.content_type(self.headers):
            return refusal
        return self._refused_model() or (as_error(400, self.unreadable) if self.unreadable else None)

    def _refused_model(self) -> Reply | None:
        if self.slug in self.vendor.behaviour.forbidden:
            return as_error(403, "This model is private or not enabled for your team")
        if self.slug in self.vendor.behaviour.retired:
            return as_error(410, "This model has been retired")
        return as_error(404, f"Model {self.slug} not found") if self.schema is None else None

    def _refused_for_money(self) -> Reply | None:
        """The team's limit, the balance, then the declared sets."""
        if self.schema is None:
            return None
        account, behaviour = self.vendor.account, self.vendor.behaviour
        estimate = order.read(self.schema, self.body, 0).cost
        if behaviour.spend_limit is not None and account.spent + account.reserved + estimate > behaviour.spend_limit:
            limit = f"Team spend limit reached: {behaviour.spend_limit} credits in all."
            return as_error(406, limit)
        if not account.reserve(self.id, estimate):
            text = f"Insufficient credits. Your balance is {account.balance:f} credits, this model needs {estimate:f}."
            return as_error(behaviour.insufficient_status, text)
        outside = checks.declared_sets(self.schema, self.body)
        if outside and behaviour.mismatch(self.version) == "gateway":
            account.release(self.id)
            return as_error(406, outside)
        return None
