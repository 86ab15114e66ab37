"""The alert to administrators before the provider's balance runs out: sent once, with the pace and what to do."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from django.utils.html import escape

from generations.ledger import midnight
from generations.models import AdminAlertThrottle, BalanceReading, User
from generations.queries.provider.balance import low_balance
from generations.queries.spending.review import credit_left
from generations.services.provider import balance_alerts
from tests.faults.together import together
from tests.views.spending.entries import pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root@example.test", "a long password", name="Root")


def spend(alice, team, *costs, ago=1):
    """Charge one picture a day, the last of them so many days ago."""
    day = timezone.localdate()
    for n, cost in enumerate(reversed(costs)):
        pay(alice, team, cost, at=midnight(day - timedelta(days=n + ago)) + timedelta(hours=1))


def balance(amount, free=0):
    BalanceReading.objects.create(credits=Decimal(amount), free_credits=Decimal(free))


def test_they_are_told_once_with_pace_history_and_what_to_do(alice, team, root, settings):
    settings.EMULATED = False
    spend(alice, team, *["2"] * 9)
    balance("8", free="2")

    assert [balance_alerts.check_balance() for _ in range(3)] == [True, False, False]

    (letter,) = mail.outbox
    assert letter.to == ["root@example.test"]
    assert letter.subject == "[HiDream Gallery] The provider's balance will last about 5 days"
    assert "had $10.00 on " in letter.body
    assert "pace of $2.00 a day (average of the last 7 days), that will last about 5 days." in letter.body
    assert "Top up at https://cloud.segmind.com under Billing" in letter.body
    assert f"{settings.SITE_URL}/provider/" in letter.body
    assert "again only after the balance has lasted 7 days or longer. BALANCE_ALERT_DAYS" in letter.body


def test_they_are_told_again_only_after_it_had_recovered(alice, team, root):
    spend(alice, team, *["2"] * 7)
    told = []
    for amount in ("13.9", "6", "14", "13", "200", "1"):
        balance(amount)
        told.append(balance_alerts.check_balance())

    assert told == [True, False, False, True, False, True]


@pytest.mark.parametrize(("days", "told"), [(0, False), (4, False), (5, False), (6, True)])
def test_how_many_days_is_a_setting_and_0_turns_it_off(alice, team, root, settings, days, told):
    settings.BALANCE_ALERT_DAYS = days
    spend(alice, team, *["1"] * 7)
    balance("5")

    assert (balance_alerts.check_balance(), len(mail.outbox)) == (told, int(told))


def test_turned_off_while_they_were_told_it_says_nothing_more(as_, alice, team, root, settings):
    spend(alice, team, "1")
    balance("5")
    assert balance_alerts.check_balance()
    assert low_balance() is not None

    settings.BALANCE_ALERT_DAYS = 0

    assert (low_balance(), balance_alerts.check_balance(), AdminAlertThrottle.objects.count()) == (None, False, 0)


@pytest.mark.parametrize(
    ("costs", "ago", "pace", "over", "basis"),
    [
        ([], 1, "0", 0, "today's spending so far; no earlier history yet"),
        (["3"], 0, "3", 0, "today's spending so far; no earlier history yet"),
        (["3"], 1, "3", 1, "yesterday's spending; no earlier history yet"),
        (["3", "1"], 1, "2", 2, "average of the last 2 days; no earlier history yet"),
        (["70", "7", "0.5"], 6, "1.0714285714", 7, "average of the last 7 days"),
        (["9"], 8, "0", 7, "average of the last 7 days"),
        (["9"], 40, "0", 0, "today's spending so far; no earlier history yet"),
    ],
)
def test_pace_says_how_much_history_it_rests_on(alice, team, costs, ago, pace, over, basis):
    """Days without spending count; those before the first charge and those of long ago do not."""
    spend(alice, team, *costs, ago=ago)
    balance("5")

    found = credit_left()

    assert (found.pace, found.over, found.basis) == (Decimal(pace), over, basis)


@pytest.mark.parametrize(
    ("amount", "lasting"),
    [("0.5", "less than a day"), ("-3", "less than a day"), ("1.99", "about 1 day"), ("2000", "about 2,000 days")],
)
def test_how_long_it_lasts_is_rounded_down(alice, team, amount, lasting):
    spend(alice, team, "1")
    balance(amount)

    assert credit_left().lasting == lasting


def test_without_a_reading_or_without_spending_nothing_is_told(alice, team, root):
    spend(alice, team, "1")
    assert not balance_alerts.check_balance()

    balance("0.01")
    assert balance_alerts.check_balance()
    # The balance is unknown, so the alert that was sent stays.
    BalanceReading.objects.all().delete()
    assert (balance_alerts.check_balance(), AdminAlertThrottle.objects.count()) == (False, 1)


def test_letter_that_no_server_takes_is_owed(alice, team, root, settings):
    spend(alice, team, "1")
    balance("1")
    settings.EMAIL_BACKEND = "nowhere.Backend"
    assert (balance_alerts.check_balance(), AdminAlertThrottle.objects.count()) == (False, 0)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert (balance_alerts.check_balance(), len(mail.outbox)) == (True, 1)


def told():
    """Return the emails about the balance; one about a dollar for one picture is sent as well."""
    return [one for one in mail.outbox if "balance will last" in one.subject]


@pytest.mark.django_db(transaction=True)
def test_of_sweepers_that_look_at_once_one_tells(alice, team, root):
    spend(alice, team, "1")
    balance("1")

    assert sum(together(*[balance_alerts.check_balance] * 4)) == 1
    assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_sweeper_asks(alice, team, root, emulator):
    spend(alice, team, "100")
    balance("1")

    call_command("sweeper", "--once")

    assert [one.to for one in told()] == [["root@example.test"]]


def test_pages_of_who_runs_the_site_say_so_until_it_recovers(as_, alice, team, root):
    spend(alice, team, "2")
    balance("9")
    assert "The provider balance will last" not in as_(root).get("/credits/").content.decode()
    balance_alerts.check_balance()

    page = as_(root).get("/credits/").content.decode()
    assert "The provider balance will last about 4 days." in page
    assert f"It is $9.00, and spending is $2.00 a day ({escape(credit_left().basis)})." in page
    assert "The provider balance will last" not in as_(alice).get("/t/harbour/").content.decode()
    balance("50")
    assert "The provider balance will last" not in as_(root).get("/credits/").content.decode()
