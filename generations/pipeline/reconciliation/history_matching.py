"""What the provider's history says of one attempt. Rows may lack any of their parts, and may be other people's."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from generations import schema
from generations.conf import conf
from generations.models import Attempt, uuid7_min
from generations.providers.base import PastCall

# The vendor's history reaches back so far; what is older will not be found there any more.
HISTORY_RETENTION = timedelta(days=31)
CLOCKS_DIFFER = timedelta(minutes=5)


def is_beyond_retention(doubt: Attempt) -> bool:
    """Whether it is too old for the history to prove anything, above all by its silence."""
    return doubt.sent_at is not None and doubt.sent_at <= timezone.now() - HISTORY_RETENTION


def find_row(doubt: Attempt, rows: Sequence[PastCall]) -> PastCall | None:
    """The one row that is this attempt's, None also when more than one may be: then nobody can tell."""
    if doubt.request_id and (same := [row for row in rows if row.request_id == doubt.request_id]):
        return same[0]
    if _is_ambiguous(doubt):
        return None
    same = [row for row in rows if row.seed == doubt.seed and is_possible_match(doubt, row)]
    return same[0] if len(same) == 1 else None


def is_missing(doubt: Attempt, rows: Sequence[PastCall]) -> bool:
    """Whether none of the rows can be this attempt's. Stricter than that `row_of` finds none: a row with its seed at
    another time, or without any seed, may be it.
    """
    if _is_ambiguous(doubt) or any(row.seed == doubt.seed for row in rows):
        return False
    slug = _slug(doubt)
    unsaid = {row.request_id for row in rows if row.seed is None and (not slug or row.model in {"", slug})}
    return "" not in unsaid and unsaid <= _known(doubt, unsaid)


def _is_ambiguous(doubt: Attempt) -> bool:
    """A seed that a person chose may have been sent with other orders as well."""
    if doubt.seed is None or doubt.sent_at is None:
        return True
    near = Attempt.objects.filter(
        id__gte=uuid7_min(doubt.sent_at - HISTORY_RETENTION),
        id__lt=uuid7_min(doubt.sent_at + HISTORY_RETENTION),
        sent_at__isnull=False,
    )
    return near.filter(seed=doubt.seed).exclude(id=doubt.id).exists()


def is_possible_match(doubt: Attempt, row: PastCall) -> bool:
    """Others may use the same account, and the same seed: 42 is in fashion. What a row leaves out says nothing."""
    slug, words = _slug(doubt), _flat(doubt.generation.prompt)
    same_model = not slug or row.model in {"", slug}
    # The list may cut a long prompt off.
    return same_model and (not words or words.startswith(_flat(row.prompt))) and _at_the_time(doubt, row)


def _flat(text: str) -> str:
    return " ".join(text.rstrip(".…").split())


def _at_the_time(doubt: Attempt, row: PastCall) -> bool:
    """Neither before it was sent nor after its deadline, as far as the two clocks can be compared."""
    if row.at is None or doubt.sent_at is None:
        return True
    longest = timedelta(seconds=conf().timeout)
    return doubt.sent_at - CLOCKS_DIFFER <= row.at <= doubt.sent_at + longest + CLOCKS_DIFFER


def _slug(doubt: Attempt) -> str:
    """Empty for a model that this site does not draw with any more."""
    model = schema.load().get(doubt.generation.model)
    return model.slug if model else ""


def _known(doubt: Attempt, request_ids: set[str]) -> set[str]:
    """Those that are other attempts of this site."""
    others = Attempt.objects.filter(request_id__in=request_ids).exclude(id=doubt.id)
    if doubt.sent_at is not None:
        others = others.filter(id__gte=uuid7_min(doubt.sent_at - HISTORY_RETENTION))
    return set(others.values_list("request_id", flat=True))
