"""One call through the transport, and what it raises."""

import time
from typing import Any

import pytest

from generations.errors import NotSent, ProviderError
from generations.providers.transport import HttpReply, fetch

# SHORT: for what hangs, with time to be sent. SOON: for what must get somewhere before its deadline, with time for
# several requests. LONG: for what must complete. A busy machine can stall for most of a second now and then.
SHORT, SOON, LONG = 1.0, 2.0, 180.0
LATE = f"the deadline of {SHORT:g} s passed"
# Small beside LONG, so that a call that was cut differs from one that was not.
GRACE = 60.0
CAP = 1024 * 1024


def post(url: str, *, deadline: float = LONG, **options: Any) -> HttpReply:
    return fetch(
        "POST", url, headers={"x-api-key": "k"}, json={"prompt": "a cat"}, deadline=deadline, cap=CAP, **options
    )


def failure(url: str, **options: Any) -> ProviderError:
    """Return the error that the call raises, which it must do in time."""
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        post(url, **options)
    assert time.monotonic() - started < options.get("deadline", LONG) + GRACE
    return caught.value


def not_sent(error: ProviderError) -> str:
    assert (type(error), error.maybe_charged, error.retryable) == (NotSent, False, True)
    return error.cause
