"""The sweeper alerts about limits and sends their emails at once, beside its rounds; and the emails of the week."""

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection

from generations.management.sweeper.jobs import LimitMonitor
from generations.models import Budget, Notification, SpendingReportSubscription
from generations.services.spending import report_emails
from generations.services.spending.report_emails import previous_period
from tests.factories import order
from tests.management.sweeper.test_rounds import unreachable
from tests.services.spending.test_sign_off import drawn

pytestmark = pytest.mark.django_db(transaction=True)


def test_round_alerts_about_a_limit_by_notification_and_email(alice, bob, team, emulator):
    (row,) = order(bob, team)
    Budget.objects.create(team=team, hard=row.estimate)

    call_command("sweeper", "--once")
    call_command("sweeper", "--once")

    assert [one.user for one in Notification.objects.all()] == [alice]
    assert [letter.to for letter in mail.outbox] == [["alice@example.test"]]


def test_round_mails_the_week_that_is_over(alice, team, emulator, monkeypatch):
    monkeypatch.setattr(report_emails, "MORNING", 0)
    week = previous_period("week")
    drawn(alice, team, week.since)
    SpendingReportSubscription.objects.create(user=alice, interval="week", sent_for=week.before.first)

    call_command("sweeper", "--once")

    assert [letter.subject.split(" from ")[0] for letter in mail.outbox] == ["Spending in the week"]


def test_limits_are_checked_once_a_minute(alice, bob, team, django_assert_num_queries):
    monitor = LimitMonitor()
    monitor.check()
    (row,) = order(bob, team)
    Budget.objects.create(team=team, hard=row.estimate)

    with django_assert_num_queries(0):
        monitor.check()
    monitor._next_at = 0
    monitor.check()

    assert Notification.objects.count() == 1


def test_check_that_failed_without_a_database_is_repeated(alice, bob, team):
    (row,) = order(bob, team)
    Budget.objects.create(team=team, hard=row.estimate)
    monitor = LimitMonitor()

    with connection.execute_wrapper(unreachable), pytest.raises(OperationalError):
        monitor.check()
    monitor.check()

    assert Notification.objects.count() == 1
