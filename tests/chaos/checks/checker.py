"""The checker: discrepancies between the three sets of records. Pure; the tests plant each violation.

I1 every POST has an attempt that was recorded as sent. I2 one charge for each attempt and each generation. I3 what was
delivered is in the gallery, or kept and reported, or unknown and reported. I4 nothing is stuck. I5 the costs agree. I6
files and rows agree, and nothing charged counts as free.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from tests.chaos.checks.books import Attempt, Books, Call, Generation, Image

WAITING = {"queued", "running"}
OPEN = {"reserved", "sent", "answered"}
FREE = {"reserved", "released", "not_billed"}
# Entry types that change the cost, and those that change the hold.
SPENDING = {"charge", "adjust"}
HOLDING = {"hold", "release"}
# Faults of v1 that replace the paid picture; with v2 they spoil an answer that leads to one.
SPOILED = {"html", "empty", "json-error", "truncated"}


class Finding(NamedTuple):
    """A violation; `rule` is I1 … I6 or L for the ledger, `figure` the row of the table that counts it."""

    rule: str
    figure: str
    subject: str
    sentence: str


class Index:
    """The records with lookups from each side."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.site, self.disk = books.site, books.disk
        self.charged = [call for call in books.provider if call.charges]

    @cached_property
    def attempt_by_seed(self) -> dict[int | None, Attempt]:
        return {attempt.seed: attempt for attempt in self.site.attempts}

    @cached_property
    def image_by_attempt(self) -> dict[str, Image]:
        return {image.attempt: image for image in self.site.images}

    @cached_property
    def generation_by_id(self) -> dict[str, Generation]:
        return {generation.id: generation for generation in self.site.generations}

    @cached_property
    def charged_by_seed(self) -> dict[int | None, Call]:
        return {call.seed: call for call in self.charged}

    def attempt(self, call: Call) -> Attempt | None:
        found = self.attempt_by_seed.get(call.seed)
        return found if found and found.sent else None


def recorded(index: Index) -> Iterator[Finding]:
    for call in index.books.provider:
        if index.attempt(call) is None:
            figure = "charged without a record" if call.charges else "POST without a record"
            yield Finding("I1", figure, call.request_id, f"seed {call.seed} belongs to no attempt that was sent")


def charged_once(index: Index) -> Iterator[Finding]:
    charges: Counter[int | None] = Counter()
    orders: Counter[str] = Counter()
    for call in index.charged:
        charges[call.seed] += len(call.charges)
        orders[call.prompt_sha256] += len(call.charges)
    for seed, times in charges.items():
        if times > 1:
            yield Finding("I2", "attempts charged twice", str(seed), f"one attempt was charged {times} times")
    for prompt, times in orders.items():
        if times > 1:
            yield Finding(
                "I2", "orders charged twice", prompt, f"one order was charged {times} times, nobody asked for it"
            )


def delivered(index: Index) -> Iterator[Finding]:
    for call in index.charged:
        attempt = index.attempt(call)
        if attempt is None:
            continue  # I1 reports it
        complaint = OUTCOMES.get(attempt.state, _nothing)(index, call, attempt)
        if complaint:
            yield Finding("I3", "paid, nothing to show, no record", attempt.id, complaint)


def _nothing(index: Index, call: Call, attempt: Attempt) -> str:
    return ""


def _stored(index: Index, call: Call, attempt: Attempt) -> str:
    image = index.image_by_attempt.get(attempt.id)
    if image is None:
        return "stored, without an image row"
    found = index.disk.originals.get(image.path)
    if found != image.sha256:
        return f"stored as {image.path}, which {'holds other bytes' if found else 'is not there'}"
    return ""


def _rejected(index: Index, call: Call, attempt: Attempt) -> str:
    kept = index.disk.rejected.get(attempt.id)
    if call.delivered and kept is None:
        return "rejected, and what came was not kept"
    # With v2 the job report is kept, and only files count as delivered.
    if call.version == "v1" and call.delivered and kept not in call.delivered:
        return "rejected, and what is kept is not what came"
    return ""


# By the attempt's state; the others are shown as unknown, counted as stuck (I4) or as free (I6).
OUTCOMES: dict[str, Callable[[Index, Call, Attempt], str]] = {"stored": _stored, "rejected": _rejected}


def same_bytes(index: Index) -> Iterator[Finding]:
    """Yield pictures that differ from what was delivered, where the answer itself was the picture."""
    hashes = {call.seed: call.delivered for call in index.charged if call.delivered}
    for attempt in index.site.attempts:
        image = index.image_by_attempt.get(attempt.id)
        handed = hashes.get(attempt.seed)
        if image and handed and image.sha256 not in handed:
            yield Finding("I3", "other bytes than delivered", attempt.id, f"{image.path} is not what was delivered")


def settled(index: Index) -> Iterator[Finding]:
    for generation in index.site.generations:
        if generation.state in WAITING:
            yield Finding("I4", "stuck", generation.id, f"still {generation.state} after the faults have ended")
    for attempt in index.site.attempts:
        owner = index.generation_by_id.get(attempt.generation)
        if attempt.state in OPEN and owner is not None and owner.state not in WAITING:
            sentence = f"still {attempt.state}, while its generation is {owner.state}"
            yield Finding("I4", "open attempt of a finished order", attempt.id, sentence)


def orders_kept(index: Index) -> Iterator[Finding]:
    rows = Counter(generation.prompt_sha256 for generation in index.site.generations)
    for prompt in index.books.ordered:
        if rows[prompt] != 1:
            yield Finding("I4", "orders lost or doubled", prompt, f"accepted once, and {rows[prompt]} rows of it")


def costs_agree(index: Index) -> Iterator[Finding]:
    for attempt in index.site.attempts:
        call = index.charged_by_seed.get(attempt.seed)
        taken = sum(call.charges) if call else 0
        if attempt.cost is not None and not call:
            yield Finding(
                "I5", "free, recorded as charged", attempt.id, f"cost {attempt.cost}, and nothing was charged"
            )
        elif attempt.cost is not None and not attempt.estimated and attempt.cost != taken:
            yield Finding("I5", "cost differs", attempt.id, f"cost {attempt.cost}, charged {taken}")


def sums_agree(index: Index) -> Iterator[Finding]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for attempt in index.site.attempts:
        sums[attempt.generation] += attempt.cost or 0
    for generation in index.site.generations:
        if (generation.cost or 0) != sums[generation.id]:
            sentence = f"cost {generation.cost}, and its attempts sum up to {sums[generation.id]}"
            yield Finding("I5", "cost differs", generation.id, sentence)


def not_free(index: Index) -> Iterator[Finding]:
    for call in index.charged:
        attempt = index.attempt_by_seed.get(call.seed)
        if attempt and attempt.state in FREE:
            sentence = f"charged {sum(call.charges)}, recorded as {attempt.state}"
            yield Finding("I6", "charged, recorded as free", attempt.id, sentence)


def files_agree(index: Index) -> Iterator[Finding]:
    rows = {image.path for image in index.site.images}
    for name in sorted(rows - index.disk.originals.keys()):
        yield Finding("I6", "row without file", name, "the image row is there, its file is not")
    for name in sorted(index.disk.originals.keys() - rows):
        yield Finding("I6", "file without row", name, "the file is there, and no image row names it")
    for name in sorted(rows & index.disk.no_pictures):
        yield Finding("I3", "shown, and no picture", name, "the file that the row names is no picture")
    for name in sorted(index.site.thumbnails - index.disk.thumbnails):
        yield Finding("I6", "row without file", name, "the thumbnail's row is there, its file is not")
    for name in sorted(index.disk.spool):
        yield Finding("I6", "answer left in the spool", name, "nobody stored it, although everything was up")


def done_shows_a_picture(index: Index) -> Iterator[Finding]:
    shown = {image.generation for image in index.site.images}
    for generation in index.site.generations:
        if (generation.state == "done") != (generation.id in shown):
            yield Finding(
                "I6", "done without a picture", generation.id, f"{generation.state}, and the picture disagrees"
            )


def ledger_agrees(index: Index) -> Iterator[Finding]:
    """Yield attempts whose charges and adjustments do not sum up to their cost."""
    booked: dict[str, Decimal] = defaultdict(Decimal)
    for entry in index.site.ledger or ():
        if entry.kind in SPENDING:
            booked[entry.attempt] -= entry.amount
    costs = {attempt.id: attempt.cost or Decimal(0) for attempt in index.site.attempts}
    for attempt in booked.keys() | costs.keys() if index.site.ledger is not None else ():
        if booked.get(attempt, 0) != costs.get(attempt, 0):
            sentence = f"the ledger has {booked.get(attempt, 0)}, the attempt cost {costs.get(attempt, 0)}"
            yield Finding("L", "ledger differs from attempts", attempt, sentence)


def holds_have_a_cause(index: Index) -> Iterator[Finding]:
    held: dict[str, Decimal] = defaultdict(Decimal)
    for entry in index.site.ledger or ():
        if entry.kind in HOLDING:
            held[entry.generation] -= entry.amount
    for generation, amount in held.items():
        found = index.generation_by_id.get(generation)
        state = found.state if found else "gone"
        if amount < 0 or (amount and state not in WAITING | {"unknown"}):
            yield Finding("L", "hold without a cause", generation, f"{amount} is held, and the order is {state}")


RULES: tuple[Callable[[Index], Iterator[Finding]], ...] = (
    recorded, charged_once, delivered, same_bytes, settled, orders_kept, costs_agree, sums_agree, not_free,
    files_agree, done_shows_a_picture, ledger_agrees, holds_have_a_cause,
)  # fmt: skip


def check(books: Books) -> list[Finding]:
    index = Index(books)
    return [finding for rule in RULES for finding in rule(index)]
