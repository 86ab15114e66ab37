"""Segmind's version 2 as a loopback server: one accepted request, as the answers of its three addresses."""

from collections.abc import Sequence
from typing import Any

from tests.providers.loopback.hostile import Behaviour
from tests.providers.loopback.routes import Routes, as_json

ID = "2c7f59ea-13f1-402c-9353-915a2b5a2124"
SUBMIT, STATUS, RESULT = "/v2/hidream-l1-fast", f"/v2/requests/{ID}/status", f"/v2/requests/{ID}"
ELSEWHERE = "http://elsewhere.test"
ACCEPTED = {
    "request_id": ID,
    "status": "QUEUED",
    "poll_url": f"{ELSEWHERE}/v1/requests/{ID}",
    "status_url": f"{ELSEWHERE}{STATUS}",
    "response_url": f"{ELSEWHERE}{RESULT}",
}
METRICS = {
    "cost": 0.0152127097,
    "remaining_credits": 12.3456789012,
    "inference_time": 10.142,
    "queue_time": 0.2,
    "total_time": 10.4,
}
OUTPUT = "https://images.segmind.com/generations/a.webp"
DRAWN: dict[str, Any] = {
    "status": "COMPLETED",
    "error": None,
    "request_id": ID,
    "output": OUTPUT,
    "images": [{"url": OUTPUT, "content_type": "image/webp", "file_name": "a.webp", "file_size": 123456}],
    "seed": "99999999999998",
    "prompt": "a cat",
    "metrics": METRICS,
}

Answers = Behaviour | Sequence[Behaviour]


def told(status: str, code: int = 200, **more: object) -> Behaviour:
    """Return a report on the request."""
    return as_json({"status": status, "request_id": ID, "metrics": {}, **more}, code)


QUEUED, PROCESSING, COMPLETED = told("QUEUED"), told("PROCESSING"), told("COMPLETED", metrics=METRICS)


def vendor(
    submit: Answers = as_json(ACCEPTED),  # noqa: B008  (a behaviour keeps nothing)
    status: Answers = (QUEUED, PROCESSING, COMPLETED),
    result: Answers = as_json(DRAWN),  # noqa: B008
) -> Routes:
    return Routes({SUBMIT: submit, STATUS: status, RESULT: result})
