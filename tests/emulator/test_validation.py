"""The order and the words of the provider's refusals."""

import json
from decimal import Decimal

import pytest

from generations.emulator.validation import NO_PROMPT
from tests.emulator.calls import PATH, SCHEMA, ask, body_of, credits, generate, kinds
from tests.key import KEY

JSON = {"Content-Type": "application/json"}


def post(emulator, content, **headers):
    return ask(emulator, "POST", PATH, content, {"x-api-key": KEY, **headers})


def test_call_without_key_is_401(emulator):
    answer = ask(emulator, "POST", PATH, "{}", JSON)

    assert answer.status == 401
    assert answer.json() == {"error": "Missing Authorization or x-api-key in header"}


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"x-api-key": "SG_ffffffffffffffff"}])
def test_call_with_bearer_or_unknown_key_is_401(emulator, headers):
    answer = ask(emulator, "POST", PATH, "{}", {**JSON, **headers})

    assert answer.status == 401
    assert answer.json()["error"].startswith("Unauthorized. API key is invalid")


def test_key_is_checked_before_the_rate_limit(emulator):
    emulator.control.behaviour.rpm = 0

    assert ask(emulator, "POST", PATH, "{}", JSON).status == 401


def test_rate_limit_is_checked_before_the_content_type(emulator):
    emulator.control.behaviour.rpm = 0

    assert post(emulator, "{}").status == 429


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
def test_content_type_is_checked_before_the_model(emulator, headers):
    answer = ask(emulator, "POST", "/v1/no-such-model", "{}", {"x-api-key": KEY, **headers})

    assert (answer.status, answer.json()) == (406, {"error": "Invalid content type"})


@pytest.mark.parametrize(("toggle", "status"), [({}, 404), ({"forbidden": ["m"]}, 403), ({"retired": ["m"]}, 410)])
def test_model_that_is_unknown_forbidden_or_retired(emulator, toggle, status):
    emulator.control.behaviour.change(toggle)

    answer = ask(emulator, "POST", "/v1/m", "{}", {"x-api-key": KEY, **JSON})

    assert (answer.status, list(answer.json())) == (status, ["error"])


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"', "[" * 5000, b"\xff\xfe"])
def test_unreadable_body_is_400_and_not_in_the_ledger(emulator, content):
    assert post(emulator, content, **JSON).status == 400
    assert kinds(emulator) == []


def test_balance_below_the_estimate_is_406_that_names_both_amounts(emulator):
    emulator.control.balance = Decimal("0.0125")

    answer = generate(emulator)

    assert answer.status == 406
    assert "Insufficient credits" in answer.json()["error"]
    assert "0.0125" in answer.json()["error"]


def test_balance_below_the_estimate_is_402_when_toggled(emulator):
    emulator.control.update({"balance": "0", "insufficient_status": 402})

    assert generate(emulator).status == 402


def test_balance_is_checked_before_the_declared_sets(emulator):
    emulator.control.update({"balance": "0"})

    assert "credits" in generate(emulator, resolution="big").json()["error"]


def test_team_spend_limit_is_406(emulator):
    emulator.control.update({"spend_limit": "0.001"})

    answer = generate(emulator)

    assert (answer.status, "spend limit" in answer.json()["error"]) == (406, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resolution", "1024 x 1024 (Square)"),
        ("resolution", "1024\u00a0\u00d7\u00a01024 (Square)"),
        ("resolution", "1024x1024"),
        ("resolution", None),
        ("speed_mode", "Lightly Juiced \U0001f34a\ufe0f (more consistent)"),
        ("speed_mode", "Lightly Juiced (more consistent)"),
        ("output_format", "WEBP"),
        ("model_type", "full"),
    ],
)
def test_value_outside_its_set_is_406_by_code_points(emulator, name, value):
    answer = generate(emulator, **{name: value})

    assert answer.status == 406
    assert answer.json()["error"].startswith(f"Invalid {name}. Allowed values are '")
    assert kinds(emulator) == ["RECEIVED", "REFUSED"]


def test_value_outside_its_set_is_the_workers_400_when_toggled(emulator):
    emulator.control.update({"enum_mismatch": "worker"})

    answer = generate(emulator, resolution="big")

    assert answer.status == 400
    assert answer.body.startswith(b'{\n  "error": "Invalid resolution. Allowed values are ')


@pytest.mark.parametrize("size", [option.value for option in SCHEMA["resolution"].options])
@pytest.mark.parametrize("ascii", [True, False])
def test_every_size_is_accepted_and_drawn(emulator, size, ascii):
    content = json.dumps(body_of(resolution=size), ensure_ascii=ascii).encode()

    answer = post(emulator, content, **JSON)

    option = SCHEMA["resolution"].option(size)
    assert answer.image.size == (option.width, option.height)


@pytest.mark.parametrize("prompt", ["", "   ", None, 5, ["a"]])
def test_prompt_that_is_no_text_is_the_workers_400(emulator, prompt):
    answer = generate(emulator, prompt=prompt)

    assert (answer.status, answer.json()) == (400, {"error": NO_PROMPT})
    assert answer.body.endswith(b"\n}\n")
    assert "x-remaining-credits" in answer.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [("output_quality", 0), ("output_quality", 101), ("output_quality", "90"), ("output_quality", True), ("seed", "5"),
     ("seed", 1.5), ("seed", None), ("seed", -2), ("seed", 2**31)],
)  # fmt: skip
def test_number_that_only_the_model_notices_is_500_with_a_traceback(emulator, name, value):
    answer = generate(emulator, **{name: value})

    assert answer.status == 500
    assert answer.json()["error"].startswith("Traceback (most recent call last)")
    assert credits(emulator).json()["credits"] == 25.0


def test_quality_does_not_matter_for_png(emulator):
    assert generate(emulator, output_format="png", output_quality=101).status == 200


def test_unknown_keys_and_long_prompts_are_taken(emulator):
    assert generate(emulator, prompt="x" * 5000, negative_prompt="blurry").status == 200


def test_multipart_form_is_read_by_the_schemas_types(emulator):
    lines = []
    for name, value in body_of(output_quality=55).items():
        lines += ["--frontier", f'Content-Disposition: form-data; name="{name}"', "", str(value)]
    content = "\r\n".join([*lines, "--frontier--", ""]).encode()

    answer = post(emulator, content, **{"Content-Type": "multipart/form-data; boundary=frontier"})

    assert (answer.status, answer.headers["x-seed-value"]) == (200, "7")


def test_multipart_form_without_fields_is_400(emulator):
    assert post(emulator, b"nothing", **{"Content-Type": "multipart/form-data"}).status == 400
