"""Reconciliation drill: a real emulator departs from the ledger in every known way.

Each discrepancy is found and explained with the right amount, and afterwards nothing is left unexplained.
"""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from generations.emulator import Emulator
from generations.errors import GalleryError
from generations.management.provider_check.checker import cheapest_call, make_paid_call
from generations.models import BalanceReading, CostSource, Generation, Reason, Reconciliation, Verdict, uuid7_at
from generations.pipeline.reconciliation import estimates
from generations.pipeline.reconciliation.balance import check
from generations.pipeline.reconciliation.balance.discrepancies import DOUBT, PRICE, UNUSUAL
from generations.pipeline.worker.fulfil import configured_provider, fulfil
from generations.schema import get, load
from generations.services.generations import unknown_outcome
from generations.services.provider import discrepancies
from tests.emulator.calls import generate
from tests.factories import draw, make_person, order
from tests.key import KEYS
from tests.pipeline.reconciliation.unknown_attempts import spent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
CENT, DIME = Decimal("0.01"), Decimal("0.1")


@pytest.fixture
def vendor(settings):
    """Start a separate emulator, whose account and history contain nothing but this test."""
    with Emulator(load(), keys=KEYS, speed_up=10_000, rpm=1_000_000) as emulator:
        emulator.control.behaviour.change({"drawing": "tiny"})
        settings.SEGMIND_BASE_URL = emulator.url
        settings.SEGMIND_TIMEOUT = 5
        settings.EMULATED = True
        # Discrepancies count at once; only one test sets a lag.
        settings.SEGMIND_HISTORY_LAG = 0
        read(emulator, timedelta(hours=5))
        yield emulator


@pytest.fixture
def root(team):
    user = make_person("Root")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def read(emulator, ago=timedelta(0)):
    at = timezone.now() - ago
    BalanceReading.objects.create(id=uuid7_at(at), read_at=at, credits=emulator.control.balance, free_credits=0)


def checked(**options):
    return check.check(configured_provider(), **options)


def found(run):
    """Return reason to amount, of the balance and of the history."""
    return {one.reason: (one.amount, one.listed) for one in discrepancies.open_discrepancies(run)}


def name_all(root, run):
    keys = [one.key for one in discrepancies.open_discrepancies(run) if one.reason in Reason.values]
    return discrepancies.explain(actor=root, run=run, keys=keys)


def reconcile(*args):
    """Return the exit code of the command and its output."""
    out = StringIO()
    try:
        call_command("reconcile", *args, stdout=out)
    except CommandError as ended:
        return ended.returncode, out.getvalue()
    return 0, out.getvalue()


def test_books_that_agree_say_so_with_three_equal_figures(vendor, alice, team):
    for _ in range(3):
        draw(alice, team)

    run = checked()

    assert run.verdict == Verdict.AGREES
    assert run.booked == run.balance_decrease == run.history == vendor.control.spent == spent(team)
    assert (run.history_rows, run.unexplained, run.unexplained_history, run.discrepancies) == (3, 0, 0, [])
    code, said = reconcile()
    assert code == 0
    assert "yes" in said


def test_charge_far_above_the_estimate_is_named_although_the_figures_agree(vendor, alice, team, root):
    (row,) = order(alice, team)
    Generation.objects.filter(id=row.id).update(estimate=Decimal("0.0001"))
    fulfil(row.id)
    row.refresh_from_db()

    run = checked()

    (one,) = discrepancies.open_discrepancies(run)
    assert run.verdict == Verdict.AGREES
    assert (one.reason, one.booked, one.generation) == (UNUSUAL, row.cost, str(row.id))
    code, said = reconcile()
    assert code == 0
    (line,) = (line for line in said.splitlines() if "over ten times the estimate" in line)
    assert str(row.cost.normalize()) in line
    assert [one.subject for one in mail.outbox] == ["[HiDream Gallery] A picture cost more than ten times the estimate"]


def test_vendor_that_charges_something_else_than_it_says_is_found_and_booked(vendor, alice, team, root):
    draw(alice, team)
    vendor.control.behaviour.change({"surcharge": "0.0040"})
    dear = draw(alice, team)
    said = dear.cost

    run = checked()

    assert run.verdict == Verdict.DIFFERS
    assert run.unexplained == run.unexplained_history == Decimal("0.0040")
    assert found(run) == {PRICE: (Decimal("0.0040"), Decimal("0.0040"))}
    assert reconcile()[0] == 1
    (one,) = discrepancies.open_discrepancies(run)
    discrepancies.post_history_row(actor=root, run=run, keys=[one.key])
    dear.refresh_from_db()
    attempt = dear.attempts.get()
    assert (dear.cost, attempt.cost_source) == (said + Decimal("0.0040"), CostSource.HISTORY)
    assert Decimal(attempt.headers["x-cost"]) == said, "what it said stays with the attempt"
    assert spent(team) == vendor.control.spent
    with pytest.raises(GalleryError, match="has been corrected since"):
        discrepancies.post_history_row(actor=root, run=run, keys=[one.key])
    again = checked()
    assert (again.verdict, again.unexplained, again.unexplained_history, again.discrepancies) == (
        Verdict.AGREES,
        0,
        0,
        [],
    )


def test_call_that_was_charged_although_it_failed_is_found_and_booked(vendor, alice, team, root):
    vendor.control.fault("500", charge=True)
    (row,) = order(alice, team)
    fulfil(row.id)
    cost = vendor.control.spent

    run = checked()

    assert cost > 0
    assert found(run) == {PRICE: (cost, cost)}
    discrepancies.post_history_row(actor=root, run=run, keys=[one.key for one in discrepancies.open_discrepancies(run)])
    assert spent(team) == cost
    assert checked().verdict == Verdict.AGREES


def test_row_that_the_history_has_lost_is_found_and_named(vendor, alice, team, root):
    lost = draw(alice, team)
    draw(alice, team)
    vendor.control.behaviour.change({"history_loses": [lost.attempts.get().request_id]})

    run = checked()

    assert (run.verdict, run.unexplained, run.unexplained_history) == (Verdict.DIFFERS, 0, -lost.cost)
    assert found(run) == {Reason.UNLISTED: (0, -lost.cost)}
    name_all(root, run)
    assert check.standing(run) == (0, 0, Verdict.AGREES)
    assert checked().verdict == Verdict.AGREES


def test_top_up_between_calls_is_found_with_its_amount_and_named(vendor, alice, team, root):
    draw(alice, team)
    read(vendor)
    vendor.control.top_up(Decimal(10))
    draw(alice, team)

    run = checked()

    assert found(run) == {Reason.TOP_UP: (-10, 0)}
    assert (run.verdict, run.unexplained, run.unexplained_history) == (Verdict.DIFFERS, -10, 0)
    name_all(root, run)
    assert check.standing(run) == (0, 0, Verdict.AGREES)
    assert reconcile()[0] == 0


def test_credits_that_expire_are_found_with_their_amount_and_named(vendor, alice, team, root):
    draw(alice, team)
    vendor.control.expire(DIME)

    run = checked()

    assert found(run) == {Reason.EXPIRED: (DIME, 0)}
    name_all(root, run)
    assert check.standing(run) == (0, 0, Verdict.AGREES)
    assert checked().verdict == Verdict.AGREES


def test_calls_of_another_client_are_found_row_by_row_and_named(vendor, alice, team, root):
    ours = draw(alice, team)
    theirs = [generate(vendor, seed=seed, prompt="not ours") for seed in (5, 6, 5)]
    cost = vendor.control.spent - ours.cost

    run = checked()

    rows = discrepancies.open_discrepancies(run)
    assert [one.reason for one in rows] == [Reason.ELSEWHERE] * 3
    assert (
        sum(one.amount for one in rows)
        == sum(one.listed for one in rows)
        == run.unexplained
        == run.unexplained_history
        == cost
    )
    assert {one.headers["x-request-id"] for one in theirs} == {one.key.partition(":")[2] for one in rows}
    assert not any("not ours" in one.words for one in rows), "whose words they are nobody knows"
    assert name_all(root, run) == 3
    assert check.standing(run) == (0, 0, Verdict.AGREES)
    generate(vendor, seed=9)
    later = checked()
    assert len(discrepancies.open_discrepancies(later)) == 1, "what has a name is not proposed again"
    name_all(root, later)
    assert check.standing(later)[2] == Verdict.AGREES


def test_charge_without_a_price_is_an_estimate_until_the_history_names_it(vendor, alice, team, root):
    vendor.control.behaviour.change({"cost_header": False, "surcharge": "0.0012"})
    row = draw(alice, team)
    assert row.attempts.get().cost_source == CostSource.TIME

    run = checked()

    assert found(run) == {PRICE: (Decimal("0.0012"), Decimal("0.0012"))}
    assert estimates.correct_estimates(configured_provider()) == 1
    assert discrepancies.open_discrepancies(run) == [], "the sweeper was faster than the person"
    again = checked()
    assert (again.verdict, again.booked) == (Verdict.AGREES, vendor.control.spent)


def test_estimate_that_nobody_can_correct_is_named(vendor, alice, team, root):
    vendor.control.behaviour.change({"cost_header": False, "surcharge": "0.0012"})
    row = draw(alice, team)
    vendor.control.behaviour.change({"history_loses": [row.attempts.get().request_id]})

    run = checked()

    assert found(run) == {Reason.UNLISTED: (0, -row.cost), Reason.ESTIMATE: (Decimal("0.0012"), 0)}
    name_all(root, run)
    assert check.standing(run) == (0, 0, Verdict.AGREES)


def test_doubt_given_up_that_was_never_charged_is_our_estimate(vendor, alice, team, root):
    vendor.control.fault("drop", charge=False)
    (row,) = order(alice, team)
    fulfil(row.id)
    run = checked()
    assert list(found(run)) == [DOUBT]
    row.refresh_from_db()
    unknown_outcome.mark_lost(actor=alice, generation=row, reason="nobody knows")
    booked = row.attempts.get().cost
    assert row.attempts.get().cost_source == CostSource.PERSON

    run = checked()

    assert found(run) == {Reason.ESTIMATE: (-booked, -booked)}
    name_all(root, run)
    assert check.standing(run) == (0, 0, Verdict.AGREES)


def test_all_of_it_at_once_is_told_apart(vendor, alice, team, root):
    lost, _ = draw(alice, team), draw(alice, team)
    vendor.control.behaviour.change({"surcharge": "0.003"})
    draw(alice, team)
    vendor.control.behaviour.change({"surcharge": "0", "history_loses": [lost.attempts.get().request_id]})
    before = vendor.control.spent
    vendor.control.behaviour.change({"clock_offset": -3600})
    generate(vendor, seed=5)
    vendor.control.behaviour.change({"clock_offset": 0})
    stranger = vendor.control.spent - before
    read(vendor)
    vendor.control.top_up(Decimal(20))
    read(vendor)
    vendor.control.expire(DIME)

    run = checked()

    assert found(run) == {
        PRICE: (Decimal("0.003"), Decimal("0.003")),
        Reason.ELSEWHERE: (stranger, stranger),
        Reason.UNLISTED: (0, -lost.cost),
        Reason.TOP_UP: (-20, 0),
        Reason.EXPIRED: (DIME, 0),
    }
    prices = [one.key for one in discrepancies.open_discrepancies(run) if one.reason == PRICE]
    discrepancies.post_history_row(actor=root, run=run, keys=prices)
    name_all(root, run)
    again = checked()
    assert (again.verdict, again.unexplained, again.unexplained_history, again.discrepancies) == (
        Verdict.AGREES,
        0,
        0,
        [],
    )


def test_name_that_was_wrong_is_taken_back_and_the_difference_is_there_again(vendor, alice, team, root):
    vendor.control.expire(DIME)
    run = checked()
    name_all(root, run)
    (entry,) = run_names()

    discrepancies.revoke_explanation(actor=root, named=entry, note="it was not that")

    assert check.standing(run) == (DIME, 0, Verdict.DIFFERS)
    assert len(run_names()) == 2, "nothing is ever removed"
    with pytest.raises(GalleryError, match="already"):
        discrepancies.revoke_explanation(actor=root, named=entry, note="once more")
    name_all(root, run)
    assert check.standing(run) == (0, 0, Verdict.AGREES)
    with pytest.raises(GalleryError, match="already been explained"):
        discrepancies.explain(actor=root, run=run, keys=[entry.key])


def run_names():
    return list(discrepancies.DiscrepancyExplanation.objects.all())  # type: ignore[attr-defined]


def test_difference_waits_for_the_lag_then_alerts_once_and_does_not_slip_out_of_the_day(vendor, root, settings):
    settings.SEGMIND_HISTORY_LAG = 7200
    vendor.control.expire(DIME)
    assert checked().verdict == Verdict.WAITS
    assert reconcile()[0] == 0
    assert mail.outbox == []

    pass_by(timedelta(hours=3))
    assert checked().verdict == Verdict.DIFFERS
    checked()
    pass_by(timedelta(hours=40))
    late = checked()

    assert [one.subject for one in mail.outbox] == ["[HiDream Gallery] The provider's figures differ from the ledger"]
    assert "$0.1000 is still unexplained" in mail.outbox[0].body
    assert (late.unexplained, late.until - late.since > timedelta(hours=40)) == (DIME, True)
    assert reconcile()[0] == 1
    name_all(root, Reconciliation.objects.first())
    assert reconcile()[0] == 0
    assert checked().since > late.since, "with a name it need not be kept in sight"


def pass_by(time):
    for one in BalanceReading.objects.all():
        BalanceReading.objects.filter(id=one.id).update(id=uuid7_at(one.read_at - time), read_at=one.read_at - time)
    for run in Reconciliation.objects.all():
        moved = {name: getattr(run, name) - time for name in ("since", "until", "checked_at")}
        Reconciliation.objects.filter(id=run.id).update(**moved)


def test_history_that_cannot_be_read_is_said_and_the_balance_still_compared(vendor, alice, team):
    draw(alice, team)
    vendor.control.fault("500", on="history", times=3)

    run = checked()

    assert (run.verdict, run.history) == (Verdict.AGREES, None)
    assert run.history_error
    vendor.control.fault("500", on="history", times=3)
    code, said = reconcile()
    assert code == 0
    assert "cannot be read" in said


def test_command_that_cannot_ask_the_provider_ends_with_two(vendor, db):
    vendor.control.fault("401", on="credits")

    code, _ = reconcile()

    assert code == 2
    assert not Reconciliation.objects.exists()


def test_version_2_drifts_in_its_metrics_and_is_found_as_well(vendor, alice, team, root, settings):
    settings.SEGMIND_API_VERSION = "v2"
    vendor.control.behaviour.change({"surcharge": "-0.0020"})
    row = draw(alice, team)
    assert row.attempts.get().cost_source == CostSource.BODY

    run = checked()

    assert found(run) == {PRICE: (Decimal("-0.0020"), Decimal("-0.0020"))}
    discrepancies.post_history_row(actor=root, run=run, keys=[one.key for one in discrepancies.open_discrepancies(run)])
    assert (checked().verdict, spent(team)) == (Verdict.AGREES, vendor.control.spent)


def test_check_of_the_provider_is_a_call_of_ours(vendor, team):
    make_paid_call(configured_provider(), cheapest_call(get()).request, team, CENT)

    run = checked()

    assert run.booked == run.balance_decrease == run.history > 0
    assert (run.verdict, run.discrepancies) == (Verdict.AGREES, [])


def test_sweeper_compares_every_hour_and_not_more_often(vendor, alice, team):
    draw(alice, team)
    read(vendor)

    first = check.check_hourly(configured_provider())

    assert (first.verdict, first.by, first.booked) == (Verdict.AGREES, None, vendor.control.spent)
    assert check.check_hourly(configured_provider()) is None
    pass_by(timedelta(minutes=61))
    assert check.check_hourly(configured_provider()) is not None
