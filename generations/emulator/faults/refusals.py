"""Faults that answer in place of the work: free, unless `charge` says that the work was done and billed all the same.

`after` is the wait before the answer, not divided by the speed-up. A job that failed without being billed stands in the
history as FAILED; `listed` off leaves it out, as if the request had been lost on its way.
"""

from generations.emulator.faults.script import fault
from generations.emulator.reply import Reply, error_reply, format_time, page_reply
from generations.emulator.requests.base import ProviderRequest
from generations.emulator.validation import BAD_KEY, NO_KEY, TRACEBACK

TOO_MANY = "rate_limit_exceeded: too many requests, please slow down"
PLAIN_REFUSALS = {
    "401-missing": (401, NO_KEY),
    "401": (401, BAD_KEY),
    "402": (402, "Payment required: no credits left"),
    "403": (403, "This model is private or not enabled for your team"),
    "404": (404, "Model not found"),
    "406-content-type": (406, "Invalid content type"),
    "406-credits": (
        406,
        "Insufficient credits. Your balance is 0.0012 credits and this model needs 0.0152 credits.",
    ),
    "406-value": (406, "Invalid resolution. Allowed values are '1024 \u00d7 1024 (Square)'."),
    "406-spend-limit": (406, "Team spend limit reached: 10.00 credits per month."),
    "410": (410, "This model has been retired"),
    "429-no-header": (429, TOO_MANY),
}
# Seconds until the gateway gives up on the job.
GATEWAY_ERRORS = {502: 106.0, 503: 5.0, 504: 60.0}


def _register_plain(name: str, status: int, default: str) -> None:
    @fault(name)
    def answer(request: ProviderRequest, *, text: str = default) -> Reply:
        return error_reply(status, text)


for _name, (_status, _text) in PLAIN_REFUSALS.items():
    _register_plain(_name, _status, _text)


def _register_gateway_error(status: int, default: float) -> None:
    @fault(str(status))
    def answer(request: ProviderRequest, *, after: float = default, charge: bool = False, listed: bool = True) -> Reply:
        _end(request, charge, listed)
        request.provider.wait(after)
        return page_reply(status)


for _status, _after in GATEWAY_ERRORS.items():
    _register_gateway_error(_status, _after)


@fault("400")
def bad_request(request: ProviderRequest, *, text: str = "Invalid seed. Allowed values are '1', '2'.") -> Reply:
    request.fail(text)
    return error_reply(400, text, pretty=True)


@fault("405")
def wrong_method(request: ProviderRequest) -> Reply:
    return page_reply(405)


@fault("422")
def failed_job(request: ProviderRequest, *, text: str = "content_policy_violation: the prompt was rejected") -> Reply:
    request.fail(text)
    return error_reply(422, text)


@fault("429")
def too_many(request: ProviderRequest, *, seconds: float = 2.0) -> Reply:
    """The window ends in so many real seconds; negative puts the reset into the past."""
    reset_at = format_time(request.provider.now() + seconds)
    return error_reply(429, TOO_MANY, {"X-RATE-LIMIT-RESET-AT-UTC": reset_at, "X-RATE-LIMIT-REMAINING": "0"})


@fault("429-past")
def too_many_past(request: ProviderRequest) -> Reply:
    return too_many(request, seconds=-3600)


@fault("500")
def worker_failed(
    request: ProviderRequest,
    *,
    text: str = "Failed while returning the output",
    charge: bool = False,
    listed: bool = True,
) -> Reply:
    _end(request, charge, listed, text)
    return error_reply(500, text, pretty=True)


@fault("500-traceback")
def worker_traceback(request: ProviderRequest, *, charge: bool = False, listed: bool = True) -> Reply:
    text = TRACEBACK.format("CUDA out of memory")
    _end(request, charge, listed, text)
    return error_reply(500, text)


@fault("500-empty")
def worker_silent(request: ProviderRequest, *, charge: bool = False, listed: bool = True) -> Reply:
    _end(request, charge, listed)
    return Reply(500)


@fault("polling-error")
def polling_error(
    request: ProviderRequest, *, status: int = 500, after: float = 100.0, charge: bool = False, listed: bool = True
) -> Reply:
    """The synchronous gateway gave up on a job that may well go on."""
    _end(request, charge, listed)
    request.provider.wait(after)
    return error_reply(status, "Internal Polling Error")


@fault("redirect")
def redirect(request: ProviderRequest, *, url: str = "http://127.0.0.1:9/elsewhere") -> Reply:
    return Reply(302, b"", {"Location": url})


def _end(request: ProviderRequest, charge: bool, listed: bool, text: str = "The worker was lost") -> None:
    if charge:
        request.finish()
    elif listed:
        request.fail(text)
