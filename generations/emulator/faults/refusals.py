"""Faults that answer in place of the work: free, unless `charge` says that the work was done and billed all the same.

`after` is the wait before the answer, undivided seconds. A run that failed without being billed stands in the history
as FAILED; `listed` off leaves it out, as if the order had been lost on its way.
"""

from generations.emulator.account.account import stamp
from generations.emulator.faults.job import Job
from generations.emulator.http import checks
from generations.emulator.http.reply import Reply, as_error, as_page

RESET = "X-RATE-LIMIT-RESET-AT-UTC"
TOO_MANY = "rate_limit_exceeded: too many requests, please slow down"


def bad_request(job: Job, *, text: str = "Invalid swap_type. Allowed values are 'face', 'head'.") -> Reply:
    job.fail(text)
    return as_error(400, text, pretty=True)


def no_key(job: Job) -> Reply:
    return as_error(401, checks.NO_KEY)


def bad_key(job: Job, *, text: str = checks.BAD_KEY) -> Reply:
    return as_error(401, text)


def no_money(job: Job) -> Reply:
    return as_error(402, "Payment required: no credits left")


def forbidden(job: Job, *, text: str = "This model is private or not enabled for your team") -> Reply:
    return as_error(403, text)


def unknown_model(job: Job) -> Reply:
    return as_error(404, "Model not found")


def wrong_verb(job: Job) -> Reply:
    return as_page(405)


def content_type(job: Job) -> Reply:
    return as_error(406, "Invalid content type")


def credits(job: Job) -> Reply:
    return as_error(406, "Insufficient credits. Your balance is 0.0012 credits and this model needs 0.0152 credits.")


def outside_set(job: Job) -> Reply:
    return as_error(406, "Invalid resolution. Allowed values are '1024 \u00d7 1024 (Square)'.")


def spend_limit(job: Job) -> Reply:
    return as_error(406, "Team spend limit reached: 10.00 credits per month.")


def retired(job: Job) -> Reply:
    return as_error(410, "This model has been retired")


def failed_job(job: Job, *, text: str = "content_policy_violation: the prompt was rejected") -> Reply:
    job.fail(text)
    return as_error(422, text)


def too_many(job: Job, *, seconds: float = 2.0) -> Reply:
    """The window ends in so many real seconds; negative puts the reset into the past."""
    return as_error(429, TOO_MANY, {RESET: stamp(job.now() + seconds), "X-RATE-LIMIT-REMAINING": "0"})


def too_many_unsaid(job: Job) -> Reply:
    return as_error(429, TOO_MANY)


def too_many_past(job: Job) -> Reply:
    return too_many(job, seconds=-3600)


def worker_failed(
    job: Job, *, text: str = "Failed while returning the output", charge: bool = False, listed: bool = True
) -> Reply:
    _end(job, charge, listed, text)
    return as_error(500, text, pretty=True)


def worker_traceback(job: Job, *, charge: bool = False, listed: bool = True) -> Reply:
    text = checks.traceback("CUDA out of memory")
    _end(job, charge, listed, text)
    return as_error(500, text)


def worker_silent(job: Job, *, charge: bool = False, listed: bool = True) -> Reply:
    _end(job, charge, listed)
    return Reply(500)


def bad_gateway(job: Job, *, after: float = 106.0, charge: bool = False, listed: bool = True) -> Reply:
    return _gateway(job, 502, after, charge, listed)


def unavailable(job: Job, *, after: float = 5.0, charge: bool = False, listed: bool = True) -> Reply:
    return _gateway(job, 503, after, charge, listed)


def gateway_timeout(job: Job, *, after: float = 60.0, charge: bool = False, listed: bool = True) -> Reply:
    return _gateway(job, 504, after, charge, listed)


def polling_error(
    job: Job, *, status: int = 500, after: float = 100.0, charge: bool = False, listed: bool = True
) -> Reply:
    """The synchronous gateway gave up on a job that may well go on."""
    _end(job, charge, listed)
    job.wait(after)
    return as_error(status, "Internal Polling Error")


def redirect(job: Job, *, url: str = "http://127.0.0.1:9/elsewhere") -> Reply:
    return Reply(302, b"", {"Location": url})


def _gateway(job: Job, status: int, after: float, charge: bool, listed: bool) -> Reply:
    _end(job, charge, listed)
    job.wait(after)
    return as_page(status)


def _end(job: Job, charge: bool, listed: bool, text: str = "The worker was lost") -> None:
    if charge:
        job.finish()
    elif listed:
        job.fail(text)
