"""The vendor's own list of what was run: where a client that lost an answer can look it up."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from email.message import Message
from urllib.parse import parse_qsl

from generations.emulator.account.account import stamp
from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_error, as_json
from generations.emulator.jobs.run import Run
from generations.emulator.requests.errand import Errand
from generations.emulator.state.vendor import Vendor


def generations(vendor: Vendor, _: str, path: str, headers: Message) -> Errand:
    """GET /inference-request/generations?page=1&model_name=&start_date=YYYY-MM-DD&end_date=, both days included."""
    return Errand(vendor, "history", path, headers, lambda: _page(vendor, _query(path), headers))


def recent(vendor: Vendor, _: str, path: str, headers: Message) -> Errand:
    """GET /inference-request/recent-generations?model_name=: the first page, whatever the day."""
    only = {"model_name": _query(path).get("model_name", "")}
    return Errand(vendor, "history", path, headers, lambda: _page(vendor, only, headers))


def _query(path: str) -> dict[str, str]:
    return dict(parse_qsl(path.partition("?")[2]))


def _page(vendor: Vendor, query: Mapping[str, str], headers: Message) -> Reply:
    if refusal := checks.key(headers, vendor.keys):
        return refusal
    try:
        first, last = _day(query, "start_date", date.min), _day(query, "end_date", date.max)
        start = (_whole(query.get("page", "1")) - 1) * vendor.behaviour.history_page
    except ValueError as error:
        return as_error(400, str(error))
    slug = query.get("model_name", "")
    found = [run for run in _listed(vendor) if first <= _made_on(run) <= last and slug in ("", run.received.slug)]
    rows = [_row(vendor, run) for run in found[start : start + vendor.behaviour.history_page]]
    return as_json(200, {"generations": rows})


def _listed(vendor: Vendor) -> Iterator[Run]:
    """Newest first. With a lag nothing is seen of a job before it has passed."""
    lag, now, lost = vendor.behaviour.history_seconds, vendor.now(), vendor.behaviour.history_loses
    for run in vendor.runs.newest_first():
        if run.id in lost:
            continue
        if lag == 0 or (run.ended_at is not None and run.ended_at + lag <= now):
            yield run


def _row(vendor: Vendor, run: Run) -> dict[str, object]:
    seconds = run.queue_seconds + (float(run.order.seconds) if run.status == "COMPLETED" else 0)
    row: dict[str, object] = {
        "id": run.id,
        "request_id": run.id,
        "model_name": run.received.slug,
        "status": run.status if run.ended else "PROCESSING",
        "credits_deduction": float(run.charge.taken) if run.status == "COMPLETED" and run.charge else 0,
        "latency_ms": round(seconds * 1000) if run.ended else None,
        "prompt": run.order.prompt,
        "created_at": stamp(run.created_at),
    }
    if vendor.behaviour.history_parameters:
        row["parameters"] = {**run.parameters, "seed": run.order.seed}
    if run.has_file(vendor.now()):
        row["output"] = vendor.file_url(run.file_name)
    return row


def _made_on(run: Run) -> date:
    return datetime.fromtimestamp(run.created_at, UTC).date()


def _day(query: Mapping[str, str], name: str, otherwise: date) -> date:
    text = query.get(name, "")
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date() if text else otherwise
    except ValueError:
        raise ValueError(f"{name} is {text!r}; write it as YYYY-MM-DD.") from None


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"page is {text!r}; pages are counted from 1.")
    return int(text)
