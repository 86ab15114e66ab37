"""Limits that count all teams together: what they refuse, in which words, who is told and who sees them."""

from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from generations import ledger
from generations.errors import OverLimit
from generations.models import ApprovalRequest, Budget, Membership, Notification, Role, Span, User
from generations.queries.activity.notifications import visible_notifications
from generations.queries.spending.limits import composer_limits, limits_for_requests, own_limits
from generations.services.generations.unknown_outcome import retry_accepting_second_charge
from generations.services.orders.approvals import approve, exceeded_limits, submit_or_request_approval
from generations.services.orders.submit import GenerationRequest
from generations.services.spending import limit_alerts
from generations.services.spending.limits import set_approval
from generations.views.spending.limit_rows import build_own_limits
from tests.factories import clean_values, make_person, make_team, order
from tests.pipeline.reconciliation.unknown_attempts import doubt
from tests.views.spending.entries import pay

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def sea(alice, bob):
    other = make_team("Sea team", "sea")
    for person in (alice, bob):
        Membership.objects.create(user=person, team=other, role=Role.MEMBER)
    return other


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root@example.test", "a long password", name="Root")


def over_all(person=None, **amounts):
    return Budget.objects.create(team=None, person=person, by_site=True, **amounts)


def price(bob, team):
    (row,) = order(bob, team)
    return row.estimate


WITHOUT_AMOUNTS = "This request exceeds a limit across all teams. Ask a site admin to raise it."


def test_refusal_by_the_sites_limit_says_whom_to_ask_and_no_amount(alice, bob, team, sea):
    over_all(hard=2 * price(alice, team))

    with pytest.raises(OverLimit) as refused:
        order(bob, sea, count=2)

    assert refused.value.message == WITHOUT_AMOUNTS


def test_refusal_names_who_runs_the_site_the_amount_and_what_is_left(alice, root, team, sea):
    one = price(alice, team)
    over_all(hard=2 * one)

    with pytest.raises(OverLimit) as refused:
        order(root, sea, count=2)

    assert refused.value.message.startswith(
        f"This request needs about ${2 * one:.4f}, but only ${one:.4f} of the site's monthly limit ($0.0304) is left. "
        f"${one:.4f} is reserved for pictures in progress. It resets on 1 "
    )
    assert refused.value.message.endswith(". Ask a site admin to raise it.")


def test_refusal_tells_a_persons_limit_over_all_teams_from_that_of_the_team(alice, bob, team, sea):
    one = price(bob, team)
    over_all(bob, hard=one, span=Span.DAY)

    with pytest.raises(OverLimit, match=r"none of your daily limit across all teams \(.*\) is left"):
        order(bob, sea)
    assert len(order(alice, sea)) == 1


def test_what_was_spent_on_days_that_are_added_up_counts_too(alice, bob, team, sea):
    """Sums of days are kept by team; over all teams they are added up as well."""
    first, _ = ledger.month_of(timezone.now())
    pay(bob, team, "0.5", at=first)
    pay(bob, sea, "0.25", at=first)
    pay(alice, sea, "4", at=first)
    ledger.roll_up()
    ledger.rebuild()

    whole, his = (ledger.budget_usage(row) for row in (over_all(hard=10), over_all(bob, hard=10)))

    assert (whole.spent, his.spent) == (Decimal("4.75"), Decimal("0.75"))


def test_check_of_the_provider_keeps_to_the_sites(team, bob):
    over_all(hard=0)
    over_all(bob, hard=0)

    with pytest.raises(OverLimit, match="the site's monthly limit"):
        ledger.hold_without_generation(team, Decimal(1), idempotency_key="check:1", note="a check")


def test_order_that_waits_for_a_manager_names_it_among_what_is_in_the_way(alice, bob, team):
    set_approval(actor=alice, team=team, above=Decimal(0))
    team.refresh_from_db()
    asked = submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values()))
    assert isinstance(asked, ApprovalRequest)
    over_all(bob, hard=0)
    over_all(alice, hard=0)

    found = exceeded_limits(asked, limits_for_requests(team, [bob.pk]))

    assert [(one.budget.person, one.budget.is_over_all_teams) for one in found] == [(bob, True)]
    with pytest.raises(OverLimit) as refused:
        approve(actor=alice, request=asked)
    assert refused.value.message == WITHOUT_AMOUNTS


def test_manager_does_not_learn_from_an_order_what_a_person_spends_elsewhere(as_, alice, bob, root, team, sea):
    price(bob, sea)
    set_approval(actor=alice, team=team, above=Decimal(0))
    team.refresh_from_db()
    submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values()))
    for span in Span:
        over_all(bob, hard="0.0161", span=span)
    Membership.objects.create(user=root, team=team, role=Role.MANAGER)

    page = as_(alice).get("/t/harbour/approvals/")
    whole = as_(root).get("/t/harbour/approvals/")

    assert [one.in_the_way for one in page.context["asked"]] == [[WITHOUT_AMOUNTS]]
    assert "0.0161" not in page.content.decode()
    assert all("$0.0161" in said for said in whole.context["asked"][0].in_the_way)


def test_manager_who_tries_again_does_not_learn_it_either(alice, bob, team):
    one = doubt(bob, team)
    over_all(bob, hard=one.estimate)

    with pytest.raises(OverLimit) as refused:
        retry_accepting_second_charge(actor=alice, generation=one.generation, attempt_id=one.id)
    with pytest.raises(OverLimit, match=r"of your monthly limit across all teams \(\$.*\) is left"):
        retry_accepting_second_charge(actor=bob, generation=one.generation, attempt_id=one.id)

    assert refused.value.message == WITHOUT_AMOUNTS


@pytest.mark.parametrize(("times", "used"), [(1, "used up"), (Decimal("1.1"), "nearly used up")])
def test_composer_says_of_the_sites_limit_no_amount_but_to_who_runs_it(bob, root, team, times, used):
    one = price(bob, team)
    over_all(hard=one * times)
    over_all(soft=one / 2, span=Span.DAY)

    assert list(composer_limits(team, bob, None).warnings) == [
        f"A limit across all teams is {used}. Ask a site admin to raise it."
    ]
    assert sum("$" in said for said in composer_limits(team, root, None).warnings) == 2


def test_person_sees_their_own_and_who_runs_the_site_the_sites(alice, bob, root, team):
    over_all(hard=9)
    over_all(bob, hard=3)
    over_all(alice, hard=2)
    Budget.objects.create(team=team, hard=4)
    Membership.objects.create(user=root, team=team, role=Role.OWNER)

    assert [(one.title, one.hard) for one in build_own_limits(bob, team, reviews=False).lines] == [
        ("You · monthly, across all teams", "$3.00"), ("Harbour team · monthly", "$4.00"),
    ]  # fmt: skip
    # The team's stand on the page of limits.
    assert [one.title for one in build_own_limits(alice, team, reviews=True).lines] == [
        "You · monthly, across all teams"
    ]
    assert sorted(one.budget.hard for one in own_limits(team, root)) == [4, 9]


def test_page_of_credits_shows_it_to_members_and_to_managers(as_, alice, bob, team):
    for person in (alice, bob):
        over_all(person, hard=3)
        page = as_(person).get("/t/harbour/credits/").content.decode()
        assert "You · monthly, across all teams" in page
        assert "Set by a site admin." in page


def test_managers_of_a_team_do_not_see_what_a_person_may_spend_elsewhere(as_, alice, bob, team):
    over_all(bob, hard="3.21")

    assert "3.21" not in as_(alice).get("/t/harbour/credits/limits/").content.decode()


def test_composer_says_that_it_is_nearly_used_up(alice, bob, team, sea):
    one = price(bob, team)
    over_all(bob, hard=one)
    over_all(hard=100 * one)

    (sentence,) = composer_limits(sea, bob, None).warnings

    assert sentence.startswith("None of your monthly limit across all teams ($")
    assert composer_limits(sea, alice, None).warnings == ()


def test_it_is_told_to_the_person_and_to_who_runs_the_site_and_to_no_manager(alice, bob, root, team, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    one = price(bob, team)
    over_all(bob, hard=one)
    over_all(hard=one)

    assert limit_alerts.check_limits(None) == 2
    assert limit_alerts.check_limits(None) == 0

    told = {(row.user, row.alert.budget.person) for row in Notification.objects.all()}
    assert told == {(bob, bob), (root, bob), (root, None)}
    assert [visible_notifications(user).count() for user in (alice, bob, root)] == [0, 1, 2]
    assert limit_alerts.send_due() == 3
    letters = {(letter.to[0], letter.subject) for letter in mail.outbox}
    assert {address for address, _ in letters} == {"bob@example.test", "root@example.test"}
    subjects = " ".join(str(subject) for _, subject in letters)
    assert "Spending reached your monthly limit across all teams" in subjects
    assert "Spending reached the site's monthly limit" in subjects
    assert all("Team: All teams" in letter.body for letter in mail.outbox)


def test_soft_one_warns_and_stops_nothing(bob, root, team):
    one = price(bob, team)
    over_all(soft=one / 2)

    assert len(order(bob, team, count=4)) == 4
    assert limit_alerts.check_limits(None) == 1


def test_notification_leads_to_what_its_reader_may_see(as_, bob, root, team):
    row = over_all(bob, hard=price(bob, team))
    limit_alerts.check_limits(None)

    places = {}
    for user in (bob, root):
        note = Notification.objects.get(user=user)
        assert "All teams" in as_(user).get("/notifications/").content.decode()
        places[user] = as_(user).post(f"/notifications/{note.pk}/open")["Location"]
    assert places == {bob: "/t/harbour/credits/", root: f"/admin/generations/sitelimit/{row.pk}/change/"}


def test_who_has_no_team_any_more_still_finds_a_place(bob, team):
    row = over_all(bob, hard=1)
    Membership.objects.filter(user=bob).delete()

    assert limit_alerts.place_of_limit(bob, row) == "/accounts/"
    assert limit_alerts.place_of_limit(make_person("Nora"), row) == "/accounts/"
