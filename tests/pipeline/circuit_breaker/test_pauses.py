"""Circuit breaker: what opens it, which calls may probe, what closes it, and that nothing is lost meanwhile."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from generations import ledger, limiter
from generations.errors import (
    InvalidRequest,
    KeyRejected,
    ModelGone,
    NotSent,
    OutcomeUnknown,
    OutOfCredits,
    ProviderFailed,
    RateLimited,
    Refused,
    SpendLimit,
    StillGenerating,
)
from generations.models import (
    AdminAlertThrottle,
    Attempt,
    AttemptState,
    Generation,
    PauseCause,
    ProviderPause,
    State,
    User,
)
from generations.pipeline import admin_alerts
from generations.pipeline.circuit_breaker import pauses, probes
from generations.pipeline.circuit_breaker.pauses import UNRESTRICTED, CircuitPass
from generations.pipeline.recovery import recover
from generations.pipeline.worker import account_errors
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.storage import files
from tests.factories import order
from tests.faults.together import together
from tests.infrastructure.valkey import valkey
from tests.providers.loopback.hostile import Hostile, answer, free_port

pytestmark = pytest.mark.django_db
STARTS = [
    ("401", PauseCause.KEY),
    ("401-missing", PauseCause.KEY),
    ("402", PauseCause.CREDITS),
    ("403", PauseCause.ACCOUNT),
    ("406-credits", PauseCause.CREDITS),
    ("406-spend-limit", PauseCause.LIMIT),
]
STARTS_NONE = [
    "400", "404", "405", "406-content-type", "406-value", "410", "422", "429", "429-no-header", "429-past", "500",
    "500-traceback", "500-empty", "502", "503", "504", "polling-error", "redirect", "drop", "cut", "html", "truncated",
    "black",
]  # fmt: skip
ENDED_BY_AN_ANSWER = [PauseCause.ACCOUNT, PauseCause.LIMIT, PauseCause.FAILING]
BEHIND_A_CALL = [*ENDED_BY_AN_ANSWER, PauseCause.UNUSABLE]
NEVER_BY_A_CALL = [cause for cause in PauseCause if cause not in BEHIND_A_CALL]


def causes():
    return {PauseCause(one.cause) for one in pauses.open_pauses()}


def open_one(cause, *, due=True, **values):
    """Open a pause whose next probe is due, or an hour away."""
    pauses.pause(cause, "It is so.", **values)
    when = Now() - timedelta(seconds=1) if due else Now() + timedelta(hours=1)
    ProviderPause.objects.filter(cause=cause).update(probe_at=when, started_at=Now() - timedelta(minutes=10))
    return ProviderPause.objects.get(cause=cause, ended_at=None)


def posts(emulator):
    return sum(request.method == "POST" for request in emulator.control.journal)


@pytest.fixture
def sent(emulator):
    """Return a function that counts the paid calls that reached the provider since the test began."""
    before = posts(emulator)
    return lambda: posts(emulator) - before


@pytest.fixture
def meet(alice, team, emulator):
    """Return a function that generates a picture whose call meets a fault."""

    def meet(fault, **options):
        (generation,) = order(alice, team)
        if fault:
            emulator.control.fault(fault, **options)
        fulfil(generation.id)
        generation.refresh_from_db()
        return generation

    return meet


@pytest.mark.parametrize(("fault", "cause"), STARTS)
def test_trouble_of_the_account_stops_everybody_and_loses_nothing(fault, cause, meet, sent):
    first = meet(fault)
    second = meet("")

    assert causes() == {cause}
    assert [first.state, second.state] == [State.QUEUED, State.QUEUED]
    assert sent() == 1
    assert second.attempts.count() == 0


@pytest.mark.parametrize("fault", STARTS_NONE)
def test_trouble_of_one_order_stops_nobody(fault, meet):
    meet(fault)

    assert causes() == set()


def test_account_without_a_record_of_credits_has_none(alice, team, settings):
    (generation,) = order(alice, team)
    with Hostile(answer(404, b'{"error": "No credits found for this user"}')) as server:
        settings.SEGMIND_BASE_URL = server.url
        fulfil(generation.id)

    assert causes() == {PauseCause.CREDITS}


def test_model_that_is_closed_to_this_site_stops_nobody(alice, team, settings):
    (generation,) = order(alice, team)
    with Hostile(answer(403, b'{"error": "This model is private"}')) as server:
        settings.SEGMIND_BASE_URL = server.url
        fulfil(generation.id)

    assert causes() == set()


def test_pause_for_credits_says_what_the_order_needs(meet):
    generation = meet("402")

    assert ProviderPause.objects.get().needed == generation.attempts.get().estimate > 0


@pytest.mark.parametrize("cause", NEVER_BY_A_CALL)
def test_nothing_is_sent_while_paused(cause, meet, sent):
    open_one(cause)

    assert meet("").state == State.QUEUED
    assert sent() == 0


@pytest.mark.parametrize("cause", BEHIND_A_CALL)
def test_nothing_is_sent_before_a_try_is_due(cause, meet, sent):
    open_one(cause, due=False)

    assert meet("").state == State.QUEUED
    assert sent() == 0


@pytest.mark.parametrize("cause", PauseCause)
def test_claim_that_was_admitted_a_moment_before_steps_back(cause, alice, team):
    (generation,) = order(alice, team)
    admitted = pauses.acquire_pass()
    claimed = claim(generation.id)
    pauses.pause(cause, "It is so.")

    assert not mark_sent(claimed, admitted)

    generation.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (generation.state, generation.tries, generation.lease) == (State.QUEUED, 0, None)
    assert (attempt.state, attempt.sent_at) == (AttemptState.RELEASED, None)


def test_try_steps_back_when_another_cause_comes(alice, team):
    (generation,) = order(alice, team)
    open_one(PauseCause.FAILING)
    admitted = pauses.acquire_pass()
    pauses.pause(PauseCause.BY_HAND, "Enough.")

    assert not mark_sent(claim(generation.id), admitted)


def test_waiting_orders_cost_no_tokens_of_the_rate_limit(meet, settings):
    open_one(PauseCause.BY_HAND)
    with valkey() as server:
        settings.REDIS_URL, settings.SEGMIND_RPM = server.url, 60
        before = limiter.room()
        meet("")

        assert limiter.room() == before


@pytest.mark.parametrize("cause", BEHIND_A_CALL)
def test_call_that_brings_a_picture_ends_what_was_tried(cause, meet, sent):
    open_one(cause)

    assert meet("").state == State.DONE
    assert causes() == set()
    accepted, stored = "The provider accepted a request again.", "A picture was generated again."
    again = stored if cause == PauseCause.UNUSABLE else accepted
    assert ProviderPause.objects.get().end_reason == again


@pytest.mark.parametrize("cause", ENDED_BY_AN_ANSWER)
def test_call_that_brings_an_unusable_picture_ends_it_as_well(cause, meet):
    open_one(cause)

    assert meet("html").state == State.FAILED
    assert causes() == set()


def test_causes_that_only_a_call_can_end_are_tried_by_one_call(meet, sent):
    for cause in BEHIND_A_CALL:
        open_one(cause)
    assert pauses.allows_probe()

    assert meet("").state == State.DONE
    assert (causes(), sent()) == (set(), 1)


def test_two_causes_wait_for_the_later_of_their_tries(meet, sent):
    open_one(PauseCause.FAILING)
    open_one(PauseCause.LIMIT, due=False)

    meet("")

    assert (sent(), pauses.allows_probe(), pauses.acquire_pass()) == (0, False, None)


@pytest.mark.parametrize("other", NEVER_BY_A_CALL)
def test_no_call_tries_while_another_cause_stands_that_none_can_end(other, meet, sent):
    open_one(PauseCause.FAILING)
    open_one(other)

    meet("")

    assert (sent(), pauses.allows_probe()) == (0, False)


@pytest.mark.parametrize(
    ("fault", "left"),
    [("500", {PauseCause.FAILING, PauseCause.LIMIT}), ("406-spend-limit", {PauseCause.LIMIT}), ("422", set())],
)
def test_answer_ends_those_that_it_shows_to_be_over(fault, left, meet):
    open_one(PauseCause.FAILING)
    open_one(PauseCause.LIMIT)

    meet(fault)

    assert causes() == left
    assert [one.probes for one in pauses.open_pauses()] == [1] * len(left)


def test_try_of_two_causes_that_was_not_made_is_given_back():
    open_one(PauseCause.FAILING)
    open_one(PauseCause.LIMIT)

    pauses.return_pass(pauses.acquire_pass())

    assert [one.probes for one in pauses.open_pauses()] == [0, 0]
    assert pauses.allows_probe()


def says(error, cause):
    """Return whether an error ends a pause that was probed."""
    tried = open_one(cause)
    pauses.note_error(error, CircuitPass(probed_pauses=(tried.id,)), needed=Decimal("0.01"))
    return cause not in causes()


ABOUT_THE_PROVIDER = [
    NotSent("Refused."), ProviderFailed("Failed.", status=500), OutcomeUnknown("Silence."),
    OutcomeUnknown("Gateway.", status=502),
]  # fmt: skip
BEFORE_THE_ACCOUNT = [
    RateLimited("Too many.", status=429), KeyRejected("No.", status=401), ModelGone("Gone.", status=410),
    InvalidRequest("Unreadable.", status=406),
]  # fmt: skip


@pytest.mark.parametrize("error", [*ABOUT_THE_PROVIDER, StillGenerating("Not yet.")], ids=repr)
def test_provider_that_goes_on_failing_stays_paused(error):
    assert not says(error, PauseCause.FAILING)


@pytest.mark.parametrize("error", [*BEFORE_THE_ACCOUNT, Refused("No.", status=422)], ids=repr)
def test_provider_that_answers_anything_is_not_failing(error):
    assert says(error, PauseCause.FAILING)


@pytest.mark.parametrize("cause", [PauseCause.ACCOUNT, PauseCause.LIMIT, PauseCause.UNUSABLE])
@pytest.mark.parametrize("error", [*ABOUT_THE_PROVIDER, *BEFORE_THE_ACCOUNT], ids=repr)
def test_answer_from_before_the_account_is_looked_at_says_nothing_about_it(error, cause):
    assert not says(error, cause)


@pytest.mark.parametrize("cause", [PauseCause.ACCOUNT, PauseCause.LIMIT])
@pytest.mark.parametrize("error", [Refused("No.", status=422), StillGenerating("Not yet.")], ids=repr)
def test_answer_from_behind_the_account_shows_that_it_is_let_through(error, cause):
    assert says(error, cause)


def test_try_that_meets_another_cause_leaves_no_gap_between_the_two():
    tried = open_one(PauseCause.FAILING)

    pauses.note_error(
        OutOfCredits("Empty.", status=402), CircuitPass(probed_pauses=(tried.id,)), needed=Decimal("0.01")
    )

    assert causes() == {PauseCause.CREDITS}


@given(st.sampled_from(BEHIND_A_CALL), st.integers(0, 40))
def test_tries_come_at_growing_distances_of_at_most_ten_minutes(cause, probes):
    now, then = (pauses.probe_interval(ProviderPause(cause=cause, probes=probes + more)) for more in (0, 1))

    assert 0 < now <= then <= 600
    assert then in {600, 2 * now}


def test_failing_provider_is_tried_after_a_minute_then_two_up_to_ten(meet, emulator):
    tried = open_one(PauseCause.FAILING)
    distances = []
    for _ in range(6):
        ProviderPause.objects.update(probe_at=Now())
        meet("500")
        tried.refresh_from_db()
        distances.append(round((tried.probe_at - timezone.now()).total_seconds(), -1))

    assert distances == [60, 120, 240, 480, 600, 600]
    assert tried.ended_at is None


def test_try_that_found_no_order_to_make_it_with_is_given_back(alice, team, monkeypatch):
    """The row changed between the check and the claim."""
    (generation,) = order(alice, team)
    tried = open_one(PauseCause.FAILING)
    monkeypatch.setattr("generations.pipeline.worker.fulfil.is_due", lambda _: True)
    Generation.objects.update(state=State.CANCELLED, finished_at=Now())

    fulfil(generation.id)

    tried.refresh_from_db()
    assert tried.probes == 0
    assert pauses.allows_probe()


def test_orders_are_rung_for_again_when_a_pause_has_ended(alice, team):
    (generation,) = order(alice, team)
    Generation.objects.update(queued_at=Now() - recover.ENQUEUE_AFTER, enqueued_at=Now())
    pauses.pause(PauseCause.BY_HAND, "Enough.")
    while_paused = recover.due()

    pauses.end("Go on.")

    assert (while_paused, recover.due()) == ([], [generation.id])


def test_one_order_is_rung_for_when_a_try_is_due(alice, team):
    rows = order(alice, team, count=3)
    Generation.objects.update(queued_at=Now() - recover.ENQUEUE_AFTER)
    open_one(PauseCause.FAILING)

    assert recover.due() == [rows[0].id]


def test_order_that_was_never_tried_tries_before_one_that_was_refused(alice, team, meet):
    """Otherwise one prompt, whose words the provider's refusal repeats, would be the probe for ever."""
    refused = meet("406-spend-limit")
    (other,) = order(alice, team)
    Generation.objects.update(queued_at=Now() - recover.ENQUEUE_AFTER, enqueued_at=None)
    ProviderPause.objects.update(probe_at=Now() - timedelta(seconds=1))

    assert refused.id < other.id
    assert recover.due() == [other.id]


def again(generation, fault, emulator):
    """End the pauses, and let the same generation meet the fault once more."""
    pauses.end("over")
    emulator.control.fault(fault)
    Generation.objects.filter(id=generation.id).update(available_at=Now())
    fulfil(generation.id)
    generation.refresh_from_db()
    return generation


@pytest.mark.parametrize("fault", ["402", "406-credits"])
def test_second_refusal_for_credits_that_are_there_concerns_the_order_alone(fault, meet, emulator):
    emulator.control.update({"balance": "25"})
    generation = again(meet(fault), fault, emulator)

    assert (causes(), generation.state) == (set(), State.FAILED)
    assert generation.reason.startswith(str(account_errors.THIS_REQUEST_ONLY))
    assert {one.state for one in generation.attempts.all()} == {AttemptState.NOT_BILLED}
    assert ledger.held(generation.team) == 0


def test_second_refusal_for_credits_that_are_not_there_stops_everybody_again(meet, emulator):
    first = meet("402")
    emulator.control.update({"balance": "0.001"})
    try:
        assert again(first, "402", emulator).state == State.QUEUED
    finally:
        emulator.control.update({"balance": "25"})
    assert causes() == {PauseCause.CREDITS}


def test_calls_under_way_are_reserved_for(meet, emulator, alice, team):
    first = meet("402")
    pauses.end("over")
    (other,) = order(alice, team)
    assert mark_sent(claim(other.id))
    emulator.control.update({"balance": str(Attempt.objects.latest("id").estimate * Decimal("1.5"))})
    try:
        assert again(first, "402", emulator).state == State.QUEUED
    finally:
        emulator.control.update({"balance": "25"})


def test_second_refusal_stops_everybody_where_the_balance_cannot_be_read(meet, emulator):
    first = meet("402")
    emulator.control.fault("500", on="credits")

    assert again(first, "402", emulator).state == State.QUEUED
    assert causes() == {PauseCause.CREDITS}


def test_limit_that_one_order_meets_while_others_are_taken_is_its_own(meet, emulator):
    first = meet("406-spend-limit")
    pauses.end("over")
    assert meet("").state == State.DONE

    assert again(first, "406-spend-limit", emulator).state == State.FAILED
    assert causes() == set()


@pytest.mark.parametrize("meanwhile", [[], ["406-spend-limit"], ["", "406-spend-limit"], ["500"]])
def test_limit_that_the_last_other_order_met_as_well_stops_everybody(meanwhile, meet, emulator):
    first = meet("406-spend-limit")
    for fault in meanwhile:
        pauses.end("over")
        meet(fault)

    assert again(first, "406-spend-limit", emulator).state == State.QUEUED
    assert causes() == {PauseCause.LIMIT}


def test_second_pause_of_a_cause_is_the_first(caplog):
    assert [pauses.pause(PauseCause.KEY, reason) for reason in ("first", "second")] == [True, False]
    assert [one.reason for one in pauses.open_pauses()] == ["first"]


def test_pause_after_a_pause_is_another():
    pauses.pause(PauseCause.KEY, "first")
    pauses.end("mended")

    assert pauses.pause(PauseCause.KEY, "second")
    assert ProviderPause.objects.count() == 2


def test_pause_by_hand_ends_by_hand_only(meet, emulator, alice):
    pauses.pause(PauseCause.BY_HAND, "Enough.", by=alice)
    ProviderPause.objects.update(started_at=Now() - timedelta(days=1), probe_at=Now() - timedelta(days=1))

    probes.probe_open_pauses(configured_provider())
    meet("")

    assert causes() == {PauseCause.BY_HAND}
    assert pauses.end("Go on.", by=alice) == 1
    assert (causes(), ProviderPause.objects.get().ended_by) == (set(), alice)


@pytest.mark.parametrize(
    ("cause", "told"), [(cause, cause not in {PauseCause.BY_HAND, PauseCause.FAILING}) for cause in PauseCause]
)
def test_administrators_are_told_of_what_does_not_end_by_itself(cause, told, alice):
    User.objects.create_superuser("root@example.test", "a long password")
    User.objects.create_superuser("gone@example.test", "a long password", is_active=False)

    pauses.pause(cause, "It is so.")

    assert [one.to for one in mail.outbox] == ([["root@example.test"]] if told else [])


def test_pause_that_comes_and_goes_is_told_once_an_hour(alice):
    User.objects.create_superuser("root@example.test", "a long password")
    for _ in range(3):
        pauses.pause(PauseCause.CREDITS, "Empty.")
        pauses.end("There are some.")
    assert len(mail.outbox) == 1
    AdminAlertThrottle.objects.update(alerted_at=Now() - admin_alerts.ALERT_INTERVAL)

    pauses.pause(PauseCause.CREDITS, "Empty.")

    assert len(mail.outbox) == 2


def test_mail_server_that_is_away_holds_up_nothing(settings, meet, caplog):
    User.objects.create_superuser("root@example.test", "a long password")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    generation = meet("401")

    assert generation.attempts.get().state == AttemptState.NOT_BILLED
    assert "the administrators could not be told" in caplog.text


def test_disk_that_is_full_is_found_out_before_the_money_is_spent(meet, sent, settings, emulator):
    settings.LEAST_FREE_BYTES = 10**18

    generation = meet("")

    assert (causes(), generation.state, sent()) == ({PauseCause.DISK}, State.QUEUED, 0)
    assert Attempt.objects.count() == 0


def test_order_is_drawn_when_the_disk_has_room_again(meet, settings):
    settings.LEAST_FREE_BYTES = 10**18
    generation = meet("")
    probes.probe_open_pauses(configured_provider())
    still = causes()
    settings.LEAST_FREE_BYTES = 1

    probes.probe_open_pauses(configured_provider())
    fulfil(generation.id)

    generation.refresh_from_db()
    assert (still, causes(), generation.state) == ({PauseCause.DISK}, set(), State.DONE)


def test_disk_with_a_little_room_stays_paused(meet, settings, emulator):
    """At the threshold itself the pause would open and close again and again."""
    settings.LEAST_FREE_BYTES = 10**18
    meet("")
    settings.LEAST_FREE_BYTES = int(files.free_bytes() / 1.1)

    probes.probe_open_pauses(configured_provider())

    assert causes() == {PauseCause.DISK}


@pytest.mark.parametrize("fault", ["429", "429-no-header", "429-past"])
def test_rate_limit_stops_all_workers_for_a_while(fault, alice, team, emulator, settings, sent):
    """No pause is opened: the limiter blocks all workers, and the block expires by itself."""
    (first,) = order(alice, team)
    with valkey() as server:
        settings.REDIS_URL, settings.SEGMIND_RPM = server.url, 1_000_000
        emulator.control.fault(fault)
        fulfil(first.id)
        wait = limiter.take()

    assert wait > 0
    assert sent() == 1
    assert causes() == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("together_open", [*([cause] for cause in BEHIND_A_CALL), BEHIND_A_CALL])
def test_one_of_four_workers_gets_to_try(together_open):
    for number in range(25):
        for cause in together_open:
            open_one(cause)

        admitted = together(*[pauses.acquire_pass] * 4)

        assert [one is not None for one in admitted].count(True) == 1, number
        assert [one.probes for one in pauses.open_pauses()] == [1] * len(together_open)
        pauses.end("once more")


@pytest.mark.django_db(transaction=True)
def test_four_workers_that_find_a_cause_at_once_start_one_pause():
    for _ in range(25):
        started = together(*[lambda: pauses.pause(PauseCause.CREDITS, "Empty.")] * 4)

        assert sorted(started) == [False, False, False, True]
        pauses.end("once more")


@pytest.mark.django_db(transaction=True)
def test_four_workers_with_orders_make_one_call_while_it_is_tried(alice, team, emulator, sent):
    rows = order(alice, team, count=4)
    open_one(PauseCause.FAILING)
    emulator.control.fault("500")

    together(*[lambda row=row: fulfil(row.id) for row in rows])

    assert sent() == 1
    assert list(Generation.objects.values_list("state", flat=True)) == [State.QUEUED] * 4


def test_nobody_is_asked_while_nothing_is_paused():
    assert pauses.acquire_pass() == UNRESTRICTED
    assert pauses.allows_probe()


def test_limit_is_not_taken_for_an_empty_account():
    """A spending limit is a kind of being out of credits; the balance would end such a pause at once."""
    assert pauses.cause_of(SpendLimit("Limit.", status=406)) == PauseCause.LIMIT
