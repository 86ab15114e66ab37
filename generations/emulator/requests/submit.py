"""One submitted job of v2: accepted at once, then it runs by the clock, whether or not anybody asks for it."""

import uuid
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

from generations.emulator.http.reply import Reply, json_reply
from generations.emulator.http.validation import find_invalid_value
from generations.emulator.jobs.job import Job, JobOutcome
from generations.emulator.requests.paid import PaidRequest
from generations.emulator.state.provider import EmulatedProvider


class SubmitRequest(PaidRequest):
    """POST /v2/{slug}. A fault may give the job another `outcome` before `finish`."""

    route = "v2"
    version = "v2"
    outcome = JobOutcome()

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def work(self, job: Job) -> Reply:
        job.outcome = self.outcome
        self.settled = True
        provider = self.provider
        provider.scheduler.after(job.queue_seconds / provider.behaviour.speed_up, partial(_begin, provider, job))
        document = {
            "request_id": job.id,
            "status": "QUEUED",
            "poll_url": f"{provider.url}/v1/requests/{job.id}",
            "status_url": f"{provider.url}/v2/requests/{job.id}/status",
            "response_url": f"{provider.url}/v2/requests/{job.id}",
        }
        return json_reply(200, document, self.limits)


def _begin(provider: EmulatedProvider, job: Job) -> None:
    """The queue is over. Drawing may take longer than the job should: the job then ends with the drawing."""
    job.status = "PROCESSING"
    if refusal := find_invalid_value(job.schema, job.parameters):
        provider.fail(job, refusal[1])
        return
    drawing = provider.start_drawing(job)
    seconds = float(job.request.seconds) / provider.behaviour.speed_up
    provider.scheduler.after(seconds, lambda: drawing.add_done_callback(partial(_end, provider, job)))


def _end(provider: EmulatedProvider, job: Job, drawing: "Future[None]") -> None:
    if provider.stopping.is_set() or drawing.cancelled():
        return
    error = drawing.exception()
    failure = job.outcome.failure or (f"The picture cannot be drawn: {error}" if error else "")
    if failure:
        provider.fail(job, failure)
    elif job.outcome.charge:
        provider.charge(job)
    else:
        provider.account.release(job.id)
        job.ended_at = provider.now()
        provider.ledger.write(replace(job.received, kind="REFUSED", at=job.ended_at))
