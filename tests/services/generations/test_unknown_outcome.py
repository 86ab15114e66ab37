"""What a user can do about a picture that may have been charged, and what the later outcome changes."""

import uuid
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from generations import schema
from generations.errors import GalleryError, NotAllowed, OverLimit, TooManyWaiting
from generations.models import Attempt, AttemptState, BalanceReading, Budget, EntryType, Generation, LedgerEntry, State
from generations.pipeline.reconciliation import lookup
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.providers import ImageRequest
from generations.services.generations import unknown_outcome
from generations.services.orders.submit import cancel
from generations.services.spending.limits import set_approval, set_quotas
from tests.eventually import eventually
from tests.faults.together import together
from tests.pipeline.reconciliation.unknown_attempts import COST, HISTORY, OLD, doubt, holds, reading, row, spent, vendor
from tests.providers.loopback.hostile import answer, error_body
from tests.providers.loopback.routes import as_json

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def one(alice, team):
    """Return an attempt with an unknown outcome."""
    return doubt(alice, team)


def accept(one, attempt_id=None, actor=None):
    return unknown_outcome.retry_accepting_second_charge(
        actor=actor or one.generation.author, generation=one.generation, attempt_id=attempt_id or one.id
    )


def lose(one, reason="nobody knows"):
    return unknown_outcome.mark_lost(actor=one.generation.author, generation=one.generation, reason=reason)


def now(one):
    return Generation.objects.get(id=one.generation_id)


def kinds(team):
    return list(LedgerEntry.objects.filter(team=team).order_by("id").values_list("kind", flat=True))


# Accept a second charge


def test_accepted_second_charge_is_held_besides_the_first_and_drawn(one, emulator):
    assert accept(one)
    row = now(one)
    assert (row.state, row.hold_count, row.tries, row.finished_at, holds(row)) == (State.QUEUED, 2, 0, None, {1, 2})

    fulfil(row.id)

    assert (now(one).state, holds(row)) == (State.DONE, {1})
    assert one.generation.attempts.last().seed != one.seed


def test_another_attempt_than_the_last_is_not_accepted(one):
    assert not accept(one, uuid.uuid4())
    accept(one)
    mark_sent(claim(one.generation_id))

    assert not accept(one), "a page that was drawn before the second try"
    assert holds(one.generation) == {1, 2}


@pytest.mark.parametrize("second", [AttemptState.NOT_BILLED, AttemptState.RELEASED])
def test_doubt_remains_to_be_decided_after_a_second_try_that_was_free(second, one):
    accept(one)
    claimed = claim(one.generation_id)
    mark_sent(claimed)
    Attempt.objects.filter(id=claimed.attempt_id).update(state=second)
    Generation.objects.update(state=State.QUEUED, lease=None, lease_until=None)
    assert cancel(actor=one.generation.author, generation=now(one))
    assert holds(one.generation) == {1}

    assert accept(one)

    assert (now(one).state, holds(one.generation)) == (State.QUEUED, {1, 3})


@pytest.mark.parametrize("state", [AttemptState.NOT_BILLED, AttemptState.REJECTED])
def test_doubt_that_was_settled_meanwhile_is_not_accepted(state, one):
    Attempt.objects.filter(id=one.id).update(state=state)

    assert not accept(one)
    assert holds(one.generation) == {1}


def test_picture_in_the_trash_is_not_tried_again(one):
    """The page may be older than the deletion."""
    Generation.objects.update(deleted_at=Now())

    assert not accept(one)
    assert now(one).state == State.UNKNOWN


def test_second_charge_over_the_limit_is_refused_and_changes_nothing(one, team):
    Budget.objects.create(team=team, hard=one.estimate * Decimal("1.5"))

    with pytest.raises(OverLimit, match="reserved for pictures"):
        accept(one)

    assert (now(one).state, now(one).hold_count, holds(one.generation)) == (State.UNKNOWN, 1, {1})


@pytest.fixture
def doubts_of_bob(bob, team):
    """Return unknown attempts of pictures that were requested long before."""
    return [doubt(bob, team, at=timezone.now() - OLD) for _ in range(3)]


def test_second_charge_waits_for_a_manager_where_its_price_does(doubts_of_bob, alice, bob, team):
    one = doubts_of_bob[0]
    set_approval(actor=alice, team=team, above=Decimal(0))

    with pytest.raises(NotAllowed) as refused:
        accept(one)

    assert refused.value.message == (
        "Another try may cost ≈ $0.015 more. In Harbour team, anything above $0.00 needs a manager's approval. "
        "Ask a manager to try again."
    )
    assert (now(one).state, now(one).hold_count, holds(one.generation)) == (State.UNKNOWN, 1, {1})
    assert accept(one, actor=alice)
    set_approval(actor=alice, team=team, above=one.estimate)
    assert accept(doubts_of_bob[1])


@pytest.mark.parametrize(
    ("quota", "sentence"),
    [({"in_flight": 1}, "You have 1 picture in progress"), ({"per_minute": 1}, "You generated 1 picture in the last")],
)
def test_second_charge_keeps_to_how_many_a_person_may_order(doubts_of_bob, alice, team, quota, sentence):
    set_quotas(actor=alice, team=team, **{"in_flight": None, "per_minute": None, **quota})
    first, second, third = doubts_of_bob
    assert accept(first)

    for one in (second, third):
        with pytest.raises(TooManyWaiting, match=sentence):
            accept(one)

        assert (now(one).state, holds(one.generation)) == (State.UNKNOWN, {1})
    assert accept(second, actor=alice), "each person has a number of their own"


@pytest.mark.parametrize("whose", ["author", "actor"])
def test_second_charge_keeps_to_the_limits_of_its_author_and_of_who_accepts_it(doubts_of_bob, alice, bob, team, whose):
    person = {"author": bob, "actor": alice}[whose]
    one = doubts_of_bob[0]
    for place in (team, None):
        limit = Budget.objects.create(team=place, person=person, by_site=place is None, hard=0)

        with pytest.raises(OverLimit):
            accept(one, actor=alice)

        assert holds(one.generation) == {1}
        limit.delete()
    assert accept(one, actor=alice)


@pytest.mark.django_db(transaction=True)
def test_four_people_who_accept_at_once_place_one_hold(alice, team):
    for _ in range(5):
        one = doubt(alice, team)

        done = together(*[lambda one=one: accept(one)] * 4)

        assert sorted(done) == [False, False, False, True]
        assert (now(one).hold_count, holds(one.generation)) == (2, {1, 2})


@pytest.mark.django_db(transaction=True)
def test_answer_that_arrives_while_a_person_accepts_is_drawn_once(alice, team, emulator):
    """Either the second attempt is withdrawn, or it never begins; a stored and queued picture would be drawn again."""
    for _ in range(5):
        one = doubt(alice, team)
        with_id = Attempt.objects.filter(id=one.id)
        provider = configured_provider()
        request = request_of(one)
        answer = provider.call(request)

        together(lambda: accept(one), lambda: lookup._stored(one, answer, provider))  # noqa: B023

        row = now(one)
        fulfil(row.id)
        assert (now(one).state, with_id.get().state, row.attempts.count()) == (State.DONE, "stored", 1)
        assert holds(row) == set()


def request_of(one):
    """Return the call as its worker would have made it."""
    model = schema.get()
    return ImageRequest(model.slug, schema.body(model, {**one.generation.parameters, "seed": one.seed}))


# Ask the provider


@contextmanager
def silent(settings, *balances):
    """Run a provider whose history is empty and whose balance has these values."""
    answers = [as_json({"credits": float(one)}) if isinstance(one, str) else one for one in balances]
    with vendor(settings, **{"v1_get-user-credits": answers}) as server:
        yield server


def test_provider_that_says_nothing_is_asked_again_by_itself(one, settings):
    with silent(settings, "5.00"):
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert said == "The provider doesn't know the outcome yet. We'll ask again automatically."
    one.refresh_from_db()
    assert (one.lookup_count, one.last_lookup_at is None) == (1, False)


def test_silent_history_and_a_balance_that_stood_still_settle_it_at_once(one, settings, team):
    reading("5.00", OLD + timedelta(minutes=10))
    with silent(settings, "5.00") as server:
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert said == "The provider didn't generate it or charge for it. We're trying again."
    assert (now(one).state, spent(team), holds(one.generation)) == (State.QUEUED, 0, {1})
    assert server.asked.count("GET /v1/get-user-credits") == 1


def test_balance_that_fell_leaves_it_in_doubt(one, settings):
    reading("5.00", OLD + timedelta(minutes=10))
    with silent(settings, "4.9848"):
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert said == "The provider doesn't know the outcome yet. We'll ask again automatically."
    assert now(one).state == State.UNKNOWN


def test_balance_that_cannot_be_read_is_said_and_the_history_is_asked_all_the_same(one, settings):
    reading("5.00", OLD + timedelta(minutes=10))
    with silent(settings, answer(503, error_body("down"))) as server:
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert "Its balance can't be read right now (" in said
    assert said.endswith("Without it, an empty history proves nothing.")
    assert (now(one).state, f"GET {HISTORY}" in server.asked) == (State.UNKNOWN, True)


def test_balance_is_not_asked_while_the_history_may_be_late(alice, team, settings):
    young = doubt(alice, team, age=timedelta(minutes=5))
    with silent(settings, "5.00") as server:
        unknown_outcome.look_up_now(generation=young.generation)

    assert "GET /v1/get-user-credits" not in server.asked
    assert not BalanceReading.objects.exists()


def test_button_that_is_pressed_again_and_again_reads_the_balance_once(one, settings):
    with silent(settings, "5.00") as server:
        for _ in range(3):
            unknown_outcome.look_up_now(generation=one.generation)

    assert server.asked.count("GET /v1/get-user-credits") == BalanceReading.objects.count() == 1


def test_provider_that_charged_names_its_price(one, settings, team):
    with vendor(settings, [row(one)]):
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert said == "The provider charged $0.0131 for it and no longer has the picture."
    assert spent(team) == COST


def test_price_of_one_doubt_is_not_told_for_another(one, settings):
    accept(one)
    Attempt.objects.create(
        generation=one.generation,
        number=2,
        hold_number=2,
        seed=1,
        state="unknown",
        estimate=one.estimate,
        sent_at=Now(),
    )
    Generation.objects.update(state=State.UNKNOWN)
    with vendor(settings, [row(one)]):
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert said.startswith("The provider doesn't know the outcome yet")


def test_provider_that_did_not_draw_it_tries_again(one, settings):
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)]):
        said = unknown_outcome.look_up_now(generation=one.generation)

    assert said == "The provider didn't generate it or charge for it. We're trying again."


@pytest.fixture
def not_ready(alice, team, emulator, settings):
    """Return an unknown attempt of version 2 whose picture can be fetched by now."""
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT = "v2", 0.8
    one = doubt(alice, team)
    accepted = []
    settings.SEGMIND_TIMEOUT = 5
    configured_provider().call(request_of(one), accepted.append)
    Attempt.objects.filter(id=one.id).update(request_id=accepted[0])
    return one


def test_provider_that_has_the_picture_delivers_it(not_ready):
    assert unknown_outcome.look_up_now(generation=not_ready.generation) == "The provider had the picture. Here it is."
    assert now(not_ready).state == State.DONE


def test_answer_that_is_paid_and_unusable_is_not_called_free(not_ready, emulator):
    emulator.control.fault("no-output", on="result")

    said = unknown_outcome.look_up_now(generation=not_ready.generation)

    assert said.startswith("Paid, not delivered")
    assert now(not_ready).cost > 0


def test_order_that_somebody_cancelled_meanwhile_is_told(one, settings):
    Generation.objects.update(state=State.CANCELLED)
    with vendor(settings):
        assert unknown_outcome.look_up_now(generation=one.generation) == "It has been cancelled."


# Give it up as lost


def test_lost_picture_is_booked_with_its_estimate(one, team, alice):
    assert lose(one, "  asked\n support ")

    row = now(one)
    assert (row.state, row.reason) == (State.FAILED, "Marked as lost by Alice: asked support")
    assert (row.cost, row.cost_estimated, holds(row)) == (one.estimate, True, set())
    entry = LedgerEntry.objects.get(kind=EntryType.CHARGE)
    assert (entry.amount, entry.estimated, entry.actor) == (-one.estimate, True, alice)
    assert entry.note == "marked as lost: asked support"


def test_lost_needs_a_reason(one):
    with pytest.raises(GalleryError, match="Enter a reason"):
        lose(one, " ")

    assert now(one).state == State.UNKNOWN


def test_what_is_in_doubt_no_more_cannot_be_lost(one, team):
    assert (lose(one), lose(one)) == (True, False)
    assert kinds(team) == ["hold", "charge", "release"]


def test_all_doubts_of_a_picture_are_lost_together(one, team):
    accept(one)
    fulfilled = claim(one.generation_id)
    mark_sent(fulfilled)
    Attempt.objects.filter(id=fulfilled.attempt_id).update(state="unknown")
    Generation.objects.update(state=State.UNKNOWN, lease=None, lease_until=None, finished_at=Now())

    assert lose(one)
    assert spent(team) == one.estimate + fulfilled.estimate
    assert holds(one.generation) == set()


@pytest.mark.parametrize(("fault", "end"), [(None, State.DONE), ("400", State.FAILED)])
def test_earlier_doubt_is_lost_and_what_the_second_try_ended_as_stays(one, team, emulator, fault, end):
    """Otherwise its hold would stay for ever, and count against every month's limit."""
    accept(one)
    if fault:
        emulator.control.fault(fault)
    fulfil(one.generation_id)
    before = now(one)
    assert (before.state, holds(before)) == (end, {1})

    assert lose(one)

    after = now(one)
    assert (after.state, after.reason, after.finished_at) == (before.state, before.reason, before.finished_at)
    assert after.cost == (before.cost or 0) + one.estimate == spent(team)
    assert (holds(after), lose(one)) == (set(), False)


def test_earlier_doubt_is_not_lost_while_the_second_try_is_on_its_way(one):
    accept(one)

    assert not lose(one)
    assert holds(one.generation) == {1, 2}


def test_lost_picture_that_was_charged_is_corrected_to_the_cent(one, settings, team):
    lose(one)
    with vendor(settings, [row(one)]):
        assert lookup.resolve_unknown_attempts(configured_provider()) == 1

    assert (now(one).state, now(one).cost, now(one).cost_estimated, spent(team)) == (State.FAILED, COST, False, COST)
    assert now(one).reason.startswith("Marked as lost")
    assert kinds(team) == ["hold", "charge", "release", "adjust"]


def test_lost_picture_that_was_not_charged_costs_nothing(one, settings, team):
    lose(one)
    with vendor(settings, [row(one, status="FAILED", credits_deduction=0)]):
        assert lookup.resolve_unknown_attempts(configured_provider()) == 1

    assert (now(one).state, now(one).cost, spent(team)) == (State.FAILED, 0, 0)
    assert one.generation.attempts.get().state == AttemptState.NOT_BILLED
    assert holds(one.generation) == set()


def test_lost_at_the_moment_of_the_truth_costs_nothing(one, team):
    """The reconciler read the attempt before a user gave it up."""
    as_it_was = Attempt.objects.get(id=one.id)
    lose(one)

    lookup.mark_not_billed(as_it_was, "Not drawn.", again=True)

    assert (now(one).state, spent(team), holds(one.generation)) == (State.FAILED, 0, set())


def test_lost_picture_that_comes_after_all_is_shown(not_ready, team):
    lose(not_ready)

    eventually(lambda: lookup.resolve_unknown_attempts(configured_provider()) == 1)

    row = now(not_ready)
    assert (row.state, row.cost_estimated) == (State.DONE, False)
    assert spent(team) == row.cost > 0


@pytest.mark.django_db(transaction=True)
def test_lost_and_accepted_at_once_only_one_happens(alice, team):
    for _ in range(5):
        one = doubt(alice, team)

        done = together(lambda: accept(one), lambda: lose(one))  # noqa: B023

        assert sorted(done) == [False, True]
        assert holds(one.generation) == ({1, 2} if done[0] else set())
        cancel(actor=alice, generation=now(one))
