"""One synchronous call: the vendor's checks in their order, the wait, the drawing and the charge."""

import secrets
import time
from dataclasses import replace
from email.message import Message

from generations.providers.emulator import checks, order
from generations.providers.emulator.account import Charge
from generations.providers.emulator.books import Entry
from generations.providers.emulator.order import Order
from generations.providers.emulator.reply import Reply, as_error
from generations.providers.emulator.vendor import Vendor

# A worker that refuses at once still reports a little time; captured values run from 0.05 to 0.39.
REFUSAL_SECONDS = "0.09"


class Call:
    """POST /v1/{slug}. `charged` turns true at completion, whether or not anybody still listens."""

    def __init__(self, vendor: Vendor, slug: str, headers: Message, raw: bytes) -> None:
        self.vendor = vendor
        self.slug = slug
        self.headers = headers
        self.raw = raw
        self.id = secrets.token_hex(16)
        self.charged = False
        self.schema = vendor.model(slug)
        self.body: dict[str, object] = {}
        self.unreadable = ""
        self._limits: dict[str, str] = {}
        self.entry: Entry | None = None

    def answer(self) -> Reply:
        """What the client gets, with the fault that is due; writes REFUSED unless the call was charged."""
        fault = self.vendor.script.take("v1")
        path, name = f"/v1/{self.slug}", fault.name if fault else ""
        self.vendor.note("POST", path, self.id, self.headers, body=self.raw, fault=name)
        self.entry = self._received(name)
        reply = fault.answer(self) if fault else self.finish()
        if self.entry and not self.charged:
            self.vendor.books.write(replace(self.entry, kind="REFUSED", at=self.now(), status=reply.status))
        return replace(reply, headers={"X-Request-ID": self.id, **reply.headers})

    def delivered(self, body_sha256: str) -> None:
        if self.entry and self.charged:
            entry = replace(self.entry, kind="DELIVERED", at=self.now(), status=200, body_sha256=body_sha256)
            self.vendor.books.write(entry)

    def finish(self) -> Reply:
        refusal = self._refused_early() or self._refused_for_money()
        if refusal or self.schema is None:
            return refusal or as_error(404, "Model not found")
        try:
            return self._work(order.read(self.schema, self.body, self._seed()))
        finally:
            self.vendor.account.release(self.id)

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
        entry = Entry("RECEIVED", self.now(), self.id, self.slug, seed, order.sha256(prompt), fault=fault)
        self.vendor.books.write(entry)
        return entry

    def _seed(self) -> int:
        asked = self.entry.seed if self.entry else None
        seed = secrets.randbelow(order.RANDOM_SEEDS) if asked is None else asked
        if self.entry:
            self.entry = replace(self.entry, seed=seed)
        return seed

    def _refused_early(self) -> Reply | None:
        vendor = self.vendor
        if refusal := checks.key(self.headers, vendor.keys):
            return refusal
        admission = vendor.account.admit(vendor.behaviour.rpm)
        self._limits = {
            "X-RATE-LIMIT-REMAINING": str(admission.remaining),
            "X-RATE-LIMIT-RESET-AT-UTC": admission.reset_at,
        }
        if not admission.allowed:
            return as_error(429, "rate_limit_exceeded", self._limits)
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
        """The balance, the team's limit, then the declared sets."""
        if self.schema is None:
            return None
        account, behaviour = self.vendor.account, self.vendor.behaviour
        estimate = order.read(self.schema, self.body, 0).cost
        if behaviour.spend_limit is not None and account.spent + account.reserved + estimate > behaviour.spend_limit:
            limit = f"Team spend limit reached: {behaviour.spend_limit} credits in all."
            return as_error(406, limit)
        outside = 406 if behaviour.enum_mismatch == "gateway" else 400
        if not account.reserve(self.id, estimate):
            text = f"Insufficient credits. Your balance is {account.balance:f} credits, this model needs {estimate:f}."
            return as_error(behaviour.insufficient_status, text)
        if refusal := checks.declared_sets(self.schema, self.body, outside):
            account.release(self.id)
            return refusal
        return None

    def _work(self, job: Order) -> Reply:
        vendor = self.vendor
        started = time.monotonic()
        ahead = vendor.behaviour.queue_seconds + vendor.behaviour.cold_boot_seconds
        vendor.wait(ahead)
        if self.schema and (refusal := checks.worker(self.schema, self.body)):
            headers = {
                "X-Generation-Time": REFUSAL_SECONDS,
                "X-Remaining-Credits": f"{vendor.account.balance:.10f}",
                **self._limits,
            }
            return replace(refusal, headers={**refusal.headers, **headers})
        picture = vendor.draw(job)
        vendor.sleep(started + (ahead + float(job.seconds)) / vendor.behaviour.speed_up - time.monotonic())
        charge = vendor.account.charge(self._charged(job))
        self.charged = True
        return Reply(200, picture, self._headers(job, charge))

    def _charged(self, job: Order) -> Entry:
        now = self.now()
        received = self.entry or Entry("RECEIVED", now, self.id, self.slug, job.seed, job.prompt_sha256)
        return replace(received, kind="CHARGED", at=now, status=200, cost=job.cost)

    def _headers(self, job: Order, charge: Charge) -> dict[str, str]:
        behaviour = self.vendor.behaviour
        remaining = charge.before if behaviour.remaining_credits == "before" else charge.after
        headers = {
            "Content-Type": f"image/{job.format}",
            "X-output-metadata": str({"height": job.height, "width": job.width}),
            "X-Generation-Time": str(job.seconds),
            "X-Remaining-Credits": f"{remaining:.10f}",
            **self._limits,
        }
        if behaviour.seed_header != "absent":
            headers["X-Seed-Value"] = str(job.seed) if behaviour.seed_header == "number" else "None"
        if behaviour.cost_header:
            headers["x-cost"] = f"{job.cost:f}"
        return headers
