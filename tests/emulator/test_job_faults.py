"""Faults of submit and poll: what the client sees, and what becomes of the job and its charge."""

import http.client

import pytest

from generations.emulator.faults.script import FAULTS
from tests.emulator.calls import ask, finished, generate, history, kinds, poll, submit
from tests.emulator.test_faults import REFUSALS
from tests.eventually import eventually


def statuses(emulator, addresses, times):
    return [poll(emulator, addresses["status_url"]).json().get("status") for _ in range(times)]


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("route", ["v2", "status", "result", "history"])
def test_refusal_can_meet_each_route_and_costs_nothing_there(emulator, name, route):
    addresses = {} if route == "v2" else finished(emulator)
    emulator.control.fault(name, on=route)

    if route == "v2":
        answer = submit(emulator)
    elif route == "history":
        answer = poll(emulator, "/inference-request/generations")
    else:
        answer = poll(emulator, addresses["status_url" if route == "status" else "response_url"])

    status, part = REFUSALS[name]
    assert (answer.status, part in answer.body) == (status, True)
    assert kinds(emulator) == (["RECEIVED", "REFUSED"] if route == "v2" else ["RECEIVED", "CHARGED"])


@pytest.mark.parametrize(
    ("name", "options"),
    [("502", {"charge": True}), ("500", {"charge": True}), ("html", {}), ("empty", {}), ("json-error", {})],
)
def test_answer_to_a_submit_can_be_lost_and_the_job_runs_and_is_billed(emulator, name, options):
    emulator.control.fault(name, on="v2", **options)

    answer = submit(emulator)

    eventually(lambda: kinds(emulator)[-1] == "CHARGED")
    assert b"request_id" not in answer.body
    assert kinds(emulator) == ["RECEIVED", "CHARGED"]
    assert {entry.fault for entry in emulator.control.ledger} == {name}
    assert "output" in history(emulator)[0]


@pytest.mark.parametrize("charge", [True, False])
@pytest.mark.parametrize(
    ("options", "error"), [({}, http.client.RemoteDisconnected), ({"reset": True}, ConnectionResetError)]
)
def test_connection_can_be_lost_before_and_after_the_acceptance(emulator, charge, options, error):
    emulator.control.fault("drop", on="v2", charge=charge, **options)

    with pytest.raises(error):
        submit(emulator)

    eventually(lambda: kinds(emulator) == ["RECEIVED", "CHARGED" if charge else "REFUSED"])


def test_submit_can_come_back_without_a_request_id(emulator):
    emulator.control.fault("no-request-id")

    answer = submit(emulator)

    assert (answer.status, answer.json()) == (200, {"status": "QUEUED"})
    eventually(lambda: kinds(emulator) == ["RECEIVED", "CHARGED"])


def test_job_can_fail_with_a_given_text(emulator):
    emulator.control.fault("failed", text="CUDA out of memory")

    answer = poll(emulator, finished(emulator)["response_url"])

    assert (answer.status, answer.json()["error"]) == (422, "CUDA out of memory")
    assert kinds(emulator) == ["RECEIVED", "REFUSED"]
    assert (emulator.control.reserved, history(emulator)[0]["status"]) == (0, "FAILED")


@pytest.mark.parametrize("charge", [False, True])
def test_job_can_go_on_for_ever(emulator, charge):
    emulator.control.fault("endless", charge=charge)

    addresses = finished(emulator)

    assert statuses(emulator, addresses, 2) == ["PROCESSING", "PROCESSING"]
    assert poll(emulator, addresses["response_url"]).json()["output"] is None
    assert kinds(emulator) == ["RECEIVED", "CHARGED" if charge else "REFUSED"]
    assert [row["status"] for row in history(emulator)] == ["COMPLETED" if charge else "PROCESSING"]
    assert emulator.control.reserved == 0
    emulator.control.behaviour.clock_offset = 3601
    assert poll(emulator, addresses["status_url"]).status == 404


def test_poll_can_lose_the_job_and_find_it_again(emulator):
    addresses = finished(emulator)
    emulator.control.fault("404-request", times=2)

    lost = poll(emulator, addresses["status_url"])

    assert (lost.status, lost.json()) == (404, {"error": f"Request {addresses['request_id']} not found"})
    assert statuses(emulator, addresses, 2) == [None, "COMPLETED"]


def test_poll_can_fail_and_recover(emulator):
    addresses = finished(emulator)
    emulator.control.fault("503", times=2, on="status")

    seen = [poll(emulator, addresses["status_url"]).status for _ in range(3)]

    assert seen == [503, 503, 200]


@pytest.mark.parametrize(("route", "name"), [("status", "status_url"), ("result", "response_url")])
def test_poll_can_lag_behind_the_job(emulator, route, name):
    addresses = finished(emulator)
    emulator.control.fault("still-processing", on=route)

    late, then = poll(emulator, addresses[name]).json(), poll(emulator, addresses[name]).json()

    assert (late["status"], late["output"], then["status"]) == ("PROCESSING", None, "COMPLETED")


def test_result_can_name_a_picture_elsewhere_or_none(emulator):
    addresses = finished(emulator)
    emulator.control.fault("other-output", url="http://10.0.0.1/x.webp")
    emulator.control.fault("no-output")

    elsewhere, nowhere = (poll(emulator, addresses["response_url"]).json() for _ in range(2))

    assert (elsewhere["output"], elsewhere["images"][0]["url"]) == ("http://10.0.0.1/x.webp",) * 2
    assert (nowhere["status"], nowhere["output"], nowhere["images"]) == ("COMPLETED", None, [])


def test_metrics_can_be_missing_and_hold_no_numbers(emulator):
    addresses = finished(emulator)
    emulator.control.fault("no-metrics", on="result")
    emulator.control.fault("bad-metrics", on="result", value="lots")
    emulator.control.fault("bad-metrics", on="status", value="lots")

    missing, wrong = (poll(emulator, addresses["response_url"]).json() for _ in range(2))
    light = poll(emulator, addresses["status_url"]).json()

    assert missing["metrics"] == {}
    assert (set(wrong["metrics"].values()), wrong["seed"]) == ({"lots"}, "lots")
    assert set(light["metrics"].values()) == {"lots"}


def test_file_can_be_faulty_and_the_ledger_says_what_went_out(emulator):
    url = poll(emulator, finished(emulator)["response_url"]).json()["output"].removeprefix(emulator.url)
    good = ask(emulator, "GET", url).body
    emulator.control.fault("black", on="files")
    emulator.control.fault("cut", on="files")

    black = ask(emulator, "GET", url)
    with pytest.raises(http.client.IncompleteRead):
        ask(emulator, "GET", url)

    eventually(lambda: kinds(emulator) == ["RECEIVED", "CHARGED", "DELIVERED", "DELIVERED"])
    assert black.body != good
    assert [entry.fault for entry in emulator.control.ledger[2:]] == ["", "black"]


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in {"hang", "drop"}])
def test_fault_on_a_poll_leaves_a_job_that_is_not_there_a_refusal(emulator, name):
    for route in {"status", "result"} & set(FAULTS[name].routes):
        emulator.control.fault(name, on=route)

        answer = poll(emulator, f"/v2/requests/none{'/status' if route == 'status' else ''}")

        assert answer.status >= 300


def test_fault_without_a_route_meets_a_paid_call_or_the_first_it_can(emulator):
    for name in ("failed", "404-request", "black", "500"):
        emulator.control.fault(name)

    routes = [fault.routes for fault in emulator.control.script.waiting()]
    assert routes == [("v2",), ("status",), ("v1",), ("v1", "v2")]


@pytest.mark.parametrize("first", [generate, submit])
def test_fault_without_a_route_meets_the_next_paid_call_of_either_version(emulator, first):
    emulator.control.fault("500", times=2)
    met = first(emulator)
    assert poll(emulator, "/v2/requests/none/status").status == 404

    answers = [met, submit(emulator), generate(emulator), submit(emulator)]

    assert [answer.status for answer in answers] == [500, 500, 200, 200]


def test_fault_that_one_version_cannot_meet_waits_for_the_other(emulator):
    emulator.control.fault("black")
    emulator.control.fault("500", on="v1")

    assert submit(emulator).status == 200
    assert generate(emulator).image.getextrema() == ((0, 0),) * 3
    assert (submit(emulator).status, generate(emulator).status) == (200, 500)


def test_random_fault_is_one_that_can_be_met_on_the_route(emulator):
    emulator.control.update({"random_faults": {"rate": 1, "faults": ["black", "failed"]}})

    failed = poll(emulator, finished(emulator)["status_url"])

    assert failed.status == 422
    assert [request.fault for request in emulator.control.journal] == ["failed", ""]


def test_random_faults_can_be_asked_for_on_free_routes(emulator):
    emulator.control.update(
        {"random_faults": {"rate": 1, "faults": ["404-request", "black"], "on": ["status", "files"]}}
    )
    addresses = finished(emulator)

    polled, result = poll(emulator, addresses["status_url"]), poll(emulator, addresses["response_url"])

    assert (polled.status, result.status) == (404, 200)
    assert ask(emulator, "GET", result.json()["output"].removeprefix(emulator.url)).image.getextrema() == ((0, 0),) * 3
