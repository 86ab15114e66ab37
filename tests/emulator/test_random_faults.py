"""Faults by probability and seed."""

import http.client
import threading
from collections import Counter

import pytest

from generations.emulator.faults.script import parse_random_faults
from tests.emulator.calls import control, credits, generate, kinds
from tests.eventually import eventually


def names(random_faults, calls=1_000):
    return [fault.name if fault else "" for fault in (random_faults.draw("v1") for _ in range(calls))]


def test_same_seed_brings_the_same_faults():
    one, same, other = (
        parse_random_faults({"rate": 0.5, "seed": seed, "faults": ["500", "429"]}) for seed in (7, 7, 8)
    )

    first = names(one)

    assert first == names(same)
    assert first != names(other)


def test_rate_is_the_share_of_calls_that_meet_a_fault():
    met = Counter(names(parse_random_faults({"rate": 0.18, "seed": 7, "faults": ["429", "500", "500"]})))

    # Five standard deviations on either side.
    assert 120 < met["429"] + met["500"] < 240
    assert met["500"] > met["429"] > 20


@pytest.mark.parametrize(("rate", "met"), [(0, {""}), (1, {"429"})])
def test_rate_can_be_never_and_always(rate, met):
    assert set(names(parse_random_faults({"rate": rate, "faults": ["429"]}), 100)) == met


def test_random_faults_meet_paid_calls_until_they_are_cleared(emulator):
    control(emulator, {"random_faults": {"rate": 1, "faults": {"500": {}}}})
    stormy = [generate(emulator).status, credits(emulator).status]

    control(emulator, {"random_faults": None})

    assert stormy == [500, 200]
    assert generate(emulator).status == 200


def test_clearing_faults_clears_random_ones_but_not_those_that_come_along(emulator):
    control(emulator, {"random_faults": {"rate": 1, "faults": ["500"]}})

    control(emulator, {"clear_faults": True})
    calm = generate(emulator).status
    control(emulator, {"clear_faults": True, "random_faults": {"rate": 1, "faults": ["500"]}})

    assert (calm, generate(emulator).status) == (200, 500)


def test_scripted_faults_come_before_random_ones(emulator):
    emulator.control.script.random_faults = parse_random_faults({"rate": 1, "faults": ["500"]})
    emulator.control.fault("429")

    assert [generate(emulator).status for _ in range(2)] == [429, 500]


def test_random_faults_are_drawn_once_for_each_call_of_many_threads(emulator):
    emulator.control.script.random_faults = parse_random_faults({"rate": 0.5, "seed": 3, "faults": ["500", "429"]})
    expected = Counter(names(parse_random_faults({"rate": 0.5, "seed": 3, "faults": ["500", "429"]}), 60))
    threads = [threading.Thread(target=lambda: [generate(emulator) for _ in range(10)]) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(request.fault for request in emulator.control.journal) == expected


def test_answer_can_be_lost_before_and_after_the_charge(emulator):
    emulator.control.script.random_faults = parse_random_faults(
        {"rate": 1, "faults": [{"name": "drop", "options": {"charge": False}}]}
    )
    with pytest.raises(http.client.RemoteDisconnected):
        generate(emulator)
    emulator.control.script.random_faults = parse_random_faults(
        {"rate": 1, "faults": [{"name": "drop", "options": {"reset": True}}]}
    )
    with pytest.raises(ConnectionResetError):
        generate(emulator)

    eventually(lambda: kinds(emulator) == ["RECEIVED", "REFUSED", "RECEIVED", "CHARGED"])


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("rain", "random_faults is 'rain'"),
        ({"rate": 0.5}, "random_faults is"),
        ({"rate": 0.5, "faults": ["500"], "wind": 3}, "random_faults is"),
        ({"rate": "often", "faults": ["500"]}, "The rate is 'often'"),
        ({"rate": -0.1, "faults": ["500"]}, "The rate is -0.1"),
        ({"rate": True, "faults": ["500"]}, "The rate is True"),
        ({"rate": 0.5, "seed": "x", "faults": ["500"]}, "The seed is 'x'"),
        ({"rate": 0.5, "faults": []}, "The faults are"),
        ({"rate": 0.5, "faults": [5]}, "A fault is a name"),
        ({"rate": 0.5, "faults": {"500": 3}}, "A fault is a name"),
        ({"rate": 0.5, "faults": ["500"], "on": ["v3"]}, "The routes are"),
        ({"rate": 0.5, "faults": ["500"], "on": [["v1"]]}, "The routes are"),
        ({"rate": 0.5, "faults": ["black"], "on": ["status"]}, "black cannot be met on status"),
        ({"rate": 0.5, "faults": [{"name": ["500"]}]}, "There is no fault"),
        ({"rate": 0.5, "faults": ["501"]}, "There is no fault '501'"),
        ({"rate": 0.5, "faults": {"500": {"colour": "red"}}}, "500 has no option 'colour'"),
        ({"rate": 0.5, "faults": ["refused"]}, "refused closes the port"),
    ],
)
def test_random_faults_that_make_no_sense_are_refused_with_a_sentence(document, text):
    with pytest.raises(ValueError, match=text):
        parse_random_faults(document)
