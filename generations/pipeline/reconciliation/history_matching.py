"""Search for one attempt in the provider's history. Rows may lack any part, and may be calls of other applications."""

from collections.abc import Sequence
from datetime import timedelta

from generations import schema
from generations.conf import conf
from generations.models import HISTORY_RETENTION, Attempt, uuid7_min
from generations.providers.base import PastCall

CLOCKS_DIFFER = timedelta(minutes=5)


def find_row(doubt: Attempt, rows: Sequence[PastCall]) -> PastCall | None:
    """Return the row of this attempt; None also when several rows may be it."""
    if doubt.request_id and (same := [row for row in rows if row.request_id == doubt.request_id]):
        return same[0]
    if _is_ambiguous(doubt):
        return None
    same = [row for row in rows if row.seed == doubt.seed and is_possible_match(doubt, row)]
    return same[0] if len(same) == 1 else None


def is_missing(doubt: Attempt, rows: Sequence[PastCall]) -> bool:
    """Return whether none of the rows can be this attempt's.

    Stricter than `find_row` returning None: a row with its seed at another time, or a row without a seed, may be it.
    """
    if _is_ambiguous(doubt) or any(row.seed == doubt.seed for row in rows):
        return False
    slug = _slug(doubt)
    unsaid = {row.request_id for row in rows if row.seed is None and (not slug or row.model in {"", slug})}
    return "" not in unsaid and unsaid <= _known(doubt, unsaid)


def _is_ambiguous(doubt: Attempt) -> bool:
    """Return whether other attempts have the same seed, as happens with seeds that users choose."""
    if doubt.seed is None or doubt.sent_at is None:
        return True
    near = Attempt.objects.filter(
        id__gte=uuid7_min(doubt.sent_at - HISTORY_RETENTION),
        id__lt=uuid7_min(doubt.sent_at + HISTORY_RETENTION),
        sent_at__isnull=False,
    )
    return near.filter(seed=doubt.seed).exclude(id=doubt.id).exists()


def is_possible_match(doubt: Attempt, row: PastCall) -> bool:
    """Return whether a row may be this attempt's by model, prompt and time. Parts that the row lacks do not count.

    The seed alone is not enough: other applications may use the same account and the same seed, such as 42.
    """
    slug, words = _slug(doubt), _flat(doubt.generation.prompt)
    same_model = not slug or row.model in {"", slug}
    # The history may truncate a long prompt.
    return same_model and (not words or words.startswith(_flat(row.prompt))) and _at_the_time(doubt, row)


def _flat(text: str) -> str:
    return " ".join(text.rstrip(".…").split())


def _at_the_time(doubt: Attempt, row: PastCall) -> bool:
    """Return whether a row is between sending and deadline, within the possible difference of the two clocks."""
    if row.at is None or doubt.sent_at is None:
        return True
    longest = timedelta(seconds=conf().timeout)
    return doubt.sent_at - CLOCKS_DIFFER <= row.at <= doubt.sent_at + longest + CLOCKS_DIFFER


def _slug(doubt: Attempt) -> str:
    """Return the model's slug; empty for a model that this site no longer offers."""
    model = schema.load().get(doubt.generation.model)
    return model.slug if model else ""


def _known(doubt: Attempt, request_ids: set[str]) -> set[str]:
    """Return the request ids that belong to other attempts of this site."""
    others = Attempt.objects.filter(request_id__in=request_ids).exclude(id=doubt.id)
    if doubt.sent_at is not None:
        others = others.filter(id__gte=uuid7_min(doubt.sent_at - HISTORY_RETENTION))
    return set(others.values_list("request_id", flat=True))
