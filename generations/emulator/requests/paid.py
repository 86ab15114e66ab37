"""The paid calls of both versions: the provider's checks in their order, the reservation, the ledger, the work."""

import secrets
import time
import uuid
from abc import abstractmethod
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from generations.emulator.account import ProviderEntry, Version
from generations.emulator.job import Job, JobOutcome, parse_request, prompt_of, seed_of, sha256
from generations.emulator.provider import EmulatedProvider
from generations.emulator.reply import ProviderReply, error_reply, format_time, json_reply
from generations.emulator.requests.base import ProviderRequest
from generations.emulator.validation import (
    UnreadableBody,
    check_content_type,
    find_invalid_choice,
    find_invalid_value,
    read_body,
)
from generations.schema import ParameterSchema

# The range the provider's workers draw from when no seed is given: 14 digits, wider than 32 bits.
RANDOM_SEEDS = 99_999_999_999_999


class PaidRequest(ProviderRequest):
    """One POST. `settled` turns true when its end in the ledger is CHARGED, or will be written by the job itself."""

    method = "POST"
    version: ClassVar[Version]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.path = f"/{self.version}/{self.argument}"
        self.schema = self.provider.model(self.argument)
        self.body: dict[str, object] = {}
        self.unreadable = ""
        self.limits: dict[str, str] = {}
        self.entry: ProviderEntry | None = None
        self.job: Job | None = None
        self.settled = False

    @abstractmethod
    def work(self, job: Job) -> ProviderReply:
        """Answer when no check refuses; the estimate is reserved under the job's id."""

    def begin(self) -> None:
        """Write RECEIVED for every readable request, before anything is checked."""
        if self.schema is None:
            return
        try:
            self.body = read_body(self.headers, self.raw, self.schema)
        except UnreadableBody as error:
            self.unreadable = str(error)
            return
        seed, digest = seed_of(self.schema, self.body), sha256(prompt_of(self.schema, self.body))
        entry = ProviderEntry("RECEIVED", self.provider.now(), self.id, self.argument, seed, digest, fault=self.fault)
        self.entry = replace(entry, version=self.version)
        self.provider.ledger.write(replace(self.entry, parameters=self.body))

    def end(self, reply: ProviderReply) -> None:
        if self.entry and not self.settled:
            error = self.job.error if self.job else ""
            self.provider.record(self.entry, "REFUSED", status=reply.status, error=error)

    def serve(self) -> ProviderReply:
        refusal = self._check_rate() or check_content_type(self.headers) or self._check_model()
        if refusal or self.schema is None or self.entry is None:
            return refusal or error_reply(400, self.unreadable)
        return self._check_money(self.schema) or self.work(self._start(self.schema, self.entry))

    def fail(self, text: str) -> None:
        if self.schema and self.entry and self.job is None:
            self._start(self.schema, self.entry).fail(text, self.provider.now())

    def _start(self, schema: ParameterSchema, entry: ProviderEntry) -> Job:
        """Return the job, known to the history from now on; a seed that was left to the provider is drawn here."""
        seed = secrets.randbelow(RANDOM_SEEDS) if entry.seed is None else entry.seed
        self.entry, behaviour = replace(entry, seed=seed), self.provider.behaviour
        queue_seconds = behaviour.queue_seconds + behaviour.cold_boot_seconds
        self.job = Job(schema, self.body, self.entry, queue_seconds, behaviour.drawing)
        self.provider.jobs.add(self.job)
        return self.job

    def _check_rate(self) -> ProviderReply | None:
        allowed, remaining, reset_at = self.provider.account.count_request(self.provider.behaviour.rpm)
        self.limits = {"X-RATE-LIMIT-REMAINING": str(remaining), "X-RATE-LIMIT-RESET-AT-UTC": format_time(reset_at)}
        return None if allowed else error_reply(429, "rate_limit_exceeded", self.limits)

    def _check_model(self) -> ProviderReply | None:
        if self.argument in self.provider.behaviour.forbidden:
            return error_reply(403, "This model is private or not enabled for your team")
        if self.argument in self.provider.behaviour.retired:
            return error_reply(410, "This model has been retired")
        return error_reply(404, f"Model {self.argument} not found") if self.schema is None else None

    def _check_money(self, schema: ParameterSchema) -> ProviderReply | None:
        """Check the team's limit, the balance, then the declared sets."""
        account, behaviour = self.provider.account, self.provider.behaviour
        estimate = parse_request(schema, self.body, 0).cost
        if behaviour.spend_limit is not None and account.spent + account.reserved + estimate > behaviour.spend_limit:
            return error_reply(406, f"Team spend limit reached: {behaviour.spend_limit} credits in all.")
        if not account.reserve(self.id, estimate):
            text = f"Insufficient credits. Your balance is {account.balance:f} credits, this model needs {estimate:f}."
            return error_reply(behaviour.insufficient_status, text)
        invalid = find_invalid_choice(schema, self.body)
        refusing = behaviour.enum_mismatch if self.version == "v1" else behaviour.enum_mismatch_v2
        if invalid and refusing == "gateway":
            account.release(self.id)
            return error_reply(406, invalid)
        return None


# A worker that refuses at once still reports a little time; captured values run from 0.05 to 0.39.
REFUSAL_SECONDS = "0.09"


class SyncRequest(PaidRequest):
    """POST /v1/{slug}. Charged at completion, whether or not anybody still listens."""

    route = "v1"
    version = "v1"

    def delivered(self, body_sha256: str) -> None:
        if self.entry and self.settled:
            self.provider.record(self.entry, "DELIVERED", body_sha256=body_sha256)

    def work(self, job: Job) -> ProviderReply:
        try:
            return self._work(job)
        finally:
            self.provider.account.release(self.id)

    def _work(self, job: Job) -> ProviderReply:
        provider, started = self.provider, time.monotonic()
        provider.wait(job.queue_seconds)
        job.status = "PROCESSING"
        if refusal := find_invalid_value(job.schema, self.body):
            status, text = refusal
            job.fail(text, provider.now())
            balance = f"{provider.account.balance:.10f}"
            headers = {"X-Generation-Time": REFUSAL_SECONDS, "X-Remaining-Credits": balance, **self.limits}
            return error_reply(status, text, headers, pretty=status == 400)
        picture = provider.draw(job)
        seconds = (job.queue_seconds + float(job.request.seconds)) / provider.behaviour.speed_up
        provider.sleep(started + seconds - time.monotonic())
        provider.charge(job)
        self.settled = True
        return ProviderReply(200, picture, self._headers(job))

    def _headers(self, job: Job) -> dict[str, str]:
        request = job.request
        headers = {
            "Content-Type": job.content_type,
            "X-output-metadata": str({"height": request.height, "width": request.width}),
            "X-Generation-Time": str(request.seconds),
            "X-Remaining-Credits": f"{self.provider.remaining_credits(job):.10f}",
            **self.limits,
        }
        if (seed := self.provider.seed_text(job)) is not None:
            headers["X-Seed-Value"] = seed
        if self.provider.behaviour.cost_header:
            headers["x-cost"] = f"{request.cost:f}"
        return headers


class SubmitRequest(PaidRequest):
    """POST /v2/{slug}. A fault may give the job another `outcome` before `finish`."""

    route = "v2"
    version = "v2"
    outcome = JobOutcome()

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def work(self, job: Job) -> ProviderReply:
        job.outcome = self.outcome
        self.settled = True
        provider, url = self.provider, f"{self.provider.url}/v2/requests/{job.id}"
        provider.scheduler.after(job.queue_seconds / provider.behaviour.speed_up, partial(_begin, provider, job))
        old = f"{provider.url}/v1/requests/{job.id}"
        addresses = {"poll_url": old, "status_url": f"{url}/status", "response_url": url}
        return json_reply(200, {"request_id": job.id, "status": "QUEUED", **addresses}, self.limits)


def _begin(provider: EmulatedProvider, job: Job) -> None:
    """Start the work. Drawing may take longer than the job should: the job then ends with the drawing."""
    job.status = "PROCESSING"
    if refusal := find_invalid_value(job.schema, job.parameters):
        provider.fail(job, refusal[1])
        return
    drawing = provider.start_drawing(job)
    seconds = float(job.request.seconds) / provider.behaviour.speed_up
    provider.scheduler.after(seconds, lambda: drawing.add_done_callback(partial(_end, provider, job)))


def _end(provider: EmulatedProvider, job: Job, drawing: "Future[None]") -> None:
    if provider.stopping.is_set() or drawing.cancelled():
        return
    error = drawing.exception()
    failure = job.outcome.failure or (f"The picture cannot be drawn: {error}" if error else "")
    if failure:
        provider.fail(job, failure)
    elif job.outcome.charge:
        provider.charge(job)
    else:
        provider.account.release(job.id)
        job.ended_at = provider.now()
        provider.record(job.received, "REFUSED", status=0)
