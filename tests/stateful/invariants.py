"""What holds after every step: the provider's ledger, our ledger, the rows and the files agree.

I1 every call that the provider received was recorded as sent before. I2 one call for each attempt; one charge for each
picture and one more for each that a user accepted. I3 what was delivered is kept. I4 nothing is stuck (`calm`). I5 the
ledger is right. I6 rows and files belong together, and nothing that was charged is recorded as free.
"""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from generations import ledger
from generations.emulator.account import ProviderEntry
from generations.models import (
    HELD,
    OPEN,
    SPENT,
    Attempt,
    AttemptState,
    EntryType,
    Generation,
    Image,
    LedgerEntry,
    State,
    Team,
)  # fmt: skip
from generations.storage import files, spool

PLACES = Decimal("1E-10")
A = AttemptState
FREE = {A.RESERVED, A.RELEASED, A.NOT_BILLED}
PAID = {A.ANSWERED, A.STORED, A.REJECTED}


@dataclass
class Memory:
    """Facts of earlier steps: entries never change, and a second charge needs the consent of a user."""

    entries: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    accepted: Counter[object] = field(default_factory=Counter)
    # Seeds of attempts whose answer a living worker has received.
    in_hand: set[int] = field(default_factory=set)


@dataclass
class Sight:
    """All records at one moment."""

    vendor: list[ProviderEntry]
    generations: dict[object, Generation]
    attempts: list[Attempt]
    entries: list[LedgerEntry]

    def __post_init__(self) -> None:
        self.by_seed = {attempt.seed: attempt for attempt in self.attempts}
        self.charged: dict[int | None, Decimal] = defaultdict(Decimal)
        for entry in self.of("CHARGED"):
            self.charged[entry.seed] += entry.cost

    def says_no_price(self, seed: int | None) -> bool:
        """Return whether a fault removed the price from the answer; with v2 that may be any of many polls."""
        orders = [entry for entry in self.of("RECEIVED") if entry.seed == seed]
        return any(entry.version == "v2" or entry.fault.endswith("-headers") for entry in orders)

    def of(self, kind: str) -> list[ProviderEntry]:
        return [entry for entry in self.vendor if entry.kind == kind]


def look(vendor: list[ProviderEntry]) -> Sight:
    attempts = list(Attempt.objects.order_by("id"))
    return Sight(vendor, Generation.objects.in_bulk(), attempts, list(LedgerEntry.objects.order_by("id")))


def check(sight: Sight, memory: Memory, team: Team) -> None:
    orders_are_recorded(sight)
    nothing_is_paid_twice(sight, memory)
    files_belong_to_rows()
    what_was_delivered_is_kept(sight, memory)
    costs_are_the_vendors(sight)
    states_fit_together(sight)
    ledger_is_right(sight, memory, team)
    holds_are_right(sight, team)


def orders_are_recorded(sight: Sight) -> None:
    for entry in sight.of("RECEIVED"):
        attempt = sight.by_seed.get(entry.seed)
        assert attempt is not None, f"I1: an order with seed {entry.seed} was received, and no attempt has it"
        assert attempt.sent_at is not None, f"I1: {attempt} was received by the vendor and not recorded as sent"


def nothing_is_paid_twice(sight: Sight, memory: Memory) -> None:
    for seed, times in Counter(entry.seed for entry in sight.of("RECEIVED")).items():
        assert times == 1, f"I2: {sight.by_seed[seed]} was sent {times} times"
    paid = Counter(sight.by_seed[entry.seed].generation_id for entry in sight.of("CHARGED"))
    for generation, times in paid.items():
        allowed = 1 + memory.accepted[generation]
        assert times <= allowed, f"I2: {generation} was charged {times} times; people accepted {allowed}"


def what_was_delivered_is_kept(sight: Sight, memory: Memory) -> None:
    """Check that a complete answer in hand is in the spool, rejected, or stored byte for byte."""
    digests = dict(Image.objects.values_list("attempt_id", "sha256"))
    delivered = {entry.seed: entry.body_sha256 for entry in sight.of("DELIVERED") if entry.version == "v1"}
    for seed, digest in delivered.items():
        attempt = sight.by_seed[seed]
        if attempt.state == A.STORED and not _unwrapped(sight, seed):
            assert digests[attempt.id] == digest, f"I3: another picture is kept for {attempt}"
    waiting = set(spool.waiting())
    parts = {found.name.partition(".")[0] for found in files.path_of("originals/x").parents[1].glob("spool/*.part")}
    for seed in memory.in_hand:
        attempt = sight.by_seed[seed]
        kept = attempt.state in PAID or attempt.id in waiting or str(attempt.id) in parts
        assert kept, f"I3: the answer to {attempt} was in hand, and is gone"
    for attempt in sight.attempts:
        if attempt.state == A.ANSWERED:
            assert attempt.id in waiting, f"I3: {attempt} is answered, and its answer is not in the spool"
        if attempt.state in FREE and attempt.id in waiting:
            raise AssertionError(f"I3: {attempt} counts as free, and its answer lies in the spool")
    for image in Image.objects.all():
        assert hashlib.sha256(files.read(image.path)).hexdigest() == image.sha256, f"I3: the file of {image} differs"


def _unwrapped(sight: Sight, seed: int | None) -> bool:
    return any(entry.seed == seed and entry.fault.startswith("json") for entry in sight.vendor)


def costs_are_the_vendors(sight: Sight) -> None:
    for attempt in sight.attempts:
        charged = sight.charged[attempt.seed].quantize(PLACES)
        if attempt.state in FREE:
            assert charged == 0, f"I6: {attempt} was charged {charged} and counts as free"
        if attempt.state in PAID:
            assert attempt.cost is not None, f"I5: {attempt} has no cost"
            assert not attempt.cost_estimated or sight.says_no_price(attempt.seed), f"I5: {attempt} is an estimate"
        if attempt.cost is not None and not attempt.cost_estimated:
            assert attempt.cost == charged, f"I5: {attempt} cost {charged} and is booked with {attempt.cost}"
    for row in sight.generations.values():
        costs = [a.cost for a in sight.attempts if a.generation_id == row.id and a.cost is not None]
        assert row.cost == (sum(costs) if costs else None), f"I5: {row} shows {row.cost}, its attempts {costs}"


def states_fit_together(sight: Sight) -> None:
    of: dict[object, list[Attempt]] = defaultdict(list)
    for attempt in sight.attempts:
        of[attempt.generation_id].append(attempt)
    for row in sight.generations.values():
        states = [attempt.state for attempt in of[row.id]]
        running = [state for state in states if state in OPEN]
        assert (row.finished_at is None) == (row.state in {State.QUEUED, State.RUNNING}), f"I4: {row} has no right end"
        if row.state == State.QUEUED:
            assert not running, f"I4: {row} waits although one of its attempts is {running}"
        if row.state == State.RUNNING:
            assert len(running) == 1, f"I4: {row} has the attempts {states}"
        if row.state == State.UNKNOWN:
            assert {A.UNKNOWN, A.ANSWERED} & set(states), f"I4: nothing of {row} is in doubt: {states}"
        if row.state == State.DONE:
            assert A.STORED in states, f"I4: {row} has no stored attempt: {states}"
        if row.state == State.CANCELLED:
            assert set(states) <= FREE, f"I6: {row} is free, its attempts are {states}"


def ledger_is_right(sight: Sight, memory: Memory, team: Team) -> None:
    now = {entry.idempotency_key: (entry.kind, entry.amount) for entry in sight.entries}
    for cause, seen in memory.entries.items():
        assert now.get(cause) == seen, f"ledger: {cause} was {seen} and is {now.get(cause)}"
    memory.entries = now
    booked: dict[object, Decimal] = defaultdict(Decimal)
    for entry in sight.entries:
        if entry.kind in SPENT:
            booked[entry.attempt_id] -= entry.amount
            assert entry.kind != EntryType.ADJUST or entry.amount != 0, f"ledger: {entry} corrects nothing"
    for attempt in sight.attempts:
        assert booked[attempt.id] == (attempt.cost or 0), f"I5: {attempt} cost {attempt.cost}: {booked[attempt.id]}"
    assert ledger.balance(team) == sum(entry.amount for entry in sight.entries), "ledger: the balance is no sum"


def holds_are_right(sight: Sight, team: Team) -> None:
    """Check that a hold is open for open generations and unknown outcomes without a cost, and for nothing else."""
    expected, found = set(), set()
    for row in sight.generations.values():
        of = [attempt for attempt in sight.attempts if attempt.generation_id == row.id]
        expected |= {(row.id, a.hold_number) for a in of if a.state == A.UNKNOWN and a.cost is None}
        paid = {a.hold_number for a in of if a.cost is not None}
        if row.state in {State.QUEUED, State.RUNNING} and row.hold_count not in paid:
            expected.add((row.id, row.hold_count))
    for entry in (entry for entry in sight.entries if entry.kind in HELD):
        key = (entry.generation_id, int(entry.idempotency_key.rpartition(":")[2]))
        if entry.kind == EntryType.HOLD:
            found.add(key)
        else:
            assert key in found, f"ledger: {entry.idempotency_key} gives back what is not held"
            found.remove(key)
    assert found == expected, f"holds: open and not due {found - expected}; due and not open {expected - found}"
    every = LedgerEntry.objects.filter(kind__in=HELD).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    assert ledger.held(team) == -every.quantize(PLACES), "holds: held() is not the sum of holds and releases"


def files_belong_to_rows() -> None:
    named = set(Image.objects.values_list("path", flat=True))
    for path in named:
        assert files.path_of(path).exists(), f"I6: {path} has a row and no file"
    root = files.path_of("originals/x").parent
    answered = {str(key) for key in Attempt.objects.filter(state=A.ANSWERED).values_list("id", flat=True)}
    for found in root.rglob("*.*"):
        if found.suffix != ".part" and str(found.relative_to(root.parent)) not in named:
            assert found.stem in answered, f"I6: {found.name} has no row"


def calm(sight: Sight) -> None:
    """Check after the faults: nothing is open, and every charge is known."""
    for row in sight.generations.values():
        assert not row.waits, f"I4: {row} is stuck: {row.reason}"
    for attempt in sight.attempts:
        if attempt.state == A.UNKNOWN and (attempt.cost is None or attempt.cost_estimated):
            assert sight.charged[attempt.seed] == 0, f"I5: {attempt} was charged, and nobody found out"
        assert attempt.state not in PAID or not attempt.cost_estimated, f"I5: {attempt} is an estimate still"
    assert not list(spool.waiting()), "I4: answers are left in the spool"
