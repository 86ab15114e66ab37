"""One synchronous call: the wait, the drawing and the charge between the request and its answer."""

import time
from dataclasses import replace

from generations.emulator.http.reply import Reply, error_reply
from generations.emulator.http.validation import find_invalid_value
from generations.emulator.jobs.job import Job
from generations.emulator.requests.paid import PaidRequest

# A worker that refuses at once still reports a little time; captured values run from 0.05 to 0.39.
REFUSAL_SECONDS = "0.09"


class SyncRequest(PaidRequest):
    """POST /v1/{slug}. Charged at completion, whether or not anybody still listens."""

    route = "v1"
    version = "v1"

    def delivered(self, body_sha256: str) -> None:
        if self.entry and self.settled:
            now = self.provider.now()
            entry = replace(self.entry, kind="DELIVERED", at=now, status=200, body_sha256=body_sha256)
            self.provider.ledger.write(entry)

    def work(self, job: Job) -> Reply:
        try:
            return self._work(job)
        finally:
            self.provider.account.release(self.id)

    def _work(self, job: Job) -> Reply:
        provider, started = self.provider, time.monotonic()
        provider.wait(job.queue_seconds)
        job.status = "PROCESSING"
        if refusal := find_invalid_value(job.schema, self.body):
            status, text = refusal
            job.fail(text, provider.now())
            balance = f"{provider.account.balance:.10f}"
            headers = {"X-Generation-Time": REFUSAL_SECONDS, "X-Remaining-Credits": balance, **self.limits}
            return error_reply(status, text, headers, pretty=status == 400)
        picture = provider.draw(job)
        seconds = (job.queue_seconds + float(job.request.seconds)) / provider.behaviour.speed_up
        provider.sleep(started + seconds - time.monotonic())
        provider.charge(job)
        self.settled = True
        return Reply(200, picture, self._headers(job))

    def _headers(self, job: Job) -> dict[str, str]:
        behaviour, request = self.provider.behaviour, job.request
        headers = {
            "Content-Type": f"image/{request.format}",
            "X-output-metadata": str({"height": request.height, "width": request.width}),
            "X-Generation-Time": str(request.seconds),
            "X-Remaining-Credits": f"{self.provider.remaining_credits(job):.10f}",
            **self.limits,
        }
        if behaviour.seed_header != "absent":
            headers["X-Seed-Value"] = str(request.seed) if behaviour.seed_header == "number" else "None"
        if behaviour.cost_header:
            headers["x-cost"] = f"{request.cost:f}"
        return headers
