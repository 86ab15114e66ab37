"""Faults of submit and poll: what the client sees, and what becomes of the job and its charge."""

import http.client

import pytest

from generations.emulator import FAULTS
from generations.emulator.faults.faults import routes_of
from tests.emulator.calls import ask, finished, generate, history, kinds, poll, submit
from tests.emulator.test_faults import REFUSALS
from tests.eventually import eventually


def statuses(vendor, addresses, times):
    return [poll(vendor, addresses["status_url"]).json().get("status") for _ in range(times)]


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("route", ["v2", "status", "result", "history"])
def test_refusal_can_meet_each_route_and_costs_nothing_there(vendor, name, route):
    addresses = {} if route == "v2" else finished(vendor)
    vendor.control.fault(name, on=route)

    if route == "v2":
        answer = submit(vendor)
    elif route == "history":
        answer = poll(vendor, "/inference-request/generations")
    else:
        answer = poll(vendor, addresses["status_url" if route == "status" else "response_url"])

    status, part = REFUSALS[name]
    assert (answer.status, part in answer.body) == (status, True)
    assert kinds(vendor) == (["RECEIVED", "REFUSED"] if route == "v2" else ["RECEIVED", "CHARGED"])


@pytest.mark.parametrize(
    ("name", "options"),
    [("502", {"charge": True}), ("500", {"charge": True}), ("html", {}), ("empty", {}), ("json-error", {})],
)
def test_answer_to_a_submit_can_be_lost_and_the_job_runs_and_is_billed(vendor, name, options):
    vendor.control.fault(name, on="v2", **options)

    answer = submit(vendor)

    eventually(lambda: kinds(vendor)[-1] == "CHARGED")
    assert b"request_id" not in answer.body
    assert kinds(vendor) == ["RECEIVED", "CHARGED"]
    assert {entry.fault for entry in vendor.control.ledger} == {name}
    assert "output" in history(vendor)[0]


@pytest.mark.parametrize("charge", [True, False])
@pytest.mark.parametrize(
    ("options", "error"), [({}, http.client.RemoteDisconnected), ({"reset": True}, ConnectionResetError)]
)
def test_connection_can_be_lost_before_and_after_the_acceptance(vendor, charge, options, error):
    vendor.control.fault("drop", on="v2", charge=charge, **options)

    with pytest.raises(error):
        submit(vendor)

    eventually(lambda: kinds(vendor) == ["RECEIVED", "CHARGED" if charge else "REFUSED"])


def test_submit_can_come_back_without_a_request_id(vendor):
    vendor.control.fault("no-request-id")

    answer = submit(vendor)

    assert (answer.status, answer.json()) == (200, {"status": "QUEUED"})
    eventually(lambda: kinds(vendor) == ["RECEIVED", "CHARGED"])


def test_job_can_fail_with_a_given_text(vendor):
    vendor.control.fault("failed", text="CUDA out of memory")

    answer = poll(vendor, finished(vendor)["response_url"])

    assert (answer.status, answer.json()["error"]) == (422, "CUDA out of memory")
    assert kinds(vendor) == ["RECEIVED", "REFUSED"]
    assert (vendor.control.reserved, history(vendor)[0]["status"]) == (0, "FAILED")


@pytest.mark.parametrize("charge", [False, True])
def test_job_can_go_on_for_ever(vendor, charge):
    vendor.control.fault("endless", charge=charge)

    addresses = finished(vendor)

    assert statuses(vendor, addresses, 2) == ["PROCESSING", "PROCESSING"]
    assert poll(vendor, addresses["response_url"]).json()["output"] is None
    assert kinds(vendor) == ["RECEIVED", "CHARGED" if charge else "REFUSED"]
    assert [row["status"] for row in history(vendor)] == ["COMPLETED" if charge else "PROCESSING"]
    assert vendor.control.reserved == 0
    vendor.control.behaviour.clock_offset = 3601
    assert poll(vendor, addresses["status_url"]).status == 404


def test_poll_can_lose_the_job_and_find_it_again(vendor):
    addresses = finished(vendor)
    vendor.control.fault("404-request", times=2)

    lost = poll(vendor, addresses["status_url"])

    assert (lost.status, lost.json()) == (404, {"error": f"Request {addresses['request_id']} not found"})
    assert statuses(vendor, addresses, 2) == [None, "COMPLETED"]


def test_poll_can_fail_and_recover(vendor):
    addresses = finished(vendor)
    vendor.control.fault("503", times=2, on="status")

    seen = [poll(vendor, addresses["status_url"]).status for _ in range(3)]

    assert seen == [503, 503, 200]


@pytest.mark.parametrize(("route", "name"), [("status", "status_url"), ("result", "response_url")])
def test_poll_can_lag_behind_the_job(vendor, route, name):
    addresses = finished(vendor)
    vendor.control.fault("still-processing", on=route)

    late, then = poll(vendor, addresses[name]).json(), poll(vendor, addresses[name]).json()

    assert (late["status"], late["output"], then["status"]) == ("PROCESSING", None, "COMPLETED")


def test_result_can_name_a_picture_elsewhere_or_none(vendor):
    addresses = finished(vendor)
    vendor.control.fault("other-output", url="http://10.0.0.1/x.webp")
    vendor.control.fault("no-output")

    elsewhere, nowhere = (poll(vendor, addresses["response_url"]).json() for _ in range(2))

    assert (elsewhere["output"], elsewhere["images"][0]["url"]) == ("http://10.0.0.1/x.webp",) * 2
    assert (nowhere["status"], nowhere["output"], nowhere["images"]) == ("COMPLETED", None, [])


def test_metrics_can_be_missing_and_hold_no_numbers(vendor):
    addresses = finished(vendor)
    vendor.control.fault("no-metrics", on="result")
    vendor.control.fault("bad-metrics", on="result", value="lots")
    vendor.control.fault("bad-metrics", on="status", value="lots")

    missing, wrong = (poll(vendor, addresses["response_url"]).json() for _ in range(2))
    light = poll(vendor, addresses["status_url"]).json()

    assert missing["metrics"] == {}
    assert (set(wrong["metrics"].values()), wrong["seed"]) == ({"lots"}, "lots")
    assert set(light["metrics"].values()) == {"lots"}


def test_file_can_be_spoiled_and_the_books_say_what_went_out(vendor):
    url = poll(vendor, finished(vendor)["response_url"]).json()["output"].removeprefix(vendor.url)
    good = ask(vendor, "GET", url).body
    vendor.control.fault("black", on="files")
    vendor.control.fault("cut", on="files")

    black = ask(vendor, "GET", url)
    with pytest.raises(http.client.IncompleteRead):
        ask(vendor, "GET", url)

    eventually(lambda: kinds(vendor) == ["RECEIVED", "CHARGED", "DELIVERED", "DELIVERED"])
    assert black.body != good
    assert [entry.fault for entry in vendor.control.ledger[2:]] == ["", "black"]


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in {"hang", "drop"}])
def test_fault_on_a_poll_leaves_a_job_that_is_not_there_a_refusal(vendor, name):
    for route in {"status", "result"} & set(routes_of(name)):
        vendor.control.fault(name, on=route)

        answer = poll(vendor, f"/v2/requests/none{'/status' if route == 'status' else ''}")

        assert answer.status >= 300


def test_fault_without_a_route_meets_a_paid_call_or_the_first_it_can(vendor):
    for name in ("failed", "404-request", "black", "500"):
        vendor.control.fault(name)

    routes = [fault.routes for fault in vendor.vendor.script.waiting()]
    assert routes == [("v2",), ("status",), ("v1",), ("v1", "v2")]


@pytest.mark.parametrize("first", [generate, submit])
def test_fault_without_a_route_meets_the_next_paid_call_of_either_version(vendor, first):
    vendor.control.fault("500", times=2)
    met = first(vendor)
    assert poll(vendor, "/v2/requests/none/status").status == 404

    answers = [met, submit(vendor), generate(vendor), submit(vendor)]

    assert [answer.status for answer in answers] == [500, 500, 200, 200]


def test_fault_that_one_version_cannot_meet_waits_for_the_other(vendor):
    vendor.control.fault("black")
    vendor.control.fault("500", on="v1")

    assert submit(vendor).status == 200
    assert generate(vendor).image.getextrema() == ((0, 0),) * 3
    assert (submit(vendor).status, generate(vendor).status) == (200, 500)


def test_weather_picks_what_can_be_met_on_the_route(vendor):
    vendor.control.update({"weather": {"rate": 1, "faults": ["black", "failed"]}})

    failed = poll(vendor, finished(vendor)["status_url"])

    assert failed.status == 422
    assert [request.fault for request in vendor.control.journal] == ["failed", ""]


def test_weather_can_be_asked_for_on_free_routes(vendor):
    vendor.control.update({"weather": {"rate": 1, "faults": ["404-request", "black"], "on": ["status", "files"]}})
    addresses = finished(vendor)

    polled, result = poll(vendor, addresses["status_url"]), poll(vendor, addresses["response_url"])

    assert (polled.status, result.status) == (404, 200)
    assert ask(vendor, "GET", result.json()["output"].removeprefix(vendor.url)).image.getextrema() == ((0, 0),) * 3
