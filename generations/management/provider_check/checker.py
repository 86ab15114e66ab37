"""A check of the provider: what is free to ask, and one paid call if it is wanted."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from generations import ledger, schema
from generations.conf import Conf
from generations.errors import ProviderError
from generations.management.provider_check import expectations
from generations.management.provider_check.expectations import CheckResult
from generations.models import Team, uuid7
from generations.pipeline.worker.claim import draw_seed
from generations.providers import Answer, Balance, ImageRequest, PastCall, Provider, history, provider_for
from generations.providers.account import BALANCE
from generations.providers.reading import document, fields, text
from generations.providers.transport import HttpReply

PROMPT = "a small round stone on sand"
HISTORY_PERIOD = timedelta(days=7)
# How long the charge, and the call itself, may take to appear.
MAX_WAIT_SECONDS, POLL_SECONDS = 20.0, 1.0
LEDGER_NOTE = "a check of the provider"


def make_paid_call(provider: Provider, request: ImageRequest, payer: Team | None, price: Decimal) -> Answer:
    """Make the one call of a check that costs money; `payer` is None for an emulator, which charges nobody.

    It is posted like any other: held before it leaves, then charged with what the provider says, or with the announced
    price where it says nothing. A refusal costs nothing. An unknown outcome is charged as an estimate, because there is
    no page to settle it.
    """
    if payer is None:
        return provider.call(request)
    key = f"check:{uuid7()}"
    with transaction.atomic():
        ledger.hold_without_generation(payer, price, idempotency_key=key, note=LEDGER_NOTE)
    try:
        answer = provider.call(request)
    except ProviderError as error:
        _settle(payer, price if error.maybe_charged else Decimal(0), key, estimated=error.maybe_charged)
        raise
    cost, estimated = (price, True) if answer.cost is None else (answer.cost, False)
    _settle(payer, cost, key, estimated=estimated)
    return answer


def _settle(payer: Team, cost: Decimal, key: str, *, estimated: bool) -> None:
    with transaction.atomic():
        ledger.settle_without_generation(payer, cost, idempotency_key=key, estimated=estimated, note=LEDGER_NOTE)


@dataclass(frozen=True)
class CheapestCall:
    """The cheapest picture of a model, and what has to be received for it."""

    request: ImageRequest
    seed: int
    size: tuple[int, int]
    format: str


class ProviderChecker:
    """Yields its results as they come. Raises ProviderError when the key, the balance or the call fails."""

    def __init__(self, settings: Conf, payer: Team | None = None) -> None:
        self.payer = payer
        self.version = settings.api_version
        self.model = schema.get()
        self.exchanges: list[tuple[str, str, HttpReply]] = []
        self.provider = provider_for(settings, lambda *exchange: self.exchanges.append(exchange))

    def run(self, say: Callable[[str], object], *, spend: bool) -> Iterator[CheckResult]:
        before = self.provider.balance()
        yield from self._account(before)
        yield self._history()
        if spend:
            price = f"its list price is ${self.model.list_price:.4f}"
            say(f"One paid call of {self.model.title} follows, in its smallest and fastest form; {price}.")
            yield from self._paid_call(before, cheapest_call(self.model))

    def _account(self, before: Balance) -> Iterator[CheckResult]:
        (reply,) = self._replies(BALANCE)
        yield CheckResult("the key is accepted", "it is", True)
        yield expectations.check_key(self.provider.api.key)
        yield expectations.check_balance(reply, before)
        yield expectations.check_clock(reply, datetime.now(UTC))

    def _history(self) -> CheckResult:
        now = datetime.now(UTC)
        try:
            self.provider.past(now - HISTORY_PERIOD, now)
        except ProviderError as error:
            return CheckResult("the history can be read", describe_error(error), False)
        return self._history_rows()

    def _history_rows(self) -> CheckResult:
        """Check the rows of every page of the history that was received."""
        pages = (history.rows(reply.body) for reply in self._replies(history.PATH))
        return expectations.check_history_rows([row for page in pages for row in page])

    def _paid_call(self, before: Balance, call: CheapestCall) -> Iterator[CheckResult]:
        self.exchanges.clear()
        started = datetime.now(UTC)
        answer = make_paid_call(self.provider, call.request, self.payer, self.model.list_price)
        yield expectations.check_request_id(self.version, answer.request_id)
        yield from self._v1_answer(call) if self.version == "v1" else self._v2_answer(answer, call)
        yield from self._image(answer, call)
        yield expectations.check_price(answer, self.model)
        yield from expectations.check_charge(before, answer, self._balance_after(before))
        yield from self._history_entry(answer, call, started)

    def _v1_answer(self, call: CheapestCall) -> Iterator[CheckResult]:
        (reply,) = self._replies("/v1/")
        yield from expectations.check_headers(reply, call.seed)

    def _v2_answer(self, answer: Answer, call: CheapestCall) -> Iterator[CheckResult]:
        submit, *polls = self._replies("/v2/")
        statuses = [text(fields(document(reply.body)).get("status")) for reply in polls]
        yield from expectations.check_submission(submit)
        yield from expectations.check_report(answer.body, statuses, call.seed)

    def _image(self, answer: Answer, call: CheapestCall) -> Iterator[CheckResult]:
        try:
            body = self.provider.picture(answer)
        except ProviderError as error:
            yield CheckResult("the picture can be fetched", describe_error(error), False)
            return
        is_v1 = self.version == "v1"
        content_type = answer.content_type if is_v1 else expectations.reported_content_type(answer.body)
        yield from expectations.check_image(body, content_type, call.format, call.size)

    def _balance_after(self, before: Balance) -> Balance:
        """Return the balance as soon as it shows the charge, or after the longest wait."""
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while (after := self.provider.balance()) == before and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return after

    def _history_entry(self, answer: Answer, call: CheapestCall, started: datetime) -> Iterator[CheckResult]:
        """Check the entry as soon as the history has it, or after the longest wait."""
        start = time.monotonic()
        waited, calls = 0.0, self._past_calls(started)
        while calls is not None and not expectations.find_call(calls, answer, call.seed) and waited < MAX_WAIT_SECONDS:
            time.sleep(POLL_SECONDS)
            waited, calls = time.monotonic() - start, self._past_calls(started)
        if calls is not None:
            yield from expectations.check_history_entry(calls, answer, call.seed, waited)
            yield self._history_rows()

    def _past_calls(self, since: datetime) -> list[PastCall] | None:
        try:
            return self.provider.past(since, datetime.now(UTC))
        except ProviderError:
            return None  # `_history` has reported it already

    def _replies(self, path: str) -> list[HttpReply]:
        return [reply for _, requested, reply in self.exchanges if requested.startswith(path)]


def cheapest_call(model: schema.ParameterSchema) -> CheapestCall:
    """Return the smallest and fastest picture of a model. Raises ValueError when its own schema refuses it."""
    number = draw_seed(model.by_role("seed"))
    values = schema.cheapest_values(model, PROMPT, number)
    size, form = model.by_role("size"), model.by_role("format")
    smallest = size.option(values[size.name]) if size else None
    request = ImageRequest(model.slug, schema.body(model, values))
    wanted = str(values.get(form.name, "")) if form else ""
    return CheapestCall(request, number, (smallest.width, smallest.height) if smallest else (0, 0), wanted)


def describe_error(error: ProviderError) -> str:
    """Return all that is known of a failure, in one line."""
    return f"{error.full_message} Request id {error.request_id}." if error.request_id else error.full_message
