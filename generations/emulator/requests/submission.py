"""One submitted job of v2: accepted at once, then it runs by the clock, whether or not anybody asks for it."""

import uuid
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_json
from generations.emulator.jobs.run import Fate, Run
from generations.emulator.requests.billing import bill, waive
from generations.emulator.requests.paid import Paid
from generations.emulator.state.vendor import Vendor
from generations.schema import ParameterSchema


class Submission(Paid):
    """POST /v2/{slug}. A fault may give the job another `fate` before `finish`."""

    version = "v2"
    fate = Fate()

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def work(self, run: Run, schema: ParameterSchema) -> Reply:
        run.fate = self.fate
        self.settled = True
        vendor = self.vendor
        vendor.schedule.after(run.queue_seconds / vendor.behaviour.speed_up, partial(_begin, vendor, schema, run))
        document = {
            "request_id": run.id,
            "status": "QUEUED",
            "poll_url": f"{vendor.url}/v1/requests/{run.id}",
            "status_url": f"{vendor.url}/v2/requests/{run.id}/status",
            "response_url": f"{vendor.url}/v2/requests/{run.id}",
        }
        return as_json(200, document, self.limits)


def _begin(vendor: Vendor, schema: ParameterSchema, run: Run) -> None:
    """The queue is over. Drawing may take longer than the run should: the run then ends with the drawing."""
    run.status = "PROCESSING"
    if refusal := checks.worker(schema, run.parameters):
        waive(vendor, run, refusal[1])
        return
    drawing = vendor.prepare(run)
    seconds = float(run.order.seconds) / vendor.behaviour.speed_up
    vendor.schedule.after(seconds, lambda: drawing.add_done_callback(partial(_end, vendor, run)))


def _end(vendor: Vendor, run: Run, drawing: "Future[None]") -> None:
    if vendor.stopping.is_set() or drawing.cancelled():
        return
    failure = run.fate.failure or (f"The picture cannot be drawn: {error}" if (error := drawing.exception()) else "")
    if failure:
        waive(vendor, run, failure)
    elif run.fate.charge:
        bill(vendor, run)
    else:
        vendor.account.release(run.id)
        run.ended_at = vendor.now()
        vendor.books.write(replace(run.received, kind="REFUSED", at=run.ended_at))
