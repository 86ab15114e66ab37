"""Faults of submit and poll: what a job of v2 comes to, and what is wrong with the documents about it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from generations.emulator.faults.job import Job
from generations.emulator.http.reply import Reply, as_error
from generations.emulator.jobs.run import Fate

Document = dict[str, Any]


class Submitted(Job, Protocol):
    fate: Fate


def failed(job: Submitted, *, text: str = "content_policy_violation: the prompt was rejected") -> Reply:
    """Accepted, worked on, FAILED; free."""
    job.fate = Fate(failure=text)
    return job.finish()


def endless(job: Submitted, *, charge: bool = False) -> Reply:
    """Polls say PROCESSING until the record is gone; with `charge` the picture is made and billed all the same."""
    job.fate = Fate(endless=True, charge=charge)
    return job.finish()


def no_request_id(job: Job) -> Reply:
    """Accepted, and the client is not told what to ask for."""
    return _edited(job.finish(), lambda document: {"status": document["status"]})


def forgotten(job: Job) -> Reply:
    """What a record that is gone answers; mid-job, it may be back at the next poll."""
    return as_error(404, f"Request {job.id} not found")


def still_processing(job: Job) -> Reply:
    """A poll that lags behind the job."""
    return _edited(job.finish(), lambda document: {**document, "status": "PROCESSING", "metrics": {}, "output": None})


def other_output(job: Job, *, url: str = "http://169.254.169.254/latest") -> Reply:
    """The result names a picture on another host."""

    def edit(document: Document) -> Document:
        images = [{**image, "url": url} for image in document.get("images", [])]
        return {**document, "output": url, "images": images}

    return _edited(job.finish(), edit)


def no_output(job: Job) -> Reply:
    """COMPLETED, and no picture is named."""
    return _edited(job.finish(), lambda document: {**document, "output": None, "images": []})


def no_metrics(job: Job) -> Reply:
    """Without cost, times and balance."""
    return _edited(job.finish(), lambda document: {**document, "metrics": {}})


def bad_metrics(job: Job, *, value: str = "NaN-ish") -> Reply:
    """Texts that are no numbers where cost, times, balance and seed should be."""

    def edit(document: Document) -> Document:
        metrics = dict.fromkeys(document["metrics"], value)
        return {**document, "metrics": metrics, **({"seed": value} if "seed" in document else {})}

    return _edited(job.finish(), edit)


def _edited(good: Reply, edit: Callable[[Document], Document]) -> Reply:
    """A document about a job; an answer that is none, a 404 or 422, stays as it is."""
    if good.status != 200:
        return good
    return replace(good, body=json.dumps(edit(json.loads(good.body))).encode())
