"""Expected time until several pictures are finished: from past durations, the queue, and the shared rate limit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from generations import scheduler
from generations.conf import conf
from generations.limiter import SHARE
from generations.models import Team, User
from generations.queries.generations.attempt_history import DurationRange, usual_durations
from generations.queries.orders.queue import counts_of_all_teams
from generations.queries.spending.prices import PriceKey


@dataclass(frozen=True)
class ExpectedTime:
    """Seconds until the last picture is finished, and the figures behind them; `a_minute` is 0 without a rate limit."""

    span: DurationRange
    ahead: int
    a_minute: float
    at_once: int


def expected_time(team: Team, author: User, model: str, kinds: Sequence[PriceKey]) -> ExpectedTime:
    """Return the expected time for new pictures of these kinds, by this user in this team.

    It assumes one worker process, because their number is unknown; more make it faster, never slower.
    """
    known = usual_durations(model, set(kinds))
    ranges = [known[kind] for kind in kinds]
    settings, ahead = conf(), counts_of_all_teams()[1]
    if kinds:
        ahead += scheduler.sent_before(team, author, len(kinds))
    a_minute = SHARE * settings.requests_per_minute
    at_once = settings.worker_concurrency
    low = _last([one.low for one in ranges], ahead, a_minute, at_once)
    high = _last([one.high for one in ranges], ahead, a_minute, at_once)
    return ExpectedTime(DurationRange(low, high), ahead, a_minute, at_once)


def _last(seconds: Sequence[int], ahead: int, a_minute: float, at_once: int) -> int:
    """Return the later of two times: when the rate limit lets the last picture go, and when all queued work is done."""
    if not seconds:
        return 0
    last_sent = (ahead + len(seconds) - 1) * 60 / a_minute if a_minute else 0
    work = sum(seconds) + ahead * sum(seconds) / len(seconds)
    return math.ceil(max(last_sent + min(seconds), work / at_once, *seconds))
