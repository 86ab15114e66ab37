"""What this site assumes about the provider, compared with what came; docs/provider.md says where it is from."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from generations.errors import UnusableImage
from generations.imaging import inspect
from generations.providers import Answer, Balance, PastCall
from generations.providers.reading import amount, document, fields, media_type, moment, text
from generations.providers.transport import Reply
from generations.schema import ParameterSchema

KEY = re.compile(r"SG_[0-9a-f]{16}")
IDS = {
    "v1": ("32 hexadecimal digits", re.compile(r"[0-9a-f]{32}")),
    "v2": ("a UUID with dashes", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
}
CLOCK_SECONDS = 5
ROW_KEYS = ("request_id", "status", "credits_deduction", "latency_ms", "prompt", "parameters", "created_at")
SUBMIT_KEYS = ("request_id", "status", "poll_url", "status_url", "response_url")
REPORT_KEYS = ("status", "metrics", "output", "request_id", "seed", "images")
METRICS = ("cost", "remaining_credits", "inference_time", "queue_time", "total_time")
QUARTER_HOUR = 900
# The price is time × rate to the millisecond; what the vendor adds to it now and then stays below this part.
PRICE_TOLERANCE = Decimal("0.05")
# The vendor's balance is a float.
CENT_PART = Decimal("0.0000001")


@dataclass(frozen=True)
class Finding:
    """`agrees` is None where nothing came that could be compared."""

    assumed: str
    came: str
    agrees: bool | None


def key(found: str) -> Finding:
    """Says nothing about the key but its shape."""
    fits = bool(KEY.fullmatch(found))
    return Finding("the key is SG_ and 16 hexadecimal digits", "so it is" if fits else f"{len(found)} others", fits)


def balance(reply: Reply, found: Balance) -> Finding:
    names = ", ".join(fields(document(reply.body)))
    came = f"${found.total:.4f} ({names})"
    return Finding("the balance has credits and free-credits", came, names == "credits, free-credits")


def clock(reply: Reply, now: datetime) -> Finding:
    assumed = f"the clocks differ by less than {CLOCK_SECONDS} s"
    theirs = moment(reply.headers.get("date"))
    if theirs is None:
        return Finding(assumed, "no Date header", None)
    seconds = (now - theirs).total_seconds()
    return Finding(assumed, f"{seconds:+.0f} s", abs(seconds) < CLOCK_SECONDS + 1)


def history(rows: Collection[dict[str, object]]) -> Finding:
    if not rows:
        return Finding("the history can be read", "it can, and is empty", None)
    return _keys("a row of the history has", ROW_KEYS, set.intersection(*(set(row) for row in rows)))


def headers(reply: Reply, seed: int) -> Iterator[Finding]:
    """Of an answer of version 1."""
    for name in ("x-cost", "x-remaining-credits", "x-generation-time"):
        came = reply.headers.get(name)
        yield Finding(f"{name} is a number", "no such header" if came is None else came, amount(came) is not None)
    yield _seed("x-seed-value is the seed we sent", reply.headers.get("x-seed-value"), seed)
    others = sorted(name.lower() for name in reply.headers if name.lower().startswith("x-"))
    yield Finding("other headers are not needed", ", ".join(others), None)


def submitted(reply: Reply) -> Iterator[Finding]:
    found = fields(document(reply.body))
    yield Finding("a submit is answered with HTTP 200", f"HTTP {reply.status}", reply.status == 200)
    yield _keys("that answer has", SUBMIT_KEYS, found)
    ours = f"/v2/requests/{text(found.get('request_id'))}"
    asked = {"status_url": f"{ours}/status", "response_url": ours}
    for name, path in asked.items():
        came = text(found.get(name)).partition("://")[2].partition("/")[2]
        yield Finding(f"{name} is the address we ask at", f"/{came}", f"/{came}" == path)


def reported(body: bytes, words: Collection[str], seed: int) -> Iterator[Finding]:
    """`words` are the states that polls saw, in their order."""
    found = fields(document(body))
    known = set(words) <= {"QUEUED", "PROCESSING", "COMPLETED"}
    yield Finding("it is QUEUED, PROCESSING, then COMPLETED", " ".join(dict.fromkeys(words)), known)
    yield _keys("the report has", REPORT_KEYS, found)
    yield _keys("its metrics have", METRICS, fields(found.get("metrics")))
    yield _seed("its seed is the one we sent", found.get("seed"), seed)


def named_type(body: bytes) -> str:
    """What a report of version 2 calls its first picture."""
    images = fields(document(body)).get("images")
    first = images[0] if isinstance(images, list) and images else None
    return media_type(fields(first).get("content_type"))


def request_id(version: str, found: str) -> Finding:
    shape, pattern = IDS[version]
    return Finding(f"a request id is {shape}", found or "none", bool(pattern.fullmatch(found)))


def picture(body: bytes, content_type: str, form: str, size: tuple[int, int]) -> Iterator[Finding]:
    """`content_type` is what was said of it, empty when nothing was; `form` what was asked for."""
    form = {"jpg": "jpeg"}.get(form, form)
    try:
        found = inspect(body)
    except UnusableImage as error:
        yield Finding("the picture can be used", error.message, False)
        return
    yield Finding(f"its type is called image/{form}", content_type or "nothing", content_type == f"image/{form}")
    yield Finding(f"it is a {form}", found.received, found.received == form)
    came = (found.width, found.height)
    yield Finding(f"it has {size[0]} × {size[1]} pixels", f"{came[0]} × {came[1]}", came == size)


def price(answer: Answer, model: ParameterSchema) -> Finding:
    rate, seconds, cost = model.price_per_second, answer.generation_seconds, answer.cost
    if rate is None:
        return Finding(f"the price is ${model.list_price:f}", f"${cost}", cost == model.list_price)
    assumed = f"the price is generation time × ${rate:f}"
    if not cost or seconds is None:
        return Finding(assumed, f"${cost} for {seconds} s", False)
    near = abs(cost - seconds * rate) <= cost * PRICE_TOLERANCE
    return Finding(assumed, f"${cost:f} for {seconds:f} s, ${cost / seconds:.5f} a second", near)


def charge(before: Balance, answer: Answer, after: Balance) -> Iterator[Finding]:
    """Other calls of the same account in these seconds make it differ, too."""
    drop = before.total - after.total
    assumed = "the balance falls by the price"
    yield Finding(assumed, f"by ${drop:f}", answer.cost is not None and abs(drop - answer.cost) < CENT_PART)
    told = answer.remaining_credits
    moments = {"before": before.total, "after": after.total}
    # The header may leave the free credits out.
    moments |= {"before, free credits apart": before.credits, "after, free credits apart": after.credits}
    near = (name for name, total in moments.items() if told is not None and abs(told - total) < CENT_PART)
    when = next(near, "neither")
    yield Finding("remaining credits are those before the charge", f"{told}: {when}", when.startswith("before"))


def found_in(calls: Collection[PastCall], answer: Answer, seed: int) -> PastCall | None:
    """The call of this answer: by its request id with or without dashes, else by its seed."""
    by_id = (call for call in calls if call.request_id and _bare(call.request_id) == _bare(answer.request_id))
    by_seed = (call for call in calls if call.seed == seed)
    return next(by_id, None) or next(by_seed, None)


def listed(calls: Collection[PastCall], answer: Answer, seed: int, waited: float) -> Iterator[Finding]:
    """Whether and how the call shows up in the history."""
    found = found_in(calls, answer, seed)
    assumed = "the history has the call by its request id"
    if found is None:
        yield Finding(assumed, f"not after {waited:.0f} s; its lists are up to two hours late", None)
        return
    yield Finding(assumed, f"{found.request_id or 'no id'} after {waited:.0f} s", found.request_id == answer.request_id)
    yield Finding("there it has its seed", str(found.seed), found.seed == seed)
    yield Finding("there it has its price", f"${found.cost}", found.cost is not None and found.cost == answer.cost)
    word = "not finished" if not found.finished else "failed" if found.failed else "drawn"
    yield Finding("there it is drawn", word, word == "drawn")
    late = None if found.at is None else abs((datetime.now(UTC) - found.at).total_seconds())
    yield Finding("there it has its time, in UTC", f"{found.at}", late is not None and late < QUARTER_HOUR)


def _bare(found: str) -> str:
    return found.replace("-", "").lower()


def _keys(assumed: str, wanted: Collection[str], found: Collection[str]) -> Finding:
    """More keys than were assumed are welcome."""
    missing = [name for name in wanted if name not in found]
    came = ", ".join(found) if not missing else f"no {', '.join(missing)}; there is {', '.join(found) or 'nothing'}"
    return Finding(f"{assumed} {', '.join(wanted)}", came, not missing)


def _seed(assumed: str, came: object, seed: int) -> Finding:
    return Finding(assumed, str(came), text(came) == str(seed))
