"""Spending reports: who gets which figures, when, and each once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from generations import ledger
from generations.models import Membership, Role, SpendingReportSubscription
from generations.services.spending import report_emails
from generations.services.spending.report_emails import previous_period, sections_for, send_due, set_subscriptions
from tests.services.spending.test_sign_off import drawn

pytestmark = pytest.mark.django_db
WEEK, MONTH = SpendingReportSubscription.Interval.WEEK, SpendingReportSubscription.Interval.MONTH


@pytest.fixture(autouse=True)
def in_the_morning(monkeypatch):
    monkeypatch.setattr(report_emails, "MORNING", 0)


def wants(user, every=WEEK):
    """She switched it on some weeks ago."""
    set_subscriptions(actor=user, wished={every})
    SpendingReportSubscription.objects.filter(user=user).update(sent_for=previous_period(every).before.first)


@pytest.fixture
def spent(alice, bob, team):
    """Last week Alice one picture, Bob two; the week before, Bob one."""
    week = previous_period(WEEK)
    for author, moment in (
        (alice, week.since), (bob, week.since + timedelta(days=1)), (bob, week.since + timedelta(days=6)),
        (bob, week.before.since),
    ):  # fmt: skip
        drawn(author, team, moment, cost=Decimal("0.01"))


def test_nobody_gets_a_letter_unless_she_asked_for_it(alice, spent):
    assert send_due() == 0


def test_first_letter_is_about_what_ends_next(alice, spent):
    set_subscriptions(actor=alice, wished={WEEK, MONTH})

    assert send_due() == 0
    assert SpendingReportSubscription.objects.filter(user=alice).count() == 2
    set_subscriptions(actor=alice, wished={MONTH})
    assert [row.interval for row in SpendingReportSubscription.objects.all()] == ["month"]


def test_week_begins_on_monday_and_both_are_over(alice):
    week, month = previous_period(WEEK), previous_period(MONTH)

    assert (week.first.weekday(), week.length) == (0, 7)
    assert month.is_month
    assert max(week.last, month.last) < timezone.localdate()


def test_manager_gets_everybodys_figures(alice, bob, spent, settings):
    settings.SITE_URL = "https://gallery.example.test"
    wants(alice)

    assert [send_due(), send_due()] == [1, 0]

    (letter,) = mail.outbox
    assert letter.to == ["alice@example.test"]
    assert letter.subject.startswith("Spending in the week from ")
    assert "The team spent $0.0300 in the week" in letter.body
    assert "200% more than the previous period ($0.0100)" in letter.body
    assert "  $0.0200  Bob\n  $0.0100  Alice\n" in letter.body
    assert "Kept: 0% of 3 pictures." in letter.body
    assert "https://gallery.example.test/t/harbour/credits/" in letter.body


def test_member_gets_her_own_figures(alice, bob, spent):
    wants(bob)

    assert send_due() == 1

    body = mail.outbox[0].body
    assert "You spent $0.0200 in the week" in body
    assert "Alice" not in body
    assert "0.0300" not in body


def test_viewer_and_one_who_left_get_none(alice, bob, vera, spent):
    wants(vera)
    wants(bob)
    Membership.objects.filter(user=bob).delete()

    assert send_due() == 0
    assert mail.outbox == []


def test_role_is_asked_when_the_letter_is_written(alice, bob, team, spent):
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    assert sections_for(bob, previous_period(WEEK))[0].everybody

    Membership.objects.filter(user=bob).update(role=Role.MEMBER)
    assert not sections_for(bob, previous_period(WEEK))[0].everybody


def test_figures_are_the_ledgers(alice, team, spent):
    week = previous_period(WEEK)

    (part,) = sections_for(alice, week)

    assert part.spent == ledger.spent(team, week.since, week.until)
    assert part.before == ledger.spent(team, week.before.since, week.since)


def test_month_is_told_by_its_name(alice, team, spent):
    drawn(alice, team, previous_period(MONTH).since)
    wants(alice, MONTH)

    send_due()

    assert mail.outbox[0].subject.startswith(f"Spending in {previous_period(MONTH).first:%B %Y}")


def test_letter_that_no_server_takes_is_owed(alice, spent, settings):
    wants(alice)
    settings.EMAIL_BACKEND = "nowhere.Backend"
    assert send_due() == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_send_one_letter(alice, team):
    drawn(alice, team, previous_period(WEEK).since)
    wants(alice)
    start, counts = threading.Barrier(2), []

    def sweep():
        start.wait(120)
        counts.append(send_due())
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sum(counts) + send_due() == len(mail.outbox) == 1


def test_switches_stand_on_the_account_page(as_, alice):
    client = as_(alice)
    assert "checked" not in client.get("/accounts/").content.decode().split("Spending summary by email")[1][:900]

    client.post("/accounts/notifications", {"digest": "daily", "letter-month": "on"})

    assert 'name="letter-month" checked' in client.get("/accounts/").content.decode()
    client.post("/accounts/notifications", {"digest": "daily"})
    assert not SpendingReportSubscription.objects.exists()
