"""What the paid calls of both versions share: the provider's checks in their order, the reservation, the ledger."""

import secrets
from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

from generations.emulator.account.ledger import ProviderEntry, Version
from generations.emulator.http.reply import Reply, error_reply, format_time
from generations.emulator.http.validation import UnreadableBody, check_content_type, find_invalid_choice, read_body
from generations.emulator.jobs.job import Job
from generations.emulator.jobs.parsing import parse_request, prompt_of, seed_of, sha256
from generations.emulator.requests.base import ProviderRequest
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
    def work(self, job: Job) -> Reply:
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
        now, version = self.provider.now(), self.version
        self.entry = ProviderEntry(
            "RECEIVED", now, self.id, self.argument, seed, digest, fault=self.fault, version=version
        )
        self.provider.ledger.write(replace(self.entry, parameters=self.body))

    def end(self, reply: Reply) -> None:
        if self.entry and not self.settled:
            error, now = self.job.error if self.job else "", self.provider.now()
            self.provider.ledger.write(replace(self.entry, kind="REFUSED", at=now, status=reply.status, error=error))

    def serve(self) -> Reply:
        refusal = self._check_rate() or check_content_type(self.headers) or self._check_model()
        if refusal or self.schema is None or self.entry is None:
            return refusal or error_reply(400, self.unreadable)
        return self._check_money(self.schema) or self.work(self._start(self.schema, self.entry))

    def fail(self, text: str) -> None:
        if self.schema and self.entry and self.job is None:
            self._start(self.schema, self.entry).fail(text, self.provider.now())

    def _start(self, schema: ParameterSchema, entry: ProviderEntry) -> Job:
        """The job, known to the history from now on; a seed that was left to the provider is drawn here."""
        seed = secrets.randbelow(RANDOM_SEEDS) if entry.seed is None else entry.seed
        self.entry, behaviour = replace(entry, seed=seed), self.provider.behaviour
        queue_seconds = behaviour.queue_seconds + behaviour.cold_boot_seconds
        self.job = Job(schema, self.body, self.entry, queue_seconds, behaviour.drawing == "plain")
        self.provider.jobs.add(self.job)
        return self.job

    def _check_rate(self) -> Reply | None:
        rate = self.provider.account.count_request(self.provider.behaviour.rpm)
        reset_at = format_time(rate.reset_at)
        self.limits = {"X-RATE-LIMIT-REMAINING": str(rate.remaining), "X-RATE-LIMIT-RESET-AT-UTC": reset_at}
        return None if rate.allowed else error_reply(429, "rate_limit_exceeded", self.limits)

    def _check_model(self) -> Reply | None:
        if self.argument in self.provider.behaviour.forbidden:
            return error_reply(403, "This model is private or not enabled for your team")
        if self.argument in self.provider.behaviour.retired:
            return error_reply(410, "This model has been retired")
        return error_reply(404, f"Model {self.argument} not found") if self.schema is None else None

    def _check_money(self, schema: ParameterSchema) -> Reply | None:
        """The team's limit, the balance, then the declared sets."""
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
