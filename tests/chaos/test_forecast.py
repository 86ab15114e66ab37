"""The schedule of failures is determined by the seed and complete."""

from generations.emulator.faults.script import parse_random_faults
from tests.chaos.forecast import GAP, KINDS, QUIET, UPSTREAM, forecast, shortest
from tests.chaos.weather import ACTS

LONG = QUIET + GAP * 2 * len(KINDS)
ALL = set(KINDS.values())


def test_same_seed_gives_the_same_weather_and_another_gives_another():
    assert forecast(1, LONG, ALL) == forecast(1, LONG, ALL)
    assert forecast(1, LONG, ALL) != forecast(2, LONG, ALL)


def test_every_kind_comes_before_one_comes_twice():
    kinds = [event.kind for event in forecast(3, LONG, ALL)]

    assert sorted(kinds[: len(KINDS)]) == sorted(kinds[len(KINDS) :]) == sorted(KINDS)


def test_only_what_was_asked_for_comes_and_inside_the_time():
    events = forecast(4, LONG, {"redis"})

    assert {event.kind for event in events} == {"kill redis", "flush redis"}
    assert all(QUIET <= event.at <= LONG for event in events)
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_shortest_weather_holds_every_kind_once():
    kinds = [event.kind for event in forecast(6, shortest(ALL), ALL)]

    assert sorted(kinds) == sorted(KINDS)


def test_nothing_asked_for_is_fine_weather():
    assert forecast(5, LONG, {"upstream"}) == []


def test_every_kind_can_be_done():
    assert ACTS.keys() == KINDS.keys()


def test_provider_knows_every_fault_of_its_weather():
    assert len(parse_random_faults({"rate": 1, "faults": list(UPSTREAM)}).faults) == len(UPSTREAM)
