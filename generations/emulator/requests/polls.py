"""Asking for a submitted job: its status, and its result with the address of the picture."""

from email.message import Message

from generations.emulator.faults.faults import Route
from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_error, as_json
from generations.emulator.jobs.run import Run
from generations.emulator.requests.billing import remaining
from generations.emulator.requests.errand import Errand
from generations.emulator.state.vendor import Vendor

# What the vendor's worker reports for a job that it turned down at once.
REFUSAL_SECONDS = 0.007


def status(vendor: Vendor, request_id: str, path: str, headers: Message) -> Errand:
    """GET /v2/requests/{id}/status: state and metrics, no output."""
    return _poll(vendor, "status", request_id, path, headers)


def result(vendor: Vendor, request_id: str, path: str, headers: Message) -> Errand:
    """GET /v2/requests/{id}, and v1's GET /v1/requests/{id}, of which no more than its 404 is known."""
    return _poll(vendor, "result", request_id, path, headers)


def _poll(vendor: Vendor, route: Route, request_id: str, path: str, headers: Message) -> Errand:
    return Errand(
        vendor, route, path, headers, lambda: _answer(vendor, route, request_id, path, headers), id=request_id
    )


def _answer(vendor: Vendor, route: Route, request_id: str, path: str, headers: Message) -> Reply:
    if refusal := checks.key(headers, vendor.keys):
        return refusal
    run = vendor.runs.get(request_id)
    if run is None or not run.has_record(vendor.now()):
        old = path.startswith("/v1/")
        return as_error(404, f"Output for this request ID {request_id} Not Found" if old else forgotten(request_id))
    if run.fate.endless or not run.ended:
        state = run.status if run.status == "QUEUED" else "PROCESSING"
        waiting = {"status": state, "request_id": run.id, "metrics": {}}
        return as_json(200, waiting if route == "status" else {**waiting, "output": None})
    if run.status == "FAILED":
        return as_json(422, _failed(run))
    return as_json(200, _light(vendor, run) if route == "status" else _whole(vendor, run))


def forgotten(request_id: str) -> str:
    return f"Request {request_id} not found"


def _failed(run: Run) -> dict[str, object]:
    queue = run.queue_seconds
    metrics = {"inference_time": REFUSAL_SECONDS, "queue_time": queue, "total_time": round(queue + REFUSAL_SECONDS, 3)}
    return {"status": "FAILED", "error": run.error, "metrics": metrics, "request_id": run.id}


def _light(vendor: Vendor, run: Run) -> dict[str, object]:
    return {"status": "COMPLETED", "error": None, "request_id": run.id, "metrics": _metrics(vendor, run)}


def _whole(vendor: Vendor, run: Run) -> dict[str, object]:
    url = vendor.file_url(run.file_name)
    image = {
        "url": url,
        "content_type": f"image/{run.order.format}",
        "file_name": run.file_name,
        "file_size": len(vendor.picture(run)),
    }
    seeds = {"number": {"seed": str(run.order.seed)}, "none": {"seed": "None"}, "absent": {}}
    return {
        "status": "COMPLETED",
        "error": None,
        "request_id": run.id,
        "output": url,
        "images": [image],
        **seeds[vendor.behaviour.seed_header],
        "prompt": run.order.prompt,
        "metrics": _metrics(vendor, run),
    }


def _metrics(vendor: Vendor, run: Run) -> dict[str, float]:
    """JSON numbers, as the vendor sends them; a float keeps ten places of a balance below a million."""
    seconds = float(run.order.seconds)
    cost = {"cost": float(run.order.cost)} if vendor.behaviour.cost_header else {}
    return {
        **cost,
        "remaining_credits": float(remaining(vendor, run)),
        "inference_time": seconds,
        "queue_time": run.queue_seconds,
        "total_time": round(run.queue_seconds + seconds, 3),
    }
