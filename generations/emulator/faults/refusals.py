"""Faults that answer in place of the work: free, unless `charge` says that the work was done and billed all the same.

`after` is the wait before the answer, not divided by the speed-up. A job that failed without being billed stands in the
history as FAILED; `listed` off leaves it out, as if the request had been lost on its way.
"""

from collections.abc import Callable
from typing import Any

from generations.emulator.faults.types import FaultType
from generations.emulator.reply import ProviderReply, error_reply, format_time, page_reply
from generations.emulator.requests.base import ProviderRequest
from generations.emulator.validation import BAD_KEY, NO_KEY, TRACEBACK

TOO_MANY = "rate_limit_exceeded: too many requests, please slow down"
LOST = "The worker was lost"


def refusal(status: int, text: str, *, listed: bool = False) -> FaultType:
    """Return an error in JSON; with `listed` the history has a failed job."""

    def answer(request: ProviderRequest, text: str) -> ProviderReply:
        if listed:
            request.fail(text)
        return error_reply(status, text, pretty=status == 400)

    return FaultType(answer, options={"text": text})


def failure(reply: Callable[..., ProviderReply], **options: Any) -> FaultType:
    """Return a failure of the worker or the gateway; `reply` takes the options that are its own."""

    def answer(request: ProviderRequest, *, charge: bool, listed: bool, after: float = 0, **own: Any) -> ProviderReply:
        if charge:
            request.finish()
        elif listed:
            request.fail(own.get("text", LOST))
        request.provider.wait(after)
        return reply(**own)

    return FaultType(answer, options={**options, "charge": False, "listed": True})


def too_many(request: ProviderRequest, seconds: float) -> ProviderReply:
    """Say that the window ends in so many real seconds; negative puts the reset into the past."""
    reset_at = format_time(request.provider.now() + seconds)
    return error_reply(429, TOO_MANY, {"X-RATE-LIMIT-RESET-AT-UTC": reset_at, "X-RATE-LIMIT-REMAINING": "0"})


REFUSALS = {
    "400": refusal(400, "Invalid swap_type. Allowed values are 'face', 'head'.", listed=True),
    "401-missing": refusal(401, NO_KEY),
    "401": refusal(401, BAD_KEY),
    "402": refusal(402, "Payment required: no credits left"),
    "403": refusal(403, "This model is private or not enabled for your team"),
    "404": refusal(404, "Model not found"),
    "405": FaultType(lambda request: page_reply(405)),
    "406-content-type": refusal(406, "Invalid content type"),
    "406-credits": refusal(406, "Insufficient credits. Your balance is 0.0012 credits, the model needs 0.0152."),
    "406-value": refusal(406, "Invalid resolution. Allowed values are '1024 \u00d7 1024 (Square)'."),
    "406-spend-limit": refusal(406, "Team spend limit reached: 10.00 credits per month."),
    "410": refusal(410, "This model has been retired"),
    "422": refusal(422, "content_policy_violation: the prompt was rejected", listed=True),
    "429": FaultType(too_many, options={"seconds": 2.0}),
    "429-no-header": refusal(429, TOO_MANY),
    "429-past": FaultType(lambda request: too_many(request, -3600)),
    "500": failure(lambda text: error_reply(500, text, pretty=True), text="Failed while returning the output"),
    "500-traceback": failure(lambda text: error_reply(500, text), text=TRACEBACK.format("CUDA out of memory")),
    "500-empty": failure(lambda: ProviderReply(500)),
    "502": failure(lambda: page_reply(502), after=106.0),
    "503": failure(lambda: page_reply(503), after=5.0),
    "504": failure(lambda: page_reply(504), after=60.0),
    # The synchronous gateway gave up on a job that may well go on.
    "polling-error": failure(lambda status: error_reply(status, "Internal Polling Error"), status=500, after=100.0),
    "redirect": FaultType(
        lambda request, url: ProviderReply(302, b"", {"Location": url}), options={"url": "http://127.0.0.1:9/elsewhere"}
    ),
}
