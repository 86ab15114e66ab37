"""The provider's own list of what was run: where a client that lost an answer can look it up."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from generations.emulator.http.reply import Reply, error_reply, format_time, json_reply
from generations.emulator.jobs.job import Job
from generations.emulator.requests.base import ProviderRequest


class HistoryRequest(ProviderRequest):
    """GET /inference-request/generations?page=1&model_name=&start_date=YYYY-MM-DD&end_date=, both days included."""

    route = "history"

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.path.partition("?")[2]))

    def serve(self) -> Reply:
        query, size = self.query(), self.provider.behaviour.history_page
        try:
            first, last = _day(query, "start_date", date.min), _day(query, "end_date", date.max)
            start = (_page(query.get("page", "1")) - 1) * size
        except ValueError as error:
            return error_reply(400, str(error))
        slug = query.get("model_name", "")
        found = [job for job in self._listed() if first <= _made_on(job) <= last and slug in ("", job.received.slug)]
        return json_reply(200, {"generations": [self._row(job) for job in found[start : start + size]]})

    def _listed(self) -> Iterator[Job]:
        """Newest first. With a lag nothing is seen of a job before it has passed."""
        behaviour, now = self.provider.behaviour, self.provider.now()
        lag = behaviour.history_seconds
        for job in self.provider.jobs.newest_first():
            seen = lag == 0 or (job.ended_at is not None and job.ended_at + lag <= now)
            if seen and job.id not in behaviour.history_loses:
                yield job

    def _row(self, job: Job) -> dict[str, object]:
        provider, done = self.provider, job.status == "COMPLETED"
        seconds = job.queue_seconds + (float(job.request.seconds) if done else 0)
        row: dict[str, object] = {
            "id": job.id,
            "request_id": job.id,
            "model_name": job.received.slug,
            "status": job.status if job.ended else "PROCESSING",
            "credits_deduction": float(job.charge.before - job.charge.after) if done and job.charge else 0,
            "latency_ms": round(seconds * 1000) if job.ended else None,
            "prompt": job.request.prompt,
            "created_at": format_time(job.received.at),
        }
        if provider.behaviour.history_parameters:
            row["parameters"] = {**job.parameters, "seed": job.request.seed}
        if job.has_file(provider.now()):
            row["output"] = provider.file_url(job.file_name)
        return row


class RecentRequest(HistoryRequest):
    """GET /inference-request/recent-generations?model_name=: the first page, whatever the day."""

    def query(self) -> dict[str, str]:
        return {"model_name": super().query().get("model_name", "")}


def _made_on(job: Job) -> date:
    return datetime.fromtimestamp(job.received.at, UTC).date()


def _day(query: dict[str, str], name: str, default: date) -> date:
    text = query.get(name, "")
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date() if text else default
    except ValueError:
        raise ValueError(f"{name} is {text!r}; write it as YYYY-MM-DD.") from None


def _page(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"page is {text!r}; pages are counted from 1.")
    return int(text)
