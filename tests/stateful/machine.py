"""The state machine: actions of users, workers, sweeper and provider in any order, chosen by Hypothesis.

The choices never depend on what has happened, because seeds, ids and times differ when a story is replayed. A step that
is not applicable does nothing.
"""

import contextlib
import uuid
from collections import Counter
from typing import ClassVar

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from generations import ledger
from generations.errors import GalleryError
from generations.models import OPEN, Attempt, AttemptState, Budget, Generation, Membership, Role, State, Team, User
from generations.pipeline.circuit_breaker import pauses, probes
from generations.pipeline.reconciliation import estimates, lookup
from generations.pipeline.recovery import recover
from generations.pipeline.worker.fulfil import fulfil
from generations.services.generations import actions, unknown_outcome
from generations.services.orders.submit import GenerationRequest, cancel, submit
from generations.services.provider import manual_pause
from tests.factories import clean_values
from tests.stateful import invariants
from tests.stateful.world import GOOD, OUTCOMES, OUTCOMES_V2, PLACES, SPOOLED, Interrupted, Outcome, World

MAX_ROWS = 8
MAX_ROUNDS = 8
# Small enough to be chosen evenly.
ANY = st.integers(0, 119)
SOMEWHERE = st.sampled_from(PLACES)
PERHAPS = st.none() | SOMEWHERE
MEANWHILE = st.lists(
    st.sampled_from(["sweep", "deliver", "cancel", "accept", "reconcile", "lost"]), min_size=1, max_size=3
)
Place = tuple[str, bool] | None
# Counts of all stories, and the violated invariants, the first one first.
counts: Counter[str] = Counter()
broken: list[str] = []


class Spending(RuleBasedStateMachine):
    """One team, one user and at most eight pictures in each story."""

    world: ClassVar[World]
    outcomes: ClassVar[list[Outcome]] = OUTCOMES

    def __init__(self) -> None:
        super().__init__()
        self.world.begin()
        counts["stories"] += 1
        self.memory = invariants.Memory()
        self.team = Team.objects.create(name="Harbour", slug="stateful")
        self.alice = User.objects.create_user("alice@stateful.test", None)
        Membership.objects.create(user=self.alice, team=self.team, role=Role.OWNER)
        self.values = clean_values()
        self.keys: list[tuple[uuid.UUID, int]] = []
        self.copies: list[Generation] = []

    def teardown(self) -> None:
        try:
            if not broken:
                self.come_to_rest()
        finally:
            self.world.end()

    # --- people -----------------------------------------------------------------------------------------------------

    @initialize(limit=st.sampled_from([None, None, None, "0.08"]))
    def begin(self, limit: str | None) -> None:
        if limit:
            Budget.objects.create(team=self.team, hard=limit)
        self.order(2, again=False)

    @rule(count=st.integers(1, 2), again=st.booleans())
    def order(self, count: int, again: bool) -> None:
        """Send a new form, or the first one again."""
        if Generation.objects.count() >= MAX_ROWS:
            return
        if not again:
            self.keys.append((uuid.uuid4(), count))
        key, count = self.keys[0 if again else -1]
        before = Generation.objects.filter(client_key=key).count()
        made = self.submit(key, count)
        assert before == 0 or len(made) == before == Generation.objects.filter(client_key=key).count()

    def submit(self, key: uuid.UUID, count: int) -> list[Generation]:
        new = not Generation.objects.filter(client_key=key).exists()
        try:
            rows = submit(actor=self.alice, team=self.team, order=GenerationRequest(self.values, count, key))
        except GalleryError:
            counts["orders over the limit"] += 1
            return []
        counts["pictures ordered" if new else "forms sent twice"] += len(rows)
        self.copies += rows
        limit = Budget.objects.filter(team=self.team).first()
        if new and limit and limit.hard is not None:
            month, _ = ledger.month_of(timezone.now())
            if ledger.spent(self.team, month) + ledger.held(self.team) > limit.hard:
                self.complain("limits: an order was accepted above the limit")
        return rows

    def some(self, rows: "QuerySet[Generation]", which: int, *, stale: bool = False) -> Generation | None:
        """Return one of these rows, as it is now or as an old page showed it."""
        found = list(rows.order_by("id"))
        if not found:
            return None
        chosen = found[which % len(found)]
        return next(row for row in self.copies if row.id == chosen.id) if stale else chosen

    def in_doubt(self) -> "QuerySet[Generation]":
        doubtful = Attempt.objects.filter(state=AttemptState.UNKNOWN)
        return Generation.objects.filter(id__in=doubtful.values("generation"))

    @rule(which=ANY, stale=st.booleans())
    def cancel(self, which: int, stale: bool) -> None:
        if row := self.some(Generation.objects.filter(state=State.QUEUED), which, stale=stale):
            counts["cancelled"] += cancel(actor=self.alice, generation=row)

    @rule(which=ANY, stale=st.booleans())
    def accept_a_second_charge(self, which: int, stale: bool) -> None:
        row = self.some(self.in_doubt(), which, stale=stale)
        if row is None:
            return
        seen = row.attempts.filter(state=AttemptState.UNKNOWN).latest("number")
        may = not row.attempts.filter(state__in=OPEN).exists()
        may = may and Generation.objects.filter(id=row.id, state=State.UNKNOWN, deleted_at=None).exists()
        try:
            if unknown_outcome.retry_accepting_second_charge(actor=self.alice, generation=row, attempt_id=seen.id):
                self.memory.accepted[row.id] += 1
                counts["second charges accepted"] += 1
            elif may:
                self.complain(f"{row} is in doubt, and nobody can decide about it")
        except GalleryError:
            counts["second charges over the limit"] += 1

    @rule(which=ANY)
    def give_up_as_lost(self, which: int) -> None:
        if row := self.some(self.in_doubt(), which):
            counts["given up as lost"] += unknown_outcome.mark_lost(
                actor=self.alice, generation=row, reason="it is lost"
            )

    @rule(which=ANY, dies=PERHAPS)
    def ask_about_a_doubt(self, which: int, dies: Place) -> None:
        if row := self.some(self.in_doubt().filter(state=State.UNKNOWN), which):
            self.world.provider()
            with self.world.dying(dies) as deaths:
                unknown_outcome.look_up_now(generation=row)
            counts["deaths"] += len(deaths)

    @rule(which=ANY)
    def trash(self, which: int) -> None:
        """Move a finished picture to the trash, or restore it."""
        if row := self.some(Generation.objects.filter(finished_at__isnull=False), which):
            (actions.restore if row.deleted_at else actions.delete)(generation=row)

    @rule(stop=st.integers(0, 3))
    def pause_or_go_on(self, stop: int) -> None:
        if stop == 0:
            manual_pause.pause(actor=self.alice, reason="a break")
        else:
            manual_pause.resume(actor=self.alice, reason="enough of it")

    # --- workers, the sweeper, the clock ----------------------------------------------------------------------------

    @rule(number=ANY, dies=PERHAPS)
    def deliver(self, number: int, dies: Place) -> None:
        self.work(self.next(), number, dies)

    @rule(number=ANY, dies=SOMEWHERE)
    def deliver_to_a_worker_that_dies(self, number: int, dies: Place) -> None:
        self.work(self.next(), number, dies)

    @rule(which=ANY)
    def deliver_once_more(self, which: int) -> None:
        """Deliver a message again, late, or for a row that ended long ago."""
        row = self.some(Generation.objects.all(), which)
        self.work(row.id if row else None, 0, None)

    @rule(numbers=st.lists(ANY, min_size=MAX_ROWS, max_size=MAX_ROWS))
    def work_through_the_line(self, numbers: list[int]) -> None:
        rows = Generation.objects.filter(state=State.QUEUED).order_by("id").values_list("id", flat=True)
        for row, number in zip(list(rows), numbers, strict=False):
            self.work(row, number, None)

    @rule(number=ANY, which=ANY, before=MEANWHILE, after=MEANWHILE)
    def deliver_while_other_things_happen(
        self, number: int, which: int, before: list[str], after: list[str]
    ) -> None:  # fmt: skip
        """Let other actors act while the worker waits for its answer; its lease may expire meanwhile."""
        if row := self.next():
            counts["calls with something meanwhile"] += 1
            real = self.world.provider(self.outcomes[number % len(self.outcomes)])
            busy = Interrupted(real, lambda: self.happen(before, which), lambda: self.happen(after, which))
            fulfil(row, busy)
            self.memory.in_hand.update(busy.answered)

    def happen(self, what: list[str], which: int) -> None:
        for one in what:
            if one == "sweep":
                self.world.advance(120)
                recover.recover(self.world.provider_as_it_is())
            elif one == "deliver":
                row = self.some(Generation.objects.all(), which)
                fulfil(row.id, self.world.provider_as_it_is()) if row else None
            elif one == "cancel":
                self.cancel(which, stale=True)
            elif one == "accept":
                self.accept_a_second_charge(which, stale=False)
            elif one == "lost":
                self.give_up_as_lost(which)
            else:
                lookup.resolve_unknown_attempts(self.world.provider_as_it_is())

    def next(self) -> uuid.UUID | None:
        """Return the next row of the queue, whose delay is skipped; submit one when the queue is empty."""
        line = Generation.objects.filter(state=State.QUEUED)
        if not line.exists():
            self.order(1, again=False)
        if not line.filter(available_at__lte=Now()).exists():
            self.world.advance(400)
        return line.order_by("available_at").values_list("id", flat=True).first()

    def work(self, row: uuid.UUID | None, number: int, dies: Place) -> None:
        if row is None:
            return
        outcome = self.outcomes[number % len(self.outcomes)]
        # Most faults pause generation sooner or later; a story in which all is paused finds little.
        if number % 4 and pauses.open_pauses():
            manual_pause.resume(actor=self.alice, reason="on with the story")
        counts["messages"] += 1
        counts[f"outcome: {outcome.name}"] += 1
        caller = Interrupted(self.world.provider(outcome))
        with self.world.dying(dies) as deaths:
            fulfil(row, caller)
        counts["deaths"] += len(deaths)
        # An answer that a worker has read and not yet written dies with it; nothing else may be lost.
        if deaths != [SPOOLED]:
            self.memory.in_hand.update(caller.answered)

    @rule(dies=PERHAPS)
    def sweep(self, dies: Place) -> None:
        with self.world.dying(dies) as deaths:
            recover.recover(self.world.provider())
        counts["deaths"] += len(deaths)

    @rule(dies=PERHAPS)
    def reconcile(self, dies: Place) -> None:
        with self.world.dying(dies) as deaths:
            counts["doubts settled"] += lookup.resolve_unknown_attempts(self.world.provider())
            counts["estimates corrected"] += estimates.correct_estimates(self.world.provider())
        counts["deaths"] += len(deaths)

    @rule(hourly=st.booleans())
    def look_after_pauses(self, hourly: bool) -> None:
        probes.probe_open_pauses(self.world.provider())
        if hourly:
            probes.read_hourly(self.world.provider())

    @rule(seconds=st.sampled_from([70, 400, 8000]))
    def time_goes_by(self, seconds: int) -> None:
        self.world.advance(seconds)

    def complain(self, sentence: str) -> None:
        broken.append(sentence)
        raise AssertionError(sentence)

    # --- after every step, and at the end ---------------------------------------------------------------------------

    @invariant()
    def everything_agrees(self) -> None:
        counts["steps"] += 1
        try:
            invariants.check(invariants.look(self.world.books()), self.memory, self.team)
        except AssertionError as error:
            broken.append(str(error))
            raise

    def come_to_rest(self) -> None:
        """Run some hours of the sweeper's rounds without faults, until nothing is open and every charge is known."""
        try:
            for number in range(MAX_ROUNDS):
                with self.world.longer_timeouts(2**number):
                    self.one_round()
                with contextlib.suppress(AssertionError):
                    return invariants.calm(invariants.look(self.world.books()))
            invariants.calm(invariants.look(self.world.books()))
        except AssertionError as error:
            broken.append(str(error))
            raise

    def one_round(self) -> None:
        """Run one round of the sweeper, with a worker that takes its messages."""
        manual_pause.resume(actor=self.alice, reason="the day is over")
        self.world.advance(8000)
        recover.recover(self.world.provider())
        lookup.resolve_unknown_attempts(self.world.provider())
        estimates.correct_estimates(self.world.provider())
        for row in recover.due():
            self.work(row, 0, None)
        self.everything_agrees()


class SpendingV2(Spending):
    outcomes = OUTCOMES_V2


assert OUTCOMES[0] is OUTCOMES_V2[0] is GOOD
