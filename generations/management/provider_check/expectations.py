"""What this site expects of the provider, compared with what was received; docs/provider.md names the sources."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from generations.errors import UnusableImage
from generations.imaging import inspect
from generations.providers import Answer, Balance, PastCall
from generations.providers.reading import amount, document, fields, media_type, moment, text
from generations.providers.transport import HttpReply
from generations.schema import ParameterSchema

KEY = re.compile(r"SG_[0-9a-f]{16}")
REQUEST_IDS = {
    "v1": ("32 hexadecimal digits", re.compile(r"[0-9a-f]{32}")),
    "v2": ("a UUID with dashes", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
}
MAX_CLOCK_SKEW_SECONDS = 5
ROW_KEYS = ("request_id", "status", "credits_deduction", "latency_ms", "prompt", "parameters", "created_at")
SUBMIT_KEYS = ("request_id", "status", "poll_url", "status_url", "response_url")
REPORT_KEYS = ("status", "metrics", "output", "request_id", "seed", "images")
METRICS = ("cost", "remaining_credits", "inference_time", "queue_time", "total_time")
MAX_HISTORY_SKEW_SECONDS = 900
# The price is time × rate to the millisecond; what the provider adds to it now and then stays below this part.
PRICE_TOLERANCE = Decimal("0.05")
# The provider computes its balance with floats.
BALANCE_TOLERANCE = Decimal("0.0000001")


@dataclass(frozen=True)
class CheckResult:
    """`matches` is None where nothing was received that could be compared."""

    expected: str
    received: str
    matches: bool | None


def check_key(key: str) -> CheckResult:
    """Compare the shape of the key; the result shows nothing else of it."""
    fits = bool(KEY.fullmatch(key))
    return CheckResult("the key is SG_ and 16 hexadecimal digits", "so it is" if fits else f"{len(key)} others", fits)


def check_balance(reply: HttpReply, balance: Balance) -> CheckResult:
    names = ", ".join(fields(document(reply.body)))
    expected = "the balance has credits and free-credits"
    return CheckResult(expected, f"${balance.total:.4f} ({names})", names == "credits, free-credits")


def check_clock(reply: HttpReply, now: datetime) -> CheckResult:
    expected = f"the clocks differ by less than {MAX_CLOCK_SKEW_SECONDS} s"
    theirs = moment(reply.headers.get("date"))
    if theirs is None:
        return CheckResult(expected, "no Date header", None)
    seconds = (now - theirs).total_seconds()
    return CheckResult(expected, f"{seconds:+.0f} s", abs(seconds) < MAX_CLOCK_SKEW_SECONDS + 1)


def check_history_rows(rows: Collection[dict[str, object]]) -> CheckResult:
    if not rows:
        return CheckResult("the history can be read", "it can, and is empty", None)
    return _has_keys("a row of the history has", ROW_KEYS, set.intersection(*(set(row) for row in rows)))


def check_headers(reply: HttpReply, seed: int) -> Iterator[CheckResult]:
    """Compare the headers of an answer of version 1."""
    for name in ("x-cost", "x-remaining-credits", "x-generation-time"):
        value = reply.headers.get(name)
        received = "no such header" if value is None else value
        yield CheckResult(f"{name} is a number", received, amount(value) is not None)
    yield _is_seed("x-seed-value is the seed we sent", reply.headers.get("x-seed-value"), seed)
    others = sorted(name.lower() for name in reply.headers if name.lower().startswith("x-"))
    yield CheckResult("other headers are not needed", ", ".join(others), None)


def check_submission(reply: HttpReply) -> Iterator[CheckResult]:
    """Compare the answer of version 2 to a submit."""
    found = fields(document(reply.body))
    yield CheckResult("a submit is answered with HTTP 200", f"HTTP {reply.status}", reply.status == 200)
    yield _has_keys("that answer has", SUBMIT_KEYS, found)
    ours = f"/v2/requests/{text(found.get('request_id'))}"
    for name, path in {"status_url": f"{ours}/status", "response_url": ours}.items():
        received = "/" + text(found.get(name)).partition("://")[2].partition("/")[2]
        yield CheckResult(f"{name} is the address we ask at", received, received == path)


def check_report(body: bytes, statuses: Collection[str], seed: int) -> Iterator[CheckResult]:
    """Compare the final report of version 2; `statuses` are those that the polls saw, in their order."""
    found = fields(document(body))
    known = set(statuses) <= {"QUEUED", "PROCESSING", "COMPLETED"}
    yield CheckResult("it is QUEUED, PROCESSING, then COMPLETED", " ".join(dict.fromkeys(statuses)), known)
    yield _has_keys("the report has", REPORT_KEYS, found)
    yield _has_keys("its metrics have", METRICS, fields(found.get("metrics")))
    yield _is_seed("its seed is the one we sent", found.get("seed"), seed)


def reported_content_type(body: bytes) -> str:
    """Return the content type that a report of version 2 names for its first picture."""
    images = fields(document(body)).get("images")
    first = images[0] if isinstance(images, list) and images else None
    return media_type(fields(first).get("content_type"))


def check_request_id(version: str, request_id: str) -> CheckResult:
    shape, pattern = REQUEST_IDS[version]
    return CheckResult(f"a request id is {shape}", request_id or "none", bool(pattern.fullmatch(request_id)))


def check_image(body: bytes, content_type: str, wanted: str, size: tuple[int, int]) -> Iterator[CheckResult]:
    """Compare the picture; `content_type` is the one it came with, or empty, and `wanted` the requested format."""
    wanted = {"jpg": "jpeg"}.get(wanted, wanted)
    try:
        found = inspect(body)
    except UnusableImage as error:
        yield CheckResult("the picture can be used", error.message, False)
        return
    expected = f"image/{wanted}"
    yield CheckResult(f"its type is called {expected}", content_type or "nothing", content_type == expected)
    yield CheckResult(f"it is a {wanted}", found.received, found.received == wanted)
    received = (found.width, found.height)
    yield CheckResult(f"it has {size[0]} × {size[1]} pixels", f"{received[0]} × {received[1]}", received == size)


def check_price(answer: Answer, model: ParameterSchema) -> CheckResult:
    rate, seconds, cost = model.price_per_second, answer.generation_seconds, answer.cost
    if rate is None:
        return CheckResult(f"the price is ${model.list_price:f}", f"${cost}", cost == model.list_price)
    expected = f"the price is generation time × ${rate:f}"
    if not cost or seconds is None:
        return CheckResult(expected, f"${cost} for {seconds} s", False)
    near = abs(cost - seconds * rate) <= cost * PRICE_TOLERANCE
    return CheckResult(expected, f"${cost:f} for {seconds:f} s, ${cost / seconds:.5f} a second", near)


def check_charge(before: Balance, answer: Answer, after: Balance) -> Iterator[CheckResult]:
    """Compare the balances around the call. Other calls of the same account at that time make them differ as well."""
    decrease = before.total - after.total
    matches = answer.cost is not None and abs(decrease - answer.cost) < BALANCE_TOLERANCE
    yield CheckResult("the balance falls by the price", f"by ${decrease:f}", matches)
    remaining = answer.remaining_credits
    candidates = {"before": before.total, "after": after.total}
    # The header may leave the free credits out.
    candidates |= {"before, free credits apart": before.credits, "after, free credits apart": after.credits}
    near = (
        name
        for name, total in candidates.items()
        if remaining is not None and abs(remaining - total) < BALANCE_TOLERANCE
    )
    when = next(near, "neither")
    expected = "remaining credits are those before the charge"
    yield CheckResult(expected, f"{remaining}: {when}", when.startswith("before"))


def find_call(calls: Collection[PastCall], answer: Answer, seed: int) -> PastCall | None:
    """Return the call of this answer, found by its request id, with or without dashes, or else by its seed."""
    by_id = (call for call in calls if call.request_id and _bare(call.request_id) == _bare(answer.request_id))
    by_seed = (call for call in calls if call.seed == seed)
    return next(by_id, None) or next(by_seed, None)


def check_history_entry(calls: Collection[PastCall], answer: Answer, seed: int, waited: float) -> Iterator[CheckResult]:
    """Compare the call's entry in the history, `waited` seconds after the call."""
    found = find_call(calls, answer, seed)
    expected = "the history has the call by its request id"
    if found is None:
        yield CheckResult(expected, f"not after {waited:.0f} s; its lists are up to two hours late", None)
        return
    received = f"{found.request_id or 'no id'} after {waited:.0f} s"
    yield CheckResult(expected, received, found.request_id == answer.request_id)
    yield CheckResult("there it has its seed", str(found.seed), found.seed == seed)
    yield CheckResult("there it has its price", f"${found.cost}", found.cost is not None and found.cost == answer.cost)
    state = "not finished" if not found.finished else "failed" if found.failed else "succeeded"
    yield CheckResult("there it succeeded", state, state == "succeeded")
    skew = None if found.at is None else abs((datetime.now(UTC) - found.at).total_seconds())
    matches = skew is not None and skew < MAX_HISTORY_SKEW_SECONDS
    yield CheckResult("there it has its time, in UTC", f"{found.at}", matches)


def _bare(request_id: str) -> str:
    return request_id.replace("-", "").lower()


def _has_keys(subject: str, keys: Collection[str], found: Collection[str]) -> CheckResult:
    """Compare names of fields; more than are expected do no harm."""
    missing = [name for name in keys if name not in found]
    received = ", ".join(found) if not missing else f"no {', '.join(missing)}; there is {', '.join(found) or 'nothing'}"
    return CheckResult(f"{subject} {', '.join(keys)}", received, not missing)


def _is_seed(expected: str, received: object, seed: int) -> CheckResult:
    return CheckResult(expected, str(received), text(received) == str(seed))
