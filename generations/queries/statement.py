"""The figures of a month as they are signed off: whole, as text, with the names that things had then."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from generations import schema
from generations.models import Attempt, AttemptState, Collection, Team, User
from generations.queries import review
from generations.queries.review import COUNTED_TWICE, Line, Period, Scope

BREAKDOWNS = {
    "day": "By day", "person": "By person", "size": "By size", "speed": "By speed", "outcome": "By outcome",
    "collection": "By collection", "tag": "By tag",
}  # fmt: skip
OUTCOMES = {
    "done": "Finished", "failed": "Failed but charged", "unknown": "In doubt", "waiting": "Being made again",
    "cancelled": "Cancelled",
}  # fmt: skip
WITHOUT = {
    "person": "Nobody’s picture, or someone who was deleted", "size": "No size", "speed": "No speed",
    "outcome": "No picture", "collection": "In no collection", "tag": "Without a tag",
}  # fmt: skip
GONE = {"person": "Someone who was deleted", "collection": "A collection that was deleted"}


def statement_of(team: Team, period: Period) -> dict[str, Any]:
    """JSON. Every breakdown adds up to `spent`."""
    scope = Scope(team)
    whole = review.totals(scope, period)
    return {
        "team": team.name,
        "month": f"{period.first:%Y-%m}",
        "zone": timezone.get_default_timezone_name(),
        "spent": str(whole.spent),
        "entries": review.entries(scope, period).count(),
        "charges": whole.charges,
        "failed": str(whole.failed),
        "estimated": str(whole.estimated),
        "in_doubt": doubts_of(team, period).count(),
        "by": {by: _lines(by, review.spent_by(scope, period, by)) for by in BREAKDOWNS},
    }


def doubts_of(team: Team, period: Period) -> Any:
    """Attempts that were sent in it, and of which nobody knows yet what they cost."""
    rows = Attempt.objects.filter(state__in=[AttemptState.SENT, AttemptState.UNKNOWN], generation__team=team)
    return rows.filter(sent_at__gte=period.since, sent_at__lt=period.until)


def _lines(by: str, lines: list[Line]) -> list[dict[str, Any]]:
    names = _names(by, [line.key for line in lines])
    shown = [line for line in lines if by != "day" or line.spent or line.charges]
    return [
        {"key": line.key, "name": names[line.key], "spent": str(line.spent), "charges": line.charges} for line in shown
    ]


def _names(by: str, keys: list[str]) -> dict[str, str]:
    known = _known(by, [key for key in keys if key not in {"", COUNTED_TWICE}])
    special = {"": WITHOUT.get(by, "Nothing"), COUNTED_TWICE: "Counted more than once above"}
    return {key: special.get(key) or known.get(key) or GONE.get(by, key) for key in keys}


def _known(by: str, keys: Iterable[str]) -> dict[str, str]:
    if by == "day":
        return {key: f"{date.fromisoformat(key):%A}, {date.fromisoformat(key).day}" for key in keys}
    if by == "person":
        return {str(one.pk): one.display_name for one in User.objects.filter(pk__in=[int(key) for key in keys])}
    if by == "collection":
        found = Collection.objects.filter(pk__in=[uuid.UUID(key) for key in keys]).values_list("pk", "name")
        return {str(pk): name for pk, name in found}
    return OUTCOMES if by == "outcome" else _labels(by)


def _labels(by: str) -> dict[str, str]:
    """Of a size or a speed; a tag is called what it is."""
    parameters = [one for model in schema.load().values() if (one := model.by_role(by))]
    return {option.name: option.label for one in parameters for option in one.options}
