"""The provider's history: rows as they come, and never a part of it that passes for the whole."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count

import pytest

from generations.errors import KeyRejected, NotSent, ProviderError, ProviderFailed, RateLimited
from generations.providers import PastCall, Segmind
from generations.providers.history import MAX_PAGES, PATH
from tests.key import KEY
from tests.providers.loopback import hostile
from tests.providers.loopback.hostile import PAGE, Hostile, answer, error_body, hang_after, raw, reset_after
from tests.providers.loopback.routes import Routes, as_json
from tests.providers.segmind import segmind

NOON = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
ROW = {
    "request_id": "2c7f59ea-13f1-402c-9353-915a2b5a2124",
    "model_name": "hidream-l1-fast",
    "status": "COMPLETED",
    "credits_deduction": 0.0152127097,
    "latency_ms": 10142,
    "prompt": "a cat",
    "parameters": {"prompt": "a cat", "seed": 7},
    "created_at": "2026-09-23 11:58:00",
    "output": "https://images.segmind.com/generations/a.webp",
}
CALL = PastCall(
    request_id="2c7f59ea-13f1-402c-9353-915a2b5a2124",
    model="hidream-l1-fast",
    finished=True,
    failed=False,
    cost=Decimal("0.0152127097"),
    seed=7,
    prompt="a cat",
    at=datetime(2026, 9, 23, 11, 58, tzinfo=UTC),
    output="https://images.segmind.com/generations/a.webp",
)
EMPTY: dict[str, object] = {"generations": []}


def past(*pages, since=NOON, until=NOON) -> list[PastCall]:
    with Routes({PATH: [*map(as_json, pages), as_json(EMPTY)]}) as server:
        return segmind(server.url).past(since, until)


def one(**changes) -> PastCall:
    row = {**ROW, **changes}
    (call,) = past({"generations": [{name: value for name, value in row.items() if value is not ...}]})
    return call


def failure(behaviour) -> ProviderError:
    with Routes({PATH: behaviour}) as server, pytest.raises(ProviderError) as caught:
        segmind(server.url).past(NOON, NOON)
    return caught.value


def test_row_is_read_to_the_last_place():
    assert one() == CALL


def test_row_that_says_nothing_is_a_call_all_the_same():
    assert past({"generations": [{}]}) == [PastCall("", "", False, False, None, None, "", None, "")]


def test_history_without_calls_is_empty():
    assert past(EMPTY) == []


@pytest.mark.parametrize(
    ("status", "deduction", "finished", "failed"),
    [
        ("COMPLETED", "0.01", True, False),
        ("completed", "0.01", True, False),
        ("Success", "0.01", True, False),
        ("SUCCEEDED", "0.01", True, False),
        (200, "0.01", True, False),
        ("COMPLETED", ..., True, False),
        ("FAILED", ..., True, True),
        ("failed", 0, True, True),
        ("FAILURE", None, True, True),
        ("error", 0.0, True, True),
        (500, None, True, True),
        # It says both; what was deducted was billed.
        ("FAILED", 0.0152, True, False),
        ("PROCESSING", None, False, False),
        ("QUEUED", 0, False, False),
        ("CANCELLED", 0, False, False),
        (..., 0.0152, True, False),
        (None, 0.0152, True, False),
    ],
)
def test_status_tells_finished_and_failed(status, deduction, finished, failed):
    call = one(status=status, credits_deduction=deduction)

    assert (call.finished, call.failed) == (finished, failed)


def test_row_without_status_price_and_output_is_not_finished():
    assert one(status=..., credits_deduction=..., output=...).finished is False


@pytest.mark.parametrize(
    ("deduction", "cost"),
    [
        ("0.0152127097", "0.0152127097"),
        (0.1, "0.1"),
        (1e-05, "0.00001"),
        (-0.0152, "0.0152"),
        (0, "0"),
        (None, None),
        ("free", None),
        (True, None),
        (10**12, None),
        ([], None),
    ],
)
def test_cost_is_what_was_deducted(deduction, cost):
    assert one(credits_deduction=deduction).cost == (cost and Decimal(cost))


def test_cost_with_more_places_than_a_float_holds_is_exact():
    body = json.dumps({"generations": [{**ROW, "credits_deduction": 5}]}).replace(": 5,", ": 0.12345678901234567890,")
    with Routes({PATH: [answer(body=body.encode()), as_json(EMPTY)]}) as server:
        (call,) = segmind(server.url).past(NOON, NOON)

    assert call.cost == Decimal("0.12345678901234567890")


@pytest.mark.parametrize(
    ("changes", "seed"),
    [
        ({"parameters": {"seed": 2147483647}}, 2147483647),
        ({"parameters": {"seed": "7"}}, 7),
        ({"parameters": '{"seed": 7}'}, 7),
        ({"parameters": {}, "seed": 7}, 7),
        ({"parameters": {"seed": -1}}, None),
        ({"parameters": {"seed": None}}, None),
        ({"parameters": {"seed": 1.5}}, None),
        ({"parameters": None}, None),
        ({"parameters": ["seed", 7]}, None),
        ({"parameters": "{"}, None),
    ],
)
def test_seed_is_found_among_the_parameters(changes, seed):
    assert one(**changes).seed == seed


def test_prompt_may_stand_among_the_parameters():
    assert one(prompt=...).prompt == "a cat"


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-09-23 11:58:00", 11),
        ("2026-09-23T11:58:00Z", 11),
        ("2026-09-23T11:58:00.123456", 11),
        ("2026-09-23T11:58:00+02:00", 9),
        ("Wed, 23 Sep 2026 11:58:00 GMT", 11),
        (1790164680, 11),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_time_is_read_as_utc(written, hour):
    at = one(created_at=written).at

    assert (at and (at.hour, at.utcoffset())) == (hour and (hour, timedelta(0)))


@pytest.mark.parametrize(
    ("output", "address"),
    [
        ("https://images.segmind.com/a.webp", "https://images.segmind.com/a.webp"),
        (["https://images.segmind.com/a.webp"], "https://images.segmind.com/a.webp"),
        ([{"url": "https://images.segmind.com/a.webp"}], "https://images.segmind.com/a.webp"),
        ("some text", ""),
        (None, ""),
        (5, ""),
    ],
)
def test_output_is_an_address_or_nothing(output, address):
    assert one(output=output).output == address


@pytest.mark.parametrize("found", ["../../v1/x", ".", "a b", "x" * 65, 1.5e400, None, {}, ""])
def test_request_id_that_is_none_is_left_out(found):
    body = json.dumps({"generations": [{**ROW, "request_id": found}]}).replace("Infinity", '"é"')
    with Routes({PATH: [answer(body=body.encode()), as_json(EMPTY)]}) as server:
        (call,) = segmind(server.url).past(NOON, NOON)

    assert call.request_id == ""


def test_call_with_several_outputs_is_listed_once():
    rows = [{**ROW, "output": f"https://images.segmind.com/{n}.webp"} for n in range(3)]

    assert [call.output for call in past({"generations": rows})] == ["https://images.segmind.com/0.webp"]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        ({"status": "PROCESSING", "credits_deduction": None}, {}),
        ({"status": "FAILED", "credits_deduction": None}, {}),
        ({"status": "PROCESSING", "credits_deduction": None}, {"status": "FAILED", "credits_deduction": None}),
    ],
)
def test_call_that_is_listed_twice_counts_as_what_says_more(weak, strong, order):
    rows = [{**ROW, **weak}, {**ROW, **strong}][::order]

    assert past({"generations": rows}) == [one(**strong)]


def test_rows_without_request_id_stay_apart():
    rows = [{**ROW, "request_id": None, "parameters": {"seed": seed}} for seed in (7, 8)]

    assert [call.seed for call in past({"generations": rows})] == [7, 8]


def test_every_page_is_read_until_one_brings_nothing_new():
    pages = [{"generations": [{**ROW, "request_id": f"r{page}{n}"} for n in range(2)]} for page in range(3)]
    with Routes({PATH: [*map(as_json, pages), as_json(EMPTY)]}) as server:
        calls = segmind(server.url).past(NOON, NOON)

    assert [call.request_id for call in calls] == ["r00", "r01", "r10", "r11", "r20", "r21"]
    assert [query["page"] for query in server.queries] == ["1", "2", "3", "4"]


def test_server_that_does_not_know_pages_is_asked_twice():
    with Routes({PATH: as_json({"generations": [ROW]})}) as server:
        assert segmind(server.url).past(NOON, NOON) == [CALL]

    assert len(server.requests) == 2


def test_more_pages_than_are_read_is_an_error_and_no_part_of_the_history():
    pages = [as_json({"generations": [{**ROW, "request_id": f"r{page}"}]}) for page in range(MAX_PAGES + 5)]
    error = failure(pages)

    assert (type(error), error.maybe_charged) == (ProviderFailed, False)
    assert error.details == "from 2026-09-22 to 2026-09-24, it has more than 400 pages"


def test_history_of_a_busy_site_is_read_to_its_end():
    pages = [as_json({"generations": [{**ROW, "request_id": f"r{page}"}]}) for page in range(100)]
    with Routes({PATH: [*pages, as_json(EMPTY)]}) as server:
        assert len(segmind(server.url).past(NOON, NOON)) == 100


def test_more_than_can_be_read_in_time_is_an_error_and_no_part_of_the_history(monkeypatch):
    monkeypatch.setattr("generations.providers.history.MAX_SECONDS", 0.3)
    numbers = count()

    def slowly(caller):
        time.sleep(0.1)
        as_json({"generations": [{**ROW, "request_id": f"r{next(numbers)}"}]})(caller)

    error = failure(slowly)

    # The last page is given what is left, which may not suffice to ask for it.
    assert type(error) in {ProviderFailed, NotSent}
    assert (error.maybe_charged, error.retryable) == (False, True)
    assert next(numbers) <= 4
    assert "pages read in 0.3 seconds" in error.cause or "the deadline of" in error.cause


def test_days_on_either_side_are_asked_for_as_well():
    """The vendor's day may begin in another time zone."""
    east = timezone(timedelta(hours=14))
    with Routes({PATH: as_json(EMPTY)}) as server:
        segmind(server.url).past(datetime(2026, 9, 23, 1, 0, tzinfo=east), NOON)

    assert server.queries == [{"page": "1", "model_name": "", "start_date": "2026-09-21", "end_date": "2026-09-24"}]


def test_long_time_is_asked_for_in_windows_of_at_most_31_days():
    with Routes({PATH: as_json(EMPTY)}) as server:
        segmind(server.url).past(NOON - timedelta(days=70), NOON)

    spans = [(query["start_date"], query["end_date"]) for query in server.queries]
    assert spans == [("2026-07-14", "2026-08-13"), ("2026-08-14", "2026-09-13"), ("2026-09-14", "2026-09-24")]


@pytest.mark.parametrize("holder", [lambda rows: rows, lambda rows: {"data": rows}, lambda rows: {"results": rows}])
def test_rows_may_lie_elsewhere(holder):
    assert past(holder([ROW])) == [CALL]


BROKEN = {
    "nothing": (answer(body=b""), ProviderFailed),
    "page": (answer(body=PAGE), ProviderFailed),
    "no list": (as_json({}), ProviderFailed),
    "a list that is none": (as_json({"generations": {"a": 1}}), ProviderFailed),
    "rows that are none": (as_json({"generations": [ROW, "row"]}), ProviderFailed),
    "error": (as_json({"error": "no"}), ProviderFailed),
    "half of it": (answer(body=json.dumps({"generations": [ROW]}).encode()[:-5]), ProviderFailed),
    "brackets": (answer(body=b"[" * 100_000), ProviderFailed),
    "structure": (answer(body=b"[" + b"{}," * 500_000 + b"{}]"), ProviderFailed),
    "flood": (hostile.flood_after(b"HTTP/1.1 200 OK\r\n\r\n"), ProviderFailed),
    "cut": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), ProviderFailed),
    "reset": (reset_after(), ProviderFailed),
    "bomb": (raw(hostile.gzip_bomb()), ProviderFailed),
    "redirect": (answer(302, b"", {"Location": "/x"}), ProviderFailed),
    "400": (answer(400, error_body("end_date lies in the future")), ProviderFailed),
    "404": (answer(404, b""), ProviderFailed),
    "500": (answer(500, b""), ProviderFailed),
    "502": (answer(502, PAGE), ProviderFailed),
    "401": (answer(401, b""), KeyRejected),
    "429": (answer(429, b""), RateLimited),
}


@pytest.mark.parametrize(("behaviour", "kind"), BROKEN.values(), ids=BROKEN.keys())
def test_history_that_cannot_be_read_is_an_error_that_costs_nothing(behaviour, kind):
    error = failure(behaviour)

    assert (type(error), error.maybe_charged, error.retryable) == (kind, False, True)


def test_history_that_fails_on_a_later_page_is_no_history():
    assert type(failure([as_json({"generations": [ROW]}), answer(502, PAGE)])) is ProviderFailed


def test_history_behind_a_closed_port_is_an_error():
    with pytest.raises(NotSent):
        segmind(f"http://127.0.0.1:{hostile.free_port()}").past(NOON, NOON)


def test_history_that_hangs_ends_in_time(monkeypatch):
    monkeypatch.setattr("generations.providers.history.SECONDS", 0.3)

    assert failure(hang_after()).details == "the deadline of 0.3 s passed"


def test_key_goes_to_the_host_of_the_history_and_to_no_other():
    with Routes({PATH: as_json(EMPTY)}) as archive, Hostile(answer()) as api:
        provider = Segmind(api.url, KEY, file_hosts=frozenset(), history_url=archive.url)
        provider.past(NOON, NOON)

    assert f"x-api-key: {KEY}\r\n".encode() in archive.requests[0]
    assert api.requests == []


@pytest.mark.parametrize("read", [lambda one: one.past(NOON, NOON), lambda one: one.balance()])
def test_key_in_a_list_that_cannot_be_read_is_not_repeated(read):
    """Spelled as the vendor might: without the prefix that all keys share."""
    naming = answer(200, error_body(f"bad key {KEY.removeprefix('SG_')}"))
    with Hostile(naming) as server, pytest.raises(ProviderFailed) as caught:
        read(segmind(server.url))

    assert (caught.value.reason, KEY[3:] in repr(vars(caught.value))) == ("bad key [key]", False)


def test_redirect_of_the_history_does_not_take_the_key_elsewhere():
    with Hostile(answer()) as elsewhere:
        failure(answer(307, b"", {"Location": elsewhere.url}))

    assert elsewhere.requests == []


@pytest.mark.parametrize("url", ["http://api.spotprod.segmind.com", "ftp://x", "https://x.test/history", "x"])
def test_address_of_the_history_that_cannot_work_is_refused_at_once(url):
    with pytest.raises(ValueError, match="address"):
        Segmind("https://api.segmind.com", KEY, file_hosts=frozenset(), history_url=url)
