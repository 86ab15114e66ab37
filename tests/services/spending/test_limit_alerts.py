"""Alerts about limits: what is sent, to whom, where, and that nothing is sent twice."""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from generations import ledger
from generations.ledger import BudgetUsage
from generations.models import (
    Budget,
    BudgetAlert,
    Collection,
    Digest,
    Membership,
    Notification,
    NotificationKind,
    Role,
    Span,
    Team,
    User,
)
from generations.queries.activity.notifications import notifications_page, unread_count
from generations.queries.spending.limit_alerts import headline, sentence
from generations.services.activity import digests, notifications
from generations.services.spending import limit_alerts
from generations.services.spending.limit_alerts import (
    BEFORE_PROJECTING,
    check_limits,
    crossed_step,
    projected,
    send_due,
)
from tests.factories import make_person, order
from tests.sharing import collect

pytestmark = pytest.mark.both_databases

PROJECTED, SOFT = BudgetAlert.PROJECTED, BudgetAlert.SOFT


@pytest.fixture
def spent(alice, team):
    """Spend a dollar now."""
    ledger.hold_without_generation(team, Decimal(1), idempotency_key="a check", note="")
    ledger.settle_without_generation(team, Decimal(1), idempotency_key="a check", estimated=False, note="")


def limit(team, soft=None, hard=None, **more):
    return Budget.objects.create(team=team, soft=soft, hard=hard, **more)


def told():
    """Return the names of the notified users by the threshold of each alert, the newest last."""
    found = {}
    for row in Notification.objects.order_by("id").select_related("user", "alert"):
        found.setdefault(row.alert.threshold, []).append(row.user.name)
    return {threshold: sorted(names) for threshold, names in found.items()}


def reach(used, soft=None, hard=None, day=10, span=Span.MONTH):
    amounts = (None if one is None else Decimal(one) for one in (soft, hard))
    budget = Budget(span=span, soft=next(amounts), hard=next(amounts))
    begins = datetime(2026, 11, 1, tzinfo=timezone.get_default_timezone())
    return BudgetUsage(budget, Decimal(used), Decimal(0), begins, begins + timedelta(days=30)), begins + timedelta(
        days=day
    )


@pytest.mark.parametrize(
    ("figures", "thresholds"),
    [
        ({"used": "0", "hard": "0"}, set()),
        ({"used": "49.99", "hard": "100", "day": 29}, set()),
        ({"used": "50", "hard": "100", "day": 29}, {50}),
        ({"used": "80", "hard": "100", "day": 29}, {50, 80}),
        ({"used": "100", "hard": "100"}, {50, 80, 100}),
        ({"used": "81", "soft": "80", "hard": "200", "day": 29}, {SOFT}),
        ({"used": "80", "soft": "80", "hard": "200", "day": 29}, set()),
        ({"used": "80", "soft": "100", "day": 29}, {50, 80}),
        ({"used": "101", "soft": "100"}, {50, 80, SOFT}),
        ({"used": "40", "hard": "100", "day": 10}, {PROJECTED}),
        ({"used": "40", "hard": "100", "day": 2}, set()),
        ({"used": "40", "hard": "100", "day": 10, "span": Span.DAY}, set()),
    ],
)
def test_thresholds_that_are_reached(figures, thresholds):
    assert set(crossed_step(*reach(**figures))) == thresholds


def test_pace_is_spent_by_elapsed_days_times_the_days_of_the_month():
    assert projected(*reach("40", hard="100", day=10)) == Decimal(120)
    assert timedelta(days=3) == BEFORE_PROJECTING


@pytest.mark.django_db
def test_managers_are_told_of_the_teams_limit_once(alice, bob, vera, team, spent):
    make_person("Mara", team, Role.MANAGER)
    limit(team, hard=2)

    assert [check_limits(None), check_limits(None)] == [1, 0]

    assert told() == {50: ["Alice", "Mara"]}


@pytest.mark.django_db
def test_person_and_managers_are_told_of_a_persons_limit(alice, bob, vera, team):
    (row,) = order(bob, team)
    limit(team, hard=row.estimate, person=bob)

    check_limits(None)

    assert told() == {100: ["Alice", "Bob"]}
    assert unread_count(bob) == unread_count(alice) == 1
    assert unread_count(vera) == 0


@pytest.mark.django_db
def test_whoever_runs_the_site_is_told_of_what_they_have_set(alice, team, spent):
    root = make_person("Root")
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    limit(team, hard=1, by_site=True)

    check_limits(None)

    assert told() == {100: ["Alice", "Root"]}
    root.refresh_from_db()
    assert unread_count(root) == 1


@pytest.mark.django_db
def test_what_is_passed_at_once_is_told_at_once_and_later_steps_again(alice, team, spent):
    budget = limit(team, soft=Decimal("0.9"), hard=Decimal("1.2"))

    check_limits(None)
    assert told() == {SOFT: ["Alice"]}
    assert set(budget.alerts.values_list("threshold", flat=True)) == {50, 80, SOFT}

    ledger.top_up(team, Decimal(5), idempotency_key="x", actor=None)
    ledger.hold_without_generation(team, Decimal("0.2"), idempotency_key="another", note="")
    check_limits(None)
    assert told() == {SOFT: ["Alice"], 100: ["Alice"]}


@pytest.mark.django_db
def test_limit_that_is_set_anew_is_told_of_anew(alice, team, spent):
    limit(team, hard=1)
    check_limits(None)
    Budget.objects.update(hard=Decimal("1.2"))

    assert [check_limits(None), check_limits(None)] == [1, 0]
    assert told() == {100: ["Alice"], 80: ["Alice"]}


@pytest.mark.django_db
def test_only_what_moved_is_looked_at(alice, team, spent, django_assert_num_queries):
    limit(team, hard=1)
    later = timezone.now() + timedelta(hours=1)

    with django_assert_num_queries(1):
        assert check_limits(later) == 0
    assert check_limits(timezone.now() - timedelta(minutes=1)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("site", [True, False])
def test_switches_decide_where_it_is_told(alice, team, spent, site):
    notifications.set_preferences(
        actor=alice, digest=Digest.OFF, wishes={NotificationKind.LIMIT: (site, not site)}
    )  # fmt: skip
    limit(team, hard=1)
    check_limits(None)

    assert unread_count(alice) == int(site)
    assert send_due() == int(not site)


@pytest.mark.django_db
def test_letter_goes_at_once_says_the_figures_and_stands_in_no_digest(alice, team, spent, settings):
    settings.SITE_URL = "https://gallery.example.test"
    limit(team, hard=1)
    check_limits(None)

    assert [send_due(), send_due(), digests.send_due()] == [1, 0, 0]

    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("Spending reached the monthly limit of Harbour team", ["alice@example.test"])
    assert "$1.0000 was spent or reserved in " in letter.body
    assert "New requests are refused until the month is over" in letter.body
    assert "View it: https://gallery.example.test/t/harbour/credits/limits/\n" in letter.body


@pytest.mark.django_db
def test_letters_about_a_persons_limit_name_her_and_call_herself_you(alice, bob, team):
    (row,) = order(bob, team)
    limit(team, hard=row.estimate, person=bob, span=Span.DAY)
    check_limits(None)

    assert send_due() == 2

    letters = {one.to[0]: one for one in mail.outbox}
    to_alice, to_bob = letters[alice.email], letters[bob.email]
    assert to_alice.subject == "Spending reached Bob's daily limit"
    assert to_bob.subject == "Spending reached your daily limit"
    today = timezone.localdate()
    spent = f"\n${row.estimate:.4f} was spent or reserved on {today.day} {today:%b}. The limit is "
    assert spent in to_alice.body
    assert spent in to_bob.body
    assert "\nTeam: Harbour team\nView it: " in to_bob.body
    assert "/t/harbour/credits/limits/\n" in to_alice.body
    assert "/t/harbour/credits/\n" in to_bob.body


@pytest.mark.parametrize(
    ("threshold", "first", "second"),
    [
        (BudgetAlert.PROJECTED, "Spending is on track to exceed the monthly limit of “Menus”",
         "At this pace, about $1.50 will be spent by the end of November. The limit is $1.00."),
        (80, "Spending reached 80% of the monthly limit of “Menus”",
         "$1.5000 was spent or reserved in November. The limit is $1.00."),
    ],
)  # fmt: skip
def test_alert_about_a_collection_names_it(threshold, first, second):
    budget = Budget(team=Team(name="Harbour team"), collection=Collection(name="Menus"), hard=1)
    alert = BudgetAlert(
        budget=budget, threshold=threshold, begins=date(2026, 11, 1), used=Decimal("1.5"), limit=Decimal(1)
    )

    assert (headline(alert, User()), sentence(alert, User())) == (first, second)


@pytest.mark.django_db
def test_letter_that_no_server_takes_is_owed(alice, team, spent, settings):
    limit(team, hard=1)
    check_limits(None)
    settings.EMAIL_BACKEND = "nowhere.Backend"
    assert send_due() == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["read", "left", "removed", "switched off"])
def test_what_is_read_or_nobodys_business_any_more_is_not_mailed(alice, bob, team, why):
    (row,) = order(bob, team)
    budget = limit(team, hard=row.estimate, person=bob)
    check_limits(None)
    Notification.objects.filter(user=alice).delete()
    if why == "read":
        notifications.mark_read(actor=bob, notification=Notification.objects.get())
    elif why == "left":
        Membership.objects.filter(user=bob).delete()
    elif why == "removed":
        budget.delete()
    else:
        User.objects.filter(pk=bob.pk).update(is_active=False)

    assert send_due() == 0
    assert mail.outbox == []


@pytest.mark.django_db
def test_page_tells_of_limits_among_the_rest_in_the_same_number_of_queries(
    alice, bob, team, spent, django_assert_max_num_queries
):
    shelf = collect(alice, team, name="Menus")
    limit(team, hard=2)
    limit(team, soft=Decimal("0.5"), span=Span.DAY)
    limit(team, hard=0, collection=shelf)
    check_limits(None)

    with django_assert_max_num_queries(8):
        rows, _ = notifications_page(alice, None)
        said = [(headline(one.alert, alice), sentence(one.alert, alice)) for one in rows]

    assert [one for one, _ in said] == [
        "Spending passed the $0.50 warning for the daily limit of Harbour team",
        "Spending reached 50% of the monthly limit of Harbour team",
    ]
    assert said[0][1].endswith("The warning is set at $0.50. Requests still go through.")


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_tell_once(alice, team):
    with transaction.atomic():
        ledger.hold_without_generation(team, Decimal(1), idempotency_key="a check", note="")
    limit(team, soft=Decimal("0.5"), hard=1)
    start, counts = threading.Barrier(2), []

    def sweep():
        start.wait(120)
        counts.append((check_limits(None), send_due()))
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    counts.append((check_limits(None), send_due()))

    assert sum(told for told, _ in counts) == Notification.objects.count() == 1
    assert sum(sent for _, sent in counts) == len(mail.outbox) == 1


@pytest.mark.django_db
def test_one_limit_that_cannot_be_looked_at_keeps_no_other_waiting(alice, team, charlie, spent, monkeypatch):
    first, second = limit(team, hard=1), limit(team, hard=1, span=Span.DAY)
    look = limit_alerts._look

    def break_first(budget):
        if budget == first:
            raise ValueError
        return look(budget)

    monkeypatch.setattr(limit_alerts, "_look", break_first)

    assert check_limits(None) == 1
    assert {row.budget for row in BudgetAlert.objects.all()} == {second}
