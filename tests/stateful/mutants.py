"""Deliberate design errors, patched in at run time; the stories must find every one of them."""

import contextlib
import time
from collections.abc import Callable, Iterator
from unittest import mock

from django.db.models import F
from django.db.models.functions import Now
from hypothesis.errors import Flaky

from generations import ledger
from generations.errors import OutcomeUnknown, ProviderFailed
from generations.ledger import budgets
from generations.models import Attempt, AttemptState, Generation, Image, State, Thumbnail
from generations.pipeline import charges
from generations.pipeline.reconciliation import lookup
from generations.pipeline.recovery import recover
from generations.pipeline.worker import claim, fulfil, outcomes, store
from generations.services.orders import submit
from generations.storage import files, spool
from tests.stateful import machine, play
from tests.stateful.world import world

BATCHES = 12
Mutant = Callable[[contextlib.ExitStack], None]
mutants: dict[str, Mutant] = {}


def mutant(plant: Mutant) -> Mutant:
    mutants[plant.__name__] = plant
    return plant


def _put(stack: contextlib.ExitStack, owner: object, name: str, value: object) -> None:
    stack.enter_context(mock.patch.object(owner, name, value))


@mutant
def sent_is_recorded_after_the_call(stack):
    settle, spooled = fulfil.settle_error, fulfil._spooled  # type: ignore[attr-defined]

    def late(after):
        def recorded(claimed, *rest):
            claim.mark_sent(claimed)
            return after(claimed, *rest)

        return recorded

    _put(stack, fulfil, "mark_sent", lambda *_: True)
    _put(stack, fulfil, "settle_error", late(settle))
    _put(stack, fulfil, "_spooled", late(spooled))


@mutant
def silence_counts_as_not_billed(stack):
    settle = fulfil.settle_error  # type: ignore[attr-defined]

    def trusting(claimed, error):
        if isinstance(error, OutcomeUnknown) and error.status == 0:
            error.maybe_charged = False
        settle(claimed, error)

    _put(stack, fulfil, "settle_error", trusting)


@mutant
def bad_gateway_is_tried_again(stack):
    settle = fulfil.settle_error  # type: ignore[attr-defined]

    def hasty(claimed, error):
        again = error.status in {502, 504}
        settle(claimed, ProviderFailed(error.message, status=error.status) if again else error)

    _put(stack, fulfil, "settle_error", hasty)


@mutant
def claim_does_not_look_at_the_state(stack):
    def take(generation_id, lease):
        rows = Generation.objects.filter(id=generation_id)
        return rows.update(state=State.RUNNING, lease=lease, lease_until=claim.lease_end(), tries=F("tries") + 1) == 1

    _put(stack, claim, "_take", take)
    _put(stack, fulfil, "is_due", lambda _: True)


@mutant
def sweeper_sends_again_what_was_sent(stack):
    def again(generation_id, attempt):
        if claim.move_attempt(attempt.id, [AttemptState.SENT], AttemptState.NOT_BILLED, finished_at=Now()):
            claim.move(generation_id, State.RUNNING, State.QUEUED, available_at=Now(), enqueued_at=None)

    _put(stack, recover, "_give_up", again)


@mutant
def late_answer_is_refused(stack):
    accept = store.accept

    def strict(attempt_id, answer, provider):
        if Attempt.objects.get(id=attempt_id).state == AttemptState.UNKNOWN:
            spool.remove(attempt_id)
        else:
            accept(attempt_id, answer, provider)

    for module in (fulfil, recover, lookup):
        _put(stack, module, "accept", strict)


@mutant
def orphan_answers_are_not_adopted(stack):
    _put(stack, recover, "_store_orphaned_answer", lambda *_: False)


@mutant
def rows_come_before_the_file(stack):
    def keep(attempt, data, inspected, tiny, derived):
        name = store.image_name(attempt.id, inspected.format)
        if claim.move_attempt(attempt.id, [AttemptState.ANSWERED], AttemptState.STORED, finished_at=Now()):
            image = Image.objects.create(
                generation_id=attempt.generation_id, attempt=attempt, path=name, sha256=inspected.sha256,
                format=inspected.format, width=inspected.width, height=inspected.height, size=inspected.size,
                placeholder=tiny,
            )  # fmt: skip
            Thumbnail.objects.bulk_create(store.thumbnail_row(image, attempt.id, one) for one in derived)
            store._finish(attempt.generation_id, State.DONE, "")
        files.save(name, data)
        spool.remove(attempt.id)

    _put(stack, store, "_keep", keep)


@mutant
def sweeper_is_blind(stack):
    _put(stack, recover, "recover", lambda _: 0)


@mutant
def what_was_billed_is_sent_again(stack):
    def again(doubt, *_):
        lookup.mark_not_billed(doubt, "not drawn", again=True)
        return True

    _put(stack, lookup, "_billed", again)


# --- and some of the ledger's -----------------------------------------------------------------------------------------


@mutant
def refused_order_keeps_its_hold(stack):
    fail = outcomes._fail

    def forgetful(claimed, error):
        with mock.patch.object(ledger, "release"):
            fail(claimed, error)

    _put(stack, outcomes, "_fail", forgetful)


@mutant
def doubt_gives_its_hold_back(stack):
    doubt = outcomes.mark_unknown

    def generous(generation_id, attempt_id, *rest):
        doubt(generation_id, attempt_id, *rest)
        ledger.release(generation_id, Attempt.objects.get(id=attempt_id).hold_number)

    for module in (outcomes, recover):
        _put(stack, module, "mark_unknown", generous)


@mutant
def second_charge_is_not_held(stack):
    hold = ledger.hold

    def once(generations, **options):
        hold([row for row in generations if row.hold_count == 1], **options)

    _put(stack, ledger, "hold", once)


@mutant
def estimate_is_never_corrected(stack):
    book = charges.record_charge

    def final(attempt, cost, *, mend=False, **options):
        book(attempt, cost, **options)

    for module in (store, lookup):
        _put(stack, module, "record_charge", final)


@mutant
def cancelling_gives_back_the_first_hold(stack):
    release = ledger.release

    def first(generation_id, number, **options):
        release(generation_id, 1, **options)

    cancel = submit.cancel

    def careless(**options):
        with mock.patch.object(ledger, "release", first):
            return cancel(**options)

    _put(stack, machine, "cancel", careless)


@mutant
def limit_forgets_what_is_held(stack):
    _put(stack, budgets, "held", lambda whose: ledger.ZERO)


@contextlib.contextmanager
def planted(name: str) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        mutants[name](stack)
        yield


class NotPlanted(Exception):
    """The site failed in a way that no invariant covers: the design error does not fit the code any more."""


def killed(name: str, version: str = "v1") -> str:
    """Return the invariant that found the design error; empty when none did. Raises NotPlanted."""
    machine.broken.clear()
    with world(version) as stage, planted(name):
        play.MACHINES[version].world = stage
        for number in range(BATCHES):
            try:
                play.play(version, number)
            except Flaky:
                pass  # a replayed story takes another course; what was found is in `broken`
            # The design error may raise anything; a broken invariant is in `broken`.
            except Exception as error:
                if not machine.broken:
                    raise NotPlanted(f"{name}: {type(error).__name__}: {error}") from error
            if machine.broken:
                return machine.broken[0]
    return ""


def main(names: list[str]) -> int:
    alive = []
    for name in names or mutants:
        began, stories = time.monotonic(), machine.counts["stories"]
        try:
            how = killed(name)
            word = "killed" if how else "ALIVE "
        except NotPlanted as error:
            how, word = str(error), "ERROR "
        spent = f"{machine.counts['stories'] - stories} stories, {time.monotonic() - began:.0f} s"
        print(f"{word}  {name} ({spent})\n        {how.splitlines()[0] if how else ''}", flush=True)
        alive += [] if word == "killed" else [name]
    total = len(names or mutants)
    print(f"{total - len(alive)}/{total} design errors found")
    return 1 if alive else 0
