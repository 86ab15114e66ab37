"""Weather: faults by probability and seed."""

import http.client
import threading
from collections import Counter

import pytest

from generations.emulator import forecast
from tests.emulator.calls import control, credits, generate, kinds
from tests.eventually import eventually


def names(weather, calls=1_000):
    return [fault.name if fault else "" for fault in (weather.draw("v1") for _ in range(calls))]


def test_same_seed_brings_the_same_weather():
    one, same, other = (forecast({"rate": 0.5, "seed": seed, "faults": ["500", "429"]}) for seed in (7, 7, 8))

    first = names(one)

    assert first == names(same)
    assert first != names(other)


def test_rate_is_the_share_of_calls_that_meet_a_fault():
    met = Counter(names(forecast({"rate": 0.18, "seed": 7, "faults": ["429", "500", "500"]})))

    # Five standard deviations on either side.
    assert 120 < met["429"] + met["500"] < 240
    assert met["500"] > met["429"] > 20


@pytest.mark.parametrize(("rate", "met"), [(0, {""}), (1, {"429"})])
def test_rate_can_be_never_and_always(rate, met):
    assert set(names(forecast({"rate": rate, "faults": ["429"]}), 100)) == met


def test_weather_meets_paid_calls_until_it_is_cleared(vendor):
    control(vendor, {"weather": {"rate": 1, "faults": {"500": {}}}})
    stormy = [generate(vendor).status, credits(vendor).status]

    control(vendor, {"weather": None})

    assert stormy == [500, 200]
    assert generate(vendor).status == 200


def test_clearing_faults_clears_the_weather_but_not_the_one_that_comes_along(vendor):
    control(vendor, {"weather": {"rate": 1, "faults": ["500"]}})

    control(vendor, {"clear_faults": True})
    calm = generate(vendor).status
    control(vendor, {"clear_faults": True, "weather": {"rate": 1, "faults": ["500"]}})

    assert (calm, generate(vendor).status) == (200, 500)


def test_scripted_faults_come_before_the_weather(vendor):
    vendor.control.weather = forecast({"rate": 1, "faults": ["500"]})
    vendor.control.fault("429")

    assert [generate(vendor).status for _ in range(2)] == [429, 500]


def test_weather_draws_once_for_each_call_of_many_threads(vendor):
    vendor.control.weather = forecast({"rate": 0.5, "seed": 3, "faults": ["500", "429"]})
    expected = Counter(names(forecast({"rate": 0.5, "seed": 3, "faults": ["500", "429"]}), 60))
    threads = [threading.Thread(target=lambda: [generate(vendor) for _ in range(10)]) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(request.fault for request in vendor.control.journal) == expected


def test_answer_can_be_lost_before_and_after_the_charge(vendor):
    vendor.control.weather = forecast({"rate": 1, "faults": [{"name": "drop", "options": {"charge": False}}]})
    with pytest.raises(http.client.RemoteDisconnected):
        generate(vendor)
    vendor.control.weather = forecast({"rate": 1, "faults": [{"name": "drop", "options": {"reset": True}}]})
    with pytest.raises(ConnectionResetError):
        generate(vendor)

    eventually(lambda: kinds(vendor) == ["RECEIVED", "REFUSED", "RECEIVED", "CHARGED"])


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("rain", "The weather is 'rain'"),
        ({"rate": 0.5}, "The weather is"),
        ({"rate": 0.5, "faults": ["500"], "wind": 3}, "The weather is"),
        ({"rate": "often", "faults": ["500"]}, "The weather's rate is 'often'"),
        ({"rate": -0.1, "faults": ["500"]}, "The weather's rate is -0.1"),
        ({"rate": True, "faults": ["500"]}, "The weather's rate is True"),
        ({"rate": 0.5, "seed": "x", "faults": ["500"]}, "The weather's seed is 'x'"),
        ({"rate": 0.5, "faults": []}, "The weather's faults are"),
        ({"rate": 0.5, "faults": [5]}, "The weather's fault is 5"),
        ({"rate": 0.5, "faults": {"500": 3}}, "The options are 3"),
        ({"rate": 0.5, "faults": ["500"], "on": ["v3"]}, "The weather's routes are"),
        ({"rate": 0.5, "faults": ["500"], "on": [["v1"]]}, "The weather's routes are"),
        ({"rate": 0.5, "faults": ["black"], "on": ["status"]}, "black cannot be met on status"),
        ({"rate": 0.5, "faults": [{"name": ["500"]}]}, "There is no fault"),
        ({"rate": 0.5, "faults": ["501"]}, "There is no fault '501'"),
        ({"rate": 0.5, "faults": {"500": {"colour": "red"}}}, "500 has no option 'colour'"),
        ({"rate": 0.5, "faults": ["refused"]}, "refused closes the port"),
    ],
)
def test_weather_that_makes_no_sense_is_refused_with_a_sentence(document, text):
    with pytest.raises(ValueError, match=text):
        forecast(document)
