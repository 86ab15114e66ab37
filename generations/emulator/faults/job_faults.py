"""Faults of submit and poll: what a job of v2 comes to, and what is wrong with the documents about it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from generations.emulator.faults.types import POLLS, FaultType, changed
from generations.emulator.job import JobOutcome
from generations.emulator.reply import ProviderReply
from generations.emulator.requests.base import Route
from generations.emulator.requests.paid import SubmitRequest

Document = dict[str, Any]


def failed(request: SubmitRequest, text: str) -> ProviderReply:
    """Accept and work on the job, then fail it free of charge."""
    request.outcome = JobOutcome(failure=text)
    return request.finish()


def endless(request: SubmitRequest, charge: bool) -> ProviderReply:
    """Let polls say PROCESSING until the record is gone; with `charge` the picture is made and billed all the same."""
    request.outcome = JobOutcome(endless=True, charge=charge)
    return request.finish()


def edited(edit: Callable[..., Document], *routes: Route, **options: Any) -> FaultType:
    """Return a fault that merges what `edit` returns into the document of a good reply."""

    def change(good: ProviderReply, _: object, **given: Any) -> ProviderReply:
        document = json.loads(good.body)
        return replace(good, body=json.dumps(document | edit(document, **given)).encode())

    return changed(change, *routes, **options)


def other_output(document: Document, url: str) -> Document:
    return {"output": url, "images": [{**image, "url": url} for image in document.get("images", [])]}


def bad_metrics(document: Document, value: str) -> Document:
    """Return texts that are no numbers where cost, times, balance and seed should be."""
    seed = {"seed": value} if "seed" in document else {}
    return {"metrics": dict.fromkeys(document["metrics"], value), **seed}


JOB_FAULTS = {
    "failed": FaultType(failed, ("v2",), {"text": "content_policy_violation: the prompt was rejected"}),
    "endless": FaultType(endless, ("v2",), {"charge": False}),
    # Accepted, and the client is not told what to ask for.
    "no-request-id": changed(lambda good, _: replace(good, body=b'{"status": "QUEUED"}'), "v2"),
    # What a record that is gone answers; mid-job, it may be back at the next poll.
    "404-request": FaultType(lambda request: request.not_found(), POLLS),
    # A poll that lags behind the job.
    "still-processing": edited(lambda _: {"status": "PROCESSING", "metrics": {}, "output": None}, *POLLS),
    "other-output": edited(other_output, "result", url="http://169.254.169.254/latest"),
    "no-output": edited(lambda _: {"output": None, "images": []}, "result"),
    "no-metrics": edited(lambda _: {"metrics": {}}, *POLLS),
    "bad-metrics": edited(bad_metrics, *POLLS, value="NaN-ish"),
}
