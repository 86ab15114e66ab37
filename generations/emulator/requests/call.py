"""One synchronous call: the wait, the drawing and the charge between the request and its answer."""

import time
from dataclasses import replace

from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_error
from generations.emulator.jobs.run import Run
from generations.emulator.requests.billing import bill, remaining
from generations.emulator.requests.paid import Paid
from generations.schema import ParameterSchema

# A worker that refuses at once still reports a little time; captured values run from 0.05 to 0.39.
REFUSAL_SECONDS = "0.09"


class Call(Paid):
    """POST /v1/{slug}. Charged at completion, whether or not anybody still listens."""

    version = "v1"

    def delivered(self, body_sha256: str) -> None:
        if self.entry and self.settled:
            entry = replace(self.entry, kind="DELIVERED", at=self.now(), status=200, body_sha256=body_sha256)
            self.vendor.books.write(entry)

    def work(self, run: Run, schema: ParameterSchema) -> Reply:
        try:
            return self._work(run, schema)
        finally:
            self.vendor.account.release(self.id)

    def _work(self, run: Run, schema: ParameterSchema) -> Reply:
        vendor, started = self.vendor, time.monotonic()
        vendor.wait(run.queue_seconds)
        run.status = "PROCESSING"
        if refusal := checks.worker(schema, self.body):
            return self._refused(run, *refusal)
        picture = vendor.draw(run)
        vendor.sleep(
            started + (run.queue_seconds + float(run.order.seconds)) / vendor.behaviour.speed_up - time.monotonic()
        )
        bill(vendor, run)
        self.settled = True
        return Reply(200, picture, self._headers(run))

    def _refused(self, run: Run, status: int, text: str) -> Reply:
        run.fail(text, self.now())
        headers = {
            "X-Generation-Time": REFUSAL_SECONDS,
            "X-Remaining-Credits": f"{self.vendor.account.balance:.10f}",
            **self.limits,
        }
        return as_error(status, text, headers, pretty=status == 400)

    def _headers(self, run: Run) -> dict[str, str]:
        behaviour, order = self.vendor.behaviour, run.order
        headers = {
            "Content-Type": f"image/{order.format}",
            "X-output-metadata": str({"height": order.height, "width": order.width}),
            "X-Generation-Time": str(order.seconds),
            "X-Remaining-Credits": f"{remaining(self.vendor, run):.10f}",
            **self.limits,
        }
        if behaviour.seed_header != "absent":
            headers["X-Seed-Value"] = str(order.seed) if behaviour.seed_header == "number" else "None"
        if behaviour.cost_header:
            headers["x-cost"] = f"{order.cost:f}"
        return headers
