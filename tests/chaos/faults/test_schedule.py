"""The schedule of failures is determined by the seed and complete."""

from generations.emulator.faults.script import parse_random_faults
from tests.chaos.faults.injection import ACTS
from tests.chaos.faults.schedule import GAP, KINDS, QUIET, UPSTREAM, schedule, shortest

LONG = QUIET + GAP * 2 * len(KINDS)
ALL = set(KINDS.values())


def test_same_seed_gives_the_same_events_and_another_gives_others():
    assert schedule(1, LONG, ALL) == schedule(1, LONG, ALL)
    assert schedule(1, LONG, ALL) != schedule(2, LONG, ALL)


def test_every_kind_comes_before_one_comes_twice():
    kinds = [event.kind for event in schedule(3, LONG, ALL)]

    assert sorted(kinds[: len(KINDS)]) == sorted(kinds[len(KINDS) :]) == sorted(KINDS)


def test_only_what_was_asked_for_comes_and_inside_the_time():
    events = schedule(4, LONG, {"redis"})

    assert {event.kind for event in events} == {"kill redis", "flush redis"}
    assert all(QUIET <= event.at <= LONG for event in events)
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_shortest_schedule_holds_every_kind_once():
    kinds = [event.kind for event in schedule(6, shortest(ALL), ALL)]

    assert sorted(kinds) == sorted(KINDS)


def test_nothing_asked_for_gives_no_events():
    assert schedule(5, LONG, {"upstream"}) == []


def test_every_kind_can_be_done():
    assert ACTS.keys() == KINDS.keys()


def test_provider_knows_every_fault_it_is_asked_for():
    assert len(parse_random_faults({"rate": 1, "faults": list(UPSTREAM)}).faults) == len(UPSTREAM)
