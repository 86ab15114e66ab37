"""Asking for a submitted job: its status, and its result with the address of the picture."""

from typing import ClassVar

from generations.emulator.http.reply import Reply, error_reply, json_reply
from generations.emulator.jobs.job import Job
from generations.emulator.requests.base import ProviderRequest, Route

# What the provider's worker reports for a job that it turned down at once.
REFUSAL_SECONDS = 0.007


class StatusRequest(ProviderRequest):
    """GET /v2/requests/{id}/status: state and metrics, no output."""

    route: ClassVar[Route] = "status"

    def new_id(self) -> str:
        return self.argument

    def serve(self) -> Reply:
        job = self.provider.jobs.get(self.argument)
        if job is None or not job.has_record(self.provider.now()):
            return self.not_found()
        document: dict[str, object] = {"status": job.status, "request_id": job.id, "metrics": {}}
        if job.outcome.endless or not job.ended:
            state = "QUEUED" if job.status == "QUEUED" else "PROCESSING"
            return json_reply(200, {**document, "status": state, **self.waiting()})
        document |= {"error": job.error or None, "metrics": self._metrics(job)}
        return json_reply(422, document) if job.status == "FAILED" else json_reply(200, document | self.output(job))

    def not_found(self) -> Reply:
        old = self.path.startswith("/v1/")
        text = f"Output for this request ID {self.id} Not Found" if old else f"Request {self.id} not found"
        return error_reply(404, text)

    def waiting(self) -> dict[str, object]:
        """Return what the answer says beside the state while the job is under way."""
        return {}

    def output(self, job: Job) -> dict[str, object]:
        """Return what the answer says beside state and metrics when the job is done."""
        return {}

    def _metrics(self, job: Job) -> dict[str, float]:
        """JSON numbers, as the provider sends them; a float keeps ten places of a balance below a million."""
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

    def waiting(self) -> dict[str, object]:
        return {"output": None}

    def output(self, job: Job) -> dict[str, object]:
        url = self.provider.file_url(job.file_name)
        image = {
            "url": url,
            "content_type": f"image/{job.request.format}",
            "file_name": job.file_name,
            "file_size": len(self.provider.picture(job)),
        }
        document: dict[str, object] = {"output": url, "images": [image], "prompt": job.request.prompt}
        if (mode := self.provider.behaviour.seed_header) != "absent":
            document["seed"] = str(job.request.seed) if mode == "number" else "None"
        return document
