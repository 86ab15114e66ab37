"""What is kept for a time only is deleted after it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import (
    TRASH_DAYS,
    ApprovalRequest,
    Generation,
)
from generations.pipeline.recovery import retention
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_words_of_a_request_go_with_its_last_picture(alice, team):
    long_ago = timezone.now() - timedelta(days=TRASH_DAYS, minutes=1)
    asked = {"team": team, "requested_by": alice, "model": "hidream-l1-fast", "estimate": 1, "visibility": "private"}
    cells = [{"prompt": "a secret"}] * 2
    refused, approved, recent = (
        ApprovalRequest.objects.create(cells=cells, state=state, decided_at=when, **asked)
        for state, when in (("refused", long_ago), ("approved", long_ago), ("refused", timezone.now()))
    )
    (row,) = order(alice, team)
    Generation.objects.filter(id=row.id).update(batch=approved.batch)

    assert retention.delete_old_prompts() == 1
    Generation.objects.filter(id=row.id).update(purged_at=timezone.now())
    assert [retention.delete_old_prompts(), retention.delete_old_prompts()] == [1, 0]

    kept = {one.pk: one.cells for one in ApprovalRequest.objects.all()}
    assert kept == {refused.pk: [{}, {}], approved.pk: [{}, {}], recent.pk: cells}
