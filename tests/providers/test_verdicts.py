import json
from datetime import UTC, datetime, timedelta

import pytest

from generations.errors import (
    InvalidRequest,
    KeyRejected,
    ModelGone,
    OutcomeUnknown,
    OutOfCredits,
    ProviderError,
    ProviderFailed,
    RateLimited,
    Refused,
    SpendLimit,
)
from generations.providers import Segmind
from generations.providers.verdicts import TABLE, presentable, reset_at
from tests.key import KEY
from tests.providers.loopback.hostile import PAGE, Hostile, answer, error_body
from tests.providers.loopback.routes import as_json
from tests.providers.loopback.v2 import ID, vendor
from tests.providers.segmind import REQUEST, VERSIONS, failure, segmind_v2


def validation(message, value):
    """As FastAPI refuses a value: it repeats what it was given."""
    return json.dumps({"detail": [{"loc": ["body", "prompt"], "msg": message, "input": value}]}).encode()


CREDITS = error_body("Insufficient credits. Balance 0.004, needed 0.015.")
VERDICTS = [
    (400, error_body("Prompt is Mandatory and must be string"), Refused, False, False),
    (400, b"", Refused, False, False),
    (400, error_body("content_policy_violation"), Refused, False, False),
    (401, error_body("Unauthorized. API key is invalid or may have expired..."), KeyRejected, True, False),
    (402, b"", OutOfCredits, True, False),
    (403, error_body("This model is not enabled for your team"), KeyRejected, True, False),
    (403, error_body("This model is private"), KeyRejected, False, False),
    (404, error_body("No credits found for the user"), OutOfCredits, True, False),
    (404, error_body("Model not found"), ModelGone, False, False),
    (405, b"<html><title>405 Not Allowed</title></html>", ModelGone, False, False),
    (406, error_body("Invalid content type"), InvalidRequest, False, False),
    (406, CREDITS, OutOfCredits, True, False),
    (406, error_body("Team spend limit of $50 for this month is reached"), SpendLimit, True, False),
    (406, error_body("Invalid resolution. Allowed values are '1024 × 1024 (Square)'."), Refused, False, False),
    (408, b"", OutcomeUnknown, False, True),
    (410, error_body("This model was retired"), ModelGone, False, False),
    (413, PAGE, Refused, False, False),
    (418, b"", Refused, False, False),
    (422, error_body("Validation Error"), Refused, False, False),
    (422, error_body("Insufficient credits for this model"), OutOfCredits, True, False),
    (422, error_body("Team spending limit reached"), SpendLimit, True, False),
    (422, error_body("CUDA out of memory"), ProviderFailed, True, False),
    (422, error_body("Traceback (most recent call last):\n  File"), ProviderFailed, True, False),
    (422, validation("Input should be a valid number", "the end credits of a film"), Refused, False, False),
    (422, validation("String should have at most 1000 credits", "a cat"), Refused, False, False),
    (
        422,
        b'{"error": "CUDA out of memory", "input": "invalid credits of a spending limit"}',
        ProviderFailed,
        True,
        False,
    ),
    (406, error_body("Invalid prompt: a horse without limit"), Refused, False, False),
    (406, b'{"error": "No", "prompt": "a budget without credits"}', Refused, False, False),
    (403, b'{"error": "This model is private", "input": "a team"}', KeyRejected, False, False),
    (422, b'{"error": {"message": "Insufficient credits"}}', OutOfCredits, True, False),
    (422, b"Insufficient credits", OutOfCredits, True, False),
    (422, b'{"error": "No", "state": "Internal Polling Error"}', OutcomeUnknown, False, True),
    (429, error_body("rate_limit_exceeded"), RateLimited, True, False),
    (500, error_body("Traceback (most recent call last):\n  File"), ProviderFailed, True, False),
    (500, b"", ProviderFailed, True, False),
    *((status, PAGE, OutcomeUnknown, False, True) for status in (502, 503, 504, 520, 521, 522, 523, 524)),
    (507, b"", OutcomeUnknown, False, True),
    *(
        (status, error_body("Internal Polling Error"), OutcomeUnknown, False, True)
        for status in (400, 404, 406, 422, 429, 500, 502)
    ),
    *((status, b"", InvalidRequest, False, False) for status in (301, 302, 303, 307, 308)),
    (600, b"", OutcomeUnknown, False, True),
]
ONLY_V1 = [
    # With version 2 any 2xx is an accepted order.
    (202, b"{}", OutcomeUnknown, False, True),
    (204, b"", OutcomeUnknown, False, True),
]
CASES = [(version, *case) for version in VERSIONS for case in VERDICTS] + [("v1", *case) for case in ONLY_V1]


@pytest.mark.parametrize(("version", "status", "body", "kind", "retryable", "maybe_charged"), CASES)
def test_status_other_than_200_becomes_an_error(version, status, body, kind, retryable, maybe_charged):
    error = failure(answer(status, body, {"X-Request-ID": "708b82f9bf47e90a83b501bc747faf6e"}), version=version)

    assert (type(error), error.retryable, error.maybe_charged, error.status, error.request_id) == (
        kind, retryable, maybe_charged, status, "708b82f9bf47e90a83b501bc747faf6e",
    )  # fmt: skip
    assert error.message in {row.sentence for row in TABLE}


@pytest.mark.parametrize("status", [400, 406, 422])
@pytest.mark.parametrize("words", ["content_policy_violation: the prompt was rejected", "NSFW content detected"])
def test_refusal_because_of_its_content_names_the_prompt_as_the_cause(status, words):
    error = failure(answer(status, error_body(words)))

    assert error.message == "The provider rejected this prompt (content policy). Edit the prompt and try again."
    assert (type(error), error.reason) == (Refused, words)


def test_verdicts_above_use_every_row_of_the_table():
    used = {failure(answer(status, body)).message for status, body, *_ in VERDICTS}

    assert used == {row.sentence for row in TABLE}


@pytest.mark.parametrize(
    ("words", "kind", "retryable"),
    [
        ("Prompt is Mandatory and must be string", Refused, False),
        ("content_policy_violation", Refused, False),
        ("", ProviderFailed, True),
        ("The worker was lost", ProviderFailed, True),
        ("Insufficient credits. Balance 0.004, needed 0.015.", OutOfCredits, True),
        ("Team spend limit of $50 for this month is reached", SpendLimit, True),
        ("CUDA out of memory", ProviderFailed, True),
        ("Job timed out", ProviderFailed, True),
        ("Traceback (most recent call last):\n  File", ProviderFailed, True),
        ("Internal Polling Error", ProviderFailed, True),
    ],
)
@pytest.mark.parametrize("path", ["status", "result"])
@pytest.mark.parametrize("http", [200, 422])
def test_call_that_failed_is_certainly_not_charged(words, kind, retryable, path, http):
    report = {"status": "FAILED", "error": words, "prompt": "credits, a traceback", "metrics": {"remaining_credits": 1}}
    with vendor(**{path: as_json(report, http)}) as server, pytest.raises(ProviderError) as caught:
        segmind_v2(server.url).call(REQUEST)

    error = caught.value
    assert (type(error), error.retryable, error.maybe_charged, error.status, error.request_id) == (
        kind, retryable, False, 422, ID,
    )  # fmt: skip
    assert error.reason == presentable(words)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            error_body("Invalid swap_type.\n Allowed values  are 'face'."),
            "Invalid swap_type. Allowed values are 'face'.",
        ),
        (b'{"detail": "no"}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"error": {"code": 5}}', '{"code": 5}'),
        (b'[{"error": "no", "status_code": 400}, {}]', "no"),
        (b'"no"', "no"),
        (b"{}", ""),
        (b"[]", ""),
        (b'{"error": null}', ""),
        (b"no", "no"),
        (PAGE, "502 Bad Gateway"),
        (b"<html><body><h1>No</h1> way</body></html>", "No way"),
        (b"\xff\xfe\x00", ""),
        (b"[" * 60000, "[" * 299 + "…"),
        (b'{"error": ' + b"9" * 9000 + b"}", '{"error": ' + "9" * 289 + "…"),
        (error_body("a\x00b\x1b[31mc\u202ed"), "a b [31mc d"),
        (error_body("é" * 301), "é" * 299 + "…"),
        (error_body(f"key {KEY} is unknown"), "key [key] is unknown"),
        (error_body(f"key {KEY.removeprefix('SG_')} is unknown"), "key [key] is unknown"),
        (error_body("x" * 295 + KEY), "x" * 295 + "[key]"),
        (
            error_body('Traceback (most recent call last):\n  File "/srv/a.py", line 1\nValueError: bad'),
            "ValueError: bad",
        ),
        (error_body("Traceback (most recent call last):\n  File /srv/a.py"), ""),
        (b'Traceback (most recent call last):\n  File "/srv/a.py"\nKeyError', "KeyError"),
        (b'{"error": "Traceback (most recent call last):\\n  File', ""),
    ],
)
def test_reason_is_one_short_line_of_the_providers_words(body, reason):
    assert failure(answer(400, body)).reason == reason


def test_reason_does_not_hold_a_key_of_another_shape():
    with Hostile(answer(401, error_body("bad key hunter2hunter2"))) as server, pytest.raises(KeyRejected) as caught:
        Segmind(server.url, "hunter2hunter2", file_hosts=frozenset()).call(REQUEST)

    assert caught.value.reason == "bad key [key]"


NOON = datetime(2026, 8, 27, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"x-rate-limit-reset-at-utc": "2026-08-27 12:01:00"}, NOON + timedelta(minutes=1)),
        ({"x-rate-limit-reset-at-utc": "2026-08-27 11:59:00"}, NOON - timedelta(minutes=1)),
        ({"x-rate-limit-reset-at-utc": "2026-08-27T14:01:00+02:00"}, NOON + timedelta(minutes=1)),
        ({"x-rate-limit-reset-at-utc": "2026-08-29 12:00:00"}, None),
        ({"x-rate-limit-reset-at-utc": "0001-01-01 00:00:00+14:00"}, None),
        ({"x-rate-limit-reset-at-utc": "soon", "retry-after": "90"}, NOON + timedelta(seconds=90)),
        ({"retry-after": "Thu, 27 Aug 2026 12:01:00 GMT"}, NOON + timedelta(minutes=1)),
        ({"retry-after": "Thu, 27 Aug 2026 12:01:00 -0000"}, NOON + timedelta(minutes=1)),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 20}, None),
        ({"retry-after": "Thu, 99 Foo 99999 12:01:00"}, None),
    ],
)
def test_end_of_a_rate_limit_is_read_from_the_headers(headers, expected):
    assert reset_at(headers, NOON) == expected


def test_rate_limit_carries_its_end():
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=40)
    error = failure(answer(429, b"", {"X-RATE-LIMIT-RESET-AT-UTC": f"{ends:%Y-%m-%d %H:%M:%S}"}))

    assert isinstance(error, RateLimited)
    assert error.reset_at == ends
