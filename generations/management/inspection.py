"""One look at the provider: what is free to ask, and one paid call when it is wanted."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from generations import ledger, schema
from generations.conf import Conf
from generations.errors import ProviderError
from generations.management import assumptions
from generations.management.assumptions import Finding
from generations.models import Team, uuid7
from generations.pipeline.worker.claim import draw_seed
from generations.providers import Answer, Balance, ImageRequest, PastCall, Provider, history, provider_for
from generations.providers.account import BALANCE
from generations.providers.reading import document, fields, text
from generations.providers.transport import Reply
from generations.schema import Option

PROMPT = "a small round stone on sand"
RECENT = timedelta(days=7)
# Seconds for the charge, and for the call itself, to show up.
PATIENCE, PAUSE = 20.0, 1.0
CHECK = "a check of the provider"


def make_the_paid_call(provider: Provider, request: ImageRequest, payer: Team | None, price: Decimal) -> Answer:
    """The one call of an inspection that costs money; `payer` is None for an emulator, which takes none.

    Booked like any other: held before it leaves, charged with what the provider says, and with the price that was
    announced where it says nothing. A refusal costs nothing. A doubt is booked as an estimate: no page would settle it.
    """
    if payer is None:
        return provider.call(request)
    cause = f"check:{uuid7()}"
    with transaction.atomic():
        ledger.reserve(payer, price, cause=cause, note=CHECK)
    try:
        answer = provider.call(request)
    except ProviderError as error:
        _settle(payer, price if error.maybe_charged else Decimal(0), cause, estimated=error.maybe_charged)
        raise
    cost, estimated = (price, True) if answer.cost is None else (answer.cost, False)
    _settle(payer, cost, cause, estimated=estimated)
    return answer


def _settle(payer: Team, cost: Decimal, cause: str, *, estimated: bool) -> None:
    with transaction.atomic():
        ledger.settle_reserved(payer, cost, cause=cause, estimated=estimated, note=CHECK)


@dataclass(frozen=True)
class Order:
    """The cheapest picture of a model, and what has to come back of it."""

    request: ImageRequest
    seed: int
    size: tuple[int, int]
    form: str


class Inspection:
    """`all` yields its findings as they come. Raises ProviderError when the key, the balance or the call fails."""

    def __init__(self, settings: Conf, payer: Team | None = None) -> None:
        self.payer = payer
        self.version = settings.api_version
        self.model = schema.get()
        self.seen: list[tuple[str, str, Reply]] = []
        self.provider = provider_for(settings, lambda *answer: self.seen.append(answer))

    def all(self, say: Callable[[str], object], *, spend: bool) -> Iterator[Finding]:
        before = self.provider.balance()
        yield from self._account(before)
        yield self._history()
        if spend:
            price = f"its list price is ${self.model.list_price:.4f}"
            say(f"One paid call of {self.model.title} follows, in its smallest and fastest form; {price}.")
            yield from self._paid(before, cheapest(self.model))

    def _account(self, before: Balance) -> Iterator[Finding]:
        (reply,) = self._replies(BALANCE)
        yield Finding("the key is accepted", "it is", True)
        yield assumptions.key(self.provider.api.key)
        yield assumptions.balance(reply, before)
        yield assumptions.clock(reply, datetime.now(UTC))

    def _history(self) -> Finding:
        now = datetime.now(UTC)
        try:
            self.provider.past(now - RECENT, now)
        except ProviderError as error:
            return Finding("the history can be read", sentence(error), False)
        return self._rows()

    def _rows(self) -> Finding:
        """Of the history's pages that were seen."""
        pages = (history.rows(reply.body) for reply in self._replies(history.PATH))
        return assumptions.history([row for page in pages for row in page])

    def _paid(self, before: Balance, order: Order) -> Iterator[Finding]:
        self.seen.clear()
        began = datetime.now(UTC)
        answer = make_the_paid_call(self.provider, order.request, self.payer, self.model.list_price)
        yield assumptions.request_id(self.version, answer.request_id)
        yield from self._answered(order) if self.version == "v1" else self._reported(answer, order)
        yield from self._picture(answer, order)
        yield assumptions.price(answer, self.model)
        yield from assumptions.charge(before, answer, self._balance_after(before))
        yield from self._listed(answer, order, began)

    def _answered(self, order: Order) -> Iterator[Finding]:
        (reply,) = self._replies("/v1/")
        yield from assumptions.headers(reply, order.seed)

    def _reported(self, answer: Answer, order: Order) -> Iterator[Finding]:
        submit, *polls = self._replies("/v2/")
        words = [text(fields(document(reply.body)).get("status")) for reply in polls]
        yield from assumptions.submitted(submit)
        yield from assumptions.reported(answer.body, words, order.seed)

    def _picture(self, answer: Answer, order: Order) -> Iterator[Finding]:
        try:
            body = self.provider.picture(answer)
        except ProviderError as error:
            yield Finding("the picture can be fetched", sentence(error), False)
            return
        kind = answer.content_type if self.version == "v1" else assumptions.named_type(answer.body)
        yield from assumptions.picture(body, kind, order.form, order.size)

    def _balance_after(self, before: Balance) -> Balance:
        """As soon as the charge shows, at the latest when patience ends."""
        end = time.monotonic() + PATIENCE
        while (after := self.provider.balance()) == before and time.monotonic() < end:
            time.sleep(PAUSE)
        return after

    def _listed(self, answer: Answer, order: Order, began: datetime) -> Iterator[Finding]:
        """As soon as the history has the call, at the latest when patience ends."""
        started = time.monotonic()
        waited, calls = 0.0, self._past(began)
        while calls is not None and not assumptions.found_in(calls, answer, order.seed) and waited < PATIENCE:
            time.sleep(PAUSE)
            waited, calls = time.monotonic() - started, self._past(began)
        if calls is not None:
            yield from assumptions.listed(calls, answer, order.seed, waited)
            yield self._rows()

    def _past(self, began: datetime) -> list[PastCall] | None:
        try:
            return self.provider.past(began, datetime.now(UTC))
        except ProviderError:
            return None  # `_history` has said so already

    def _replies(self, path: str) -> list[Reply]:
        return [reply for _, asked, reply in self.seen if asked.startswith(path)]


def cheapest(model: schema.ParameterSchema) -> Order:
    prompt, seed, size, speed, form = (model.by_role(role) for role in ("prompt", "seed", "size", "speed", "format"))
    smallest = min(size.options, key=pixels) if size else None
    fastest = min(speed.options, key=seconds) if speed else None
    raw: dict[str, object] = {}
    number = draw_seed(seed)
    for parameter, value in (
        (prompt, PROMPT), (seed, number), (size, smallest and smallest.value), (speed, fastest and fastest.value),
    ):  # fmt: skip
        if parameter is not None:
            raw[parameter.name] = value
    values, errors = schema.clean(model, raw)
    if errors:
        raise ValueError(f"The cheapest order does not fit the schema of {model.title}: {errors}")
    request = ImageRequest(model.slug, schema.body(model, values))
    asked = str(values.get(form.name, "")) if form else ""
    return Order(request, number, (smallest.width, smallest.height) if smallest else (0, 0), asked)


def pixels(option: Option) -> int:
    return option.width * option.height


def seconds(option: Option) -> float:
    return option.seconds


def sentence(error: ProviderError) -> str:
    """All that is known of a failure, in one line."""
    return f"{error.told} Request id {error.request_id}." if error.request_id else error.told
