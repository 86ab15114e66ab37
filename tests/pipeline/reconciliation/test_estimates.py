"""Estimated charges: corrected from the provider's history, for as long as asking is useful."""

import pytest
from django.db.models.functions import Now

from generations import ledger
from generations.models import Attempt, EntryType, Generation, LedgerEntry
from generations.pipeline.reconciliation import estimates
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import configured_provider
from generations.pipeline.worker.outcomes import mark_unknown
from generations.pipeline.worker.store import accept
from generations.queries.spending.team_totals import spent_this_month
from tests.factories import draw, order
from tests.pipeline.reconciliation.unknown_attempts import COST, row, vendor

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(params=["v1", "v2"])
def estimated(request, alice, team, emulator, settings):
    """Yield a picture whose answer named no price."""
    settings.SEGMIND_API_VERSION = request.param
    emulator.control.update({"cost_header": False})
    yield draw(alice, team)
    emulator.control.update({"cost_header": True})


def test_price_from_the_history_corrects_the_estimate(estimated, team, emulator):
    before = Attempt.objects.get()
    assert (before.state, before.cost_estimated, estimated.cost_estimated) == ("stored", True, True)

    assert estimates.correct_estimates(configured_provider()) == 1

    estimated.refresh_from_db()
    (charged,) = [one.cost for one in emulator.control.ledger if (one.kind, one.seed) == ("CHARGED", before.seed)]
    assert (estimated.cost, estimated.cost_estimated) == (charged, False)
    assert ledger.spent(team, estimated.created_at) == charged == spent_this_month(team)
    assert sum(one.amount for one in LedgerEntry.objects.filter(kind=EntryType.ADJUST)) == before.cost - charged
    assert estimates.correct_estimates(configured_provider()) == 0


@pytest.mark.parametrize("changes", [{"status": "RUNNING"}, {"credits_deduction": None}, {"parameters": {"seed": 1}}])
def test_row_without_its_price_corrects_nothing(estimated, settings, changes):
    with vendor(settings, [row(Attempt.objects.get(), prompt=None, **changes)]):
        assert estimates.correct_estimates(configured_provider()) == 0

    assert Attempt.objects.get().cost_estimated


def test_silent_history_is_asked_less_and_less_and_then_no_more(estimated, settings):
    with vendor(settings, []):
        for _ in range(20):
            Attempt.objects.update(next_lookup_at=Now())
            assert estimates.correct_estimates(configured_provider()) == 0

    assert Attempt.objects.get().lookup_count == estimates.MAX_LOOKUPS


def test_history_that_cannot_be_read_does_not_use_up_the_last_lookup(estimated, emulator):
    """Otherwise an outage of some hours would leave estimates behind for ever."""
    emulator.control.fault("500", on="history", times=20)
    for _ in range(20):
        Attempt.objects.update(next_lookup_at=Now())
        assert estimates.correct_estimates(configured_provider()) == 0
    assert "can't be read" in Attempt.objects.get().lookup_error

    emulator.control.clear()
    Attempt.objects.update(next_lookup_at=Now())

    assert estimates.correct_estimates(configured_provider()) == 1
    assert not Attempt.objects.get().cost_estimated


def test_row_of_the_history_is_enough(estimated, settings):
    with vendor(settings, [row(Attempt.objects.get(), prompt=None)]):
        assert estimates.correct_estimates(configured_provider()) == 1

    assert Generation.objects.get().cost == COST


def test_price_of_an_answer_that_came_late_is_asked_for_although_its_doubt_was_asked_about_often(alice, team, emulator):
    (generation,) = order(alice, team)
    claimed = claim(generation.id)
    assert mark_sent(claimed)
    emulator.control.update({"cost_header": False})
    answer = configured_provider().call(claimed.request)
    emulator.control.update({"cost_header": True})
    mark_unknown(generation.id, claimed.attempt_id, "It may have been charged.")
    Attempt.objects.update(lookup_count=estimates.MAX_LOOKUPS, next_lookup_at=Now())

    accept(claimed.attempt_id, answer, configured_provider())

    assert Attempt.objects.get().cost_estimated
    assert estimates.correct_estimates(configured_provider()) == 1
