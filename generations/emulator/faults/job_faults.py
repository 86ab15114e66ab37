"""Faults of submit and poll: what a job of v2 comes to, and what is wrong with the documents about it."""

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from generations.emulator.faults.script import fault
from generations.emulator.job import JobOutcome
from generations.emulator.reply import Reply
from generations.emulator.requests.base import Route
from generations.emulator.requests.free import StatusRequest
from generations.emulator.requests.paid import SubmitRequest

Document = dict[str, Any]
Edit = Callable[..., Document]
POLLS: tuple[Route, ...] = ("status", "result")


def document_fault(name: str, *routes: Route) -> Callable[[Edit], Edit]:
    """Register a change of a document about a job; an answer that is none, a 404 or 422, stays as it is."""

    def register(edit: Edit) -> Edit:
        @functools.wraps(edit)
        def answer(request: StatusRequest, **options: Any) -> Reply:
            good = request.finish()
            if good.status != 200:
                return good
            return replace(good, body=json.dumps(edit(json.loads(good.body), **options)).encode())

        fault(name, *routes)(answer)
        return edit

    return register


@fault("failed", "v2")
def failed(request: SubmitRequest, *, text: str = "content_policy_violation: the prompt was rejected") -> Reply:
    """Accepted, worked on, FAILED; free."""
    request.outcome = JobOutcome(failure=text)
    return request.finish()


@fault("endless", "v2")
def endless(request: SubmitRequest, *, charge: bool = False) -> Reply:
    """Polls say PROCESSING until the record is gone; with `charge` the picture is made and billed all the same."""
    request.outcome = JobOutcome(endless=True, charge=charge)
    return request.finish()


@fault("404-request", *POLLS)
def not_found(request: StatusRequest) -> Reply:
    """What a record that is gone answers; mid-job, it may be back at the next poll."""
    return request.not_found()


@document_fault("no-request-id", "v2")
def no_request_id(document: Document) -> Document:
    """Accepted, and the client is not told what to ask for."""
    return {"status": document["status"]}


@document_fault("still-processing", *POLLS)
def still_processing(document: Document) -> Document:
    """A poll that lags behind the job."""
    return {**document, "status": "PROCESSING", "metrics": {}, "output": None}


@document_fault("other-output", "result")
def other_output(document: Document, *, url: str = "http://169.254.169.254/latest") -> Document:
    """The result names a picture on another host."""
    return {**document, "output": url, "images": [{**image, "url": url} for image in document.get("images", [])]}


@document_fault("no-output", "result")
def no_output(document: Document) -> Document:
    """COMPLETED, and no picture is named."""
    return {**document, "output": None, "images": []}


@document_fault("no-metrics", *POLLS)
def no_metrics(document: Document) -> Document:
    """Without cost, times and balance."""
    return {**document, "metrics": {}}


@document_fault("bad-metrics", *POLLS)
def bad_metrics(document: Document, *, value: str = "NaN-ish") -> Document:
    """Texts that are no numbers where cost, times, balance and seed should be."""
    seed = {"seed": value} if "seed" in document else {}
    return {**document, "metrics": dict.fromkeys(document["metrics"], value), **seed}
