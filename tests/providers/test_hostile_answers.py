"""Every way in which a server can answer badly: a doubt that says why, in time."""

import pytest

from tests.providers.calls import LATE, LONG, SHORT, failure
from tests.providers.loopback.broken import BROKEN_ANSWERS
from tests.providers.loopback.hostile import Hostile


@pytest.mark.parametrize(("behaviour", "reason"), BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
def test_call_with_a_broken_answer_is_a_doubt_and_ends_in_time(behaviour, reason):
    with Hostile(behaviour) as server:
        error = failure(server.url, deadline=SHORT if reason is LATE else LONG)

    assert (error.maybe_charged, error.retryable, error.reason, error.details) == (True, False, "", reason)
