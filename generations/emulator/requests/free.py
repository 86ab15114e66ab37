"""The free routes: the polls of a submitted job, the history, the balance, and the files that answers point to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from generations.emulator.job import Job
from generations.emulator.reply import ProviderReply, error_reply, format_time, json_reply
from generations.emulator.requests.base import KEY_HEADER, ProviderRequest, Route

# What the provider's worker reports for a job that it turned down at once.
REFUSAL_SECONDS = 0.007


class StatusRequest(ProviderRequest):
    """GET /v2/requests/{id}/status: state and metrics, no output."""

    route: ClassVar[Route] = "status"

    def new_id(self) -> str:
        return self.argument

    def serve(self) -> ProviderReply:
        job, whole = self.provider.jobs.get(self.argument), self.route == "result"
        if job is None or not job.has_record(self.provider.now()):
            return self.not_found()
        document: dict[str, object] = {"status": job.status, "request_id": job.id}
        if job.outcome.endless or not job.ended:
            document |= {"status": "QUEUED" if job.status == "QUEUED" else "PROCESSING", "metrics": {}}
            return json_reply(200, document | {"output": None} if whole else document)
        document |= {"error": job.error or None, "metrics": self._metrics(job)}
        if job.status == "FAILED":
            return json_reply(422, document)
        return json_reply(200, document | self._output(job) if whole else document)

    def not_found(self) -> ProviderReply:
        old = self.path.startswith("/v1/")
        text = f"Output for this request ID {self.id} Not Found" if old else f"Request {self.id} not found"
        return error_reply(404, text)

    def _output(self, job: Job) -> dict[str, object]:
        url, size = self.provider.file_url(job.file_name), len(self.provider.picture(job))
        image = {"url": url, "content_type": job.content_type, "file_name": job.file_name, "file_size": size}
        seed = self.provider.seed_text(job)
        document: dict[str, object] = {"output": url, "images": [image], "prompt": job.request.prompt}
        return document if seed is None else {**document, "seed": seed}

    def _metrics(self, job: Job) -> dict[str, float]:
        """Return JSON numbers, as the provider sends them; a float keeps ten places of a balance below a million."""
        seconds = REFUSAL_SECONDS if job.status == "FAILED" else float(job.request.seconds)
        times = {"inference_time": seconds, "queue_time": job.queue_seconds}
        times["total_time"] = round(job.queue_seconds + seconds, 3)
        if job.status == "FAILED":
            return times
        cost = {"cost": float(job.request.cost)} if self.provider.behaviour.cost_header else {}
        return {**cost, "remaining_credits": float(self.provider.remaining_credits(job)), **times}


class ResultRequest(StatusRequest):
    """GET /v2/requests/{id}, and v1's GET /v1/requests/{id}, of which no more than its 404 is known."""

    route = "result"


class HistoryRequest(ProviderRequest):
    """GET /inference-request/generations?page=1&model_name=&start_date=YYYY-MM-DD&end_date=, both days included."""

    route = "history"

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.path.partition("?")[2]))

    def serve(self) -> ProviderReply:
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
        """List jobs, newest first. With a lag nothing is seen of a job before it has passed."""
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


class CreditsRequest(ProviderRequest):
    """GET /v1/get-user-credits; not counted against the rate limit."""

    route = "credits"

    def serve(self) -> ProviderReply:
        behaviour = self.provider.behaviour
        if not behaviour.account_exists:
            return error_reply(404, "No credits found for the user")
        # The provider sends JSON numbers; float is exact enough for ten places of a balance below a million.
        amounts = {"credits": float(self.provider.account.balance), "free-credits": float(behaviour.free_credits)}
        return json_reply(200, amounts)


class FileRequest(ProviderRequest):
    """GET /generations/{name}; public, and a request that carries the key is a 403, as at the provider's CDN."""

    route = "files"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        job = self.provider.jobs.get(self.argument.rpartition(".")[0])
        self.job = job if job and job.file_name == self.argument and job.has_file(self.provider.now()) else None

    def finish(self) -> ProviderReply:
        return error_reply(403, "Forbidden") if self.headers.get(KEY_HEADER) is not None else self.serve()

    def serve(self) -> ProviderReply:
        if self.job is not None:
            return ProviderReply(200, self.provider.picture(self.job), {"Content-Type": self.job.content_type})
        if (published := self.provider.published.get(self.argument)) is None:
            return error_reply(404, "Not found")
        content_type, content = published
        return ProviderReply(200, content, {"Content-Type": content_type})

    def delivered(self, body_sha256: str) -> None:
        if self.job is not None:
            entry = replace(self.job.received, fault=self.fault or self.job.received.fault)
            self.provider.record(entry, "DELIVERED", body_sha256=body_sha256)
