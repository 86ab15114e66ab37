"""The provider's own history of calls: free to read, and the evidence whether a call of unknown outcome was billed.

Its shape is known from the provider's SDK and only in part; docs/provider.md lists the assumptions. Single rows may be
incomplete. Anything that makes the whole list unreliable is an error, because a call's absence from it is a proof.
"""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import ProviderFailed
from generations.providers.base import PastCall
from generations.providers.gateway import Gateway
from generations.providers.reading import amount, document, fields, moment, request_id, seed, text
from generations.providers.transport import OK
from generations.providers.unwrapping import candidates, is_address
from generations.providers.verdicts import presentable, said

PATH = "/inference-request/generations"
FAILURE = gettext_lazy("The provider's call history can't be read right now.")
SECONDS = 20.0
PAGE_CAP = 4 * 1024 * 1024
PAGE_STRUCTURE = 400_000
# For all pages: a busy site has many for a day, and a user may be waiting for the answer.
MAX_SECONDS = 30.0
# No history is this long; a server that sends endless pages must not fill the memory.
MAX_PAGES = 400
DAY = timedelta(days=1)
# The provider answers for at most 31 days at once.
WINDOW = timedelta(days=30)
DRAWN = re.compile(r"COMPLETED?|SUCCE(SS|EDED)|FINISHED|DONE|OK|200")
FAILED = re.compile(r"FAIL(ED|URE)?|ERROR(ED)?|[45][0-9]{2}")


def read(gateway: Gateway, since: datetime, until: datetime) -> list[PastCall]:
    """Return every call of these days once. Raises ProviderError, also when there is more than can be read."""
    # The provider's days may begin in another time zone, and it may exclude the last day.
    first, last = since.astimezone(UTC).date() - DAY, until.astimezone(UTC).date() + DAY
    kept: dict[object, PastCall] = {}
    for call in _calls(gateway, first, last, time.monotonic() + MAX_SECONDS):
        key = call.request_id or call
        # A call is repeated for each of its outputs, and may have ended between two pages.
        if key not in kept or _says_more(call, kept[key]):
            kept[key] = call
    return list(kept.values())


def page_address(page: int, first: date, last: date) -> str:
    asked = {"page": page, "model_name": "", "start_date": first.isoformat(), "end_date": last.isoformat()}
    return f"{PATH}?{urlencode(asked)}"


def rows(body: bytes, secret: str = "") -> list[dict[str, object]]:
    """Return the rows of a page. Raises ProviderFailed for anything else, which must not pass for an empty history."""
    found = document(body, PAGE_STRUCTURE)
    lists = [found, *(fields(found).get(name) for name in ("generations", "data", "results"))]
    listed = next((one for one in lists if isinstance(one, list)), None)
    if listed is None or not all(isinstance(row, dict) for row in listed):
        raise ProviderFailed(FAILURE, status=OK, reason=presentable(said(body), secret))
    return listed


def _calls(gateway: Gateway, first: date, last: date, deadline: float) -> Iterator[PastCall]:
    while first <= last:
        end = min(last, first + WINDOW)
        yield from _pages(gateway, first, end, deadline)
        first = end + DAY


def _pages(gateway: Gateway, first: date, last: date, deadline: float) -> Iterator[PastCall]:
    seen: set[PastCall] = set()
    for page in range(1, MAX_PAGES + 1):
        if (left := deadline - time.monotonic()) <= 0:
            details = _("from %(first)s to %(last)s, it has more than the %(count)s pages read in %(seconds)s seconds")
            details %= {"first": first, "last": last, "count": page - 1, "seconds": f"{MAX_SECONDS:g}"}
            raise ProviderFailed(FAILURE, status=OK, details=details)
        seconds = min(SECONDS, left)
        body = gateway.read(page_address(page, first, last), seconds=seconds, cap=PAGE_CAP, failure=FAILURE)
        fresh = {call: None for row in rows(body, gateway.key) if (call := _call(row)) not in seen}
        if not fresh:
            return
        yield from fresh
        seen |= fresh.keys()
    details = _("from %(first)s to %(last)s, it has more than %(count)s pages")
    values = {"first": first, "last": last, "count": MAX_PAGES}
    raise ProviderFailed(FAILURE, status=OK, details=details % values)


def _says_more(call: PastCall, known: PastCall) -> bool:
    """Return whether a row is more final: a bill outranks a failure, an ended call one that runs."""
    return (call.finished and not call.failed, call.finished) > (known.finished and not known.failed, known.finished)


def _call(row: Mapping[str, object]) -> PastCall:
    asked = fields(row.get("parameters"))
    cost = _deducted(row)
    output = next((found for found in candidates(row) if is_address(found)), "")
    word = text(row.get("status")).upper()
    failed = bool(FAILED.fullmatch(word)) and not cost
    # Older servers leave the status out and list only generated pictures.
    finished = bool(DRAWN.fullmatch(word) or FAILED.fullmatch(word)) if word else bool(cost or output)
    return PastCall(
        request_id=request_id(row.get("request_id", row.get("id"))),
        model=_first(row, "model_name", "model", "slug"),
        finished=finished,
        failed=failed,
        cost=cost,
        seed=seed(asked.get("seed", row.get("seed"))),
        prompt=_first(row, "prompt") or _first(asked, "prompt"),
        at=moment(_first(row, "created_at", "timestamp")),
        output=output,
    )


def _deducted(row: Mapping[str, object]) -> Decimal | None:
    """Return the deducted amount without its sign, since the provider may write it as negative."""
    return amount(_first(row, "credits_deduction", "cost").removeprefix("-"))


def _first(found: Mapping[str, object], *names: str) -> str:
    return next((text(found[name]) for name in names if found.get(name) is not None), "")
