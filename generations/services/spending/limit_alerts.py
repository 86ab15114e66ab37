"""Alerts that a spending limit is near, exceeded or reached: once for each day or month of the limit."""

import logging
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from generations import ledger
from generations.conf import conf
from generations.ledger import BudgetUsage
from generations.models import (
    MANAGERS,
    Budget,
    BudgetAlert,
    LedgerEntry,
    Membership,
    Notification,
    Span,
    User,
    uuid7_min,
)
from generations.permissions import Verb, allows, role_of
from generations.pipeline.isolation import run_isolated
from generations.queries.activity.notifications import visible_notifications
from generations.queries.spending.limit_alerts import headline, sentence
from generations.services.activity.notifications import notify_limit
from generations.services.site import mail

STEPS = (100, 80, 50)
# The most severe first: of several thresholds crossed at once only the first is notified.
SEVERITY = (100, BudgetAlert.SOFT, 80, BudgetAlert.PROJECTED, 50)
# The first days of a month are no basis for a projection.
BEFORE_PROJECTING = timedelta(days=3)
# An entry gets its id, which contains the time, before its transaction commits.
LOOK_BACK = timedelta(minutes=5)
# Older alerts are not sent any more, for example after the mail server was down for long.
NEWS = timedelta(days=2)
MAX_PER_ROUND = 500
logger = logging.getLogger(__name__)


def check_limits(since: datetime | None) -> int:
    """Create alerts for limits that crossed a threshold, and return how many.

    Checks limits of teams whose ledger has changed since `since`, and limits set since then; all limits if it is None.
    """
    budgets = Budget.objects.select_related("team", "person", "collection").order_by("pk")
    if since is not None:
        moved = LedgerEntry.objects.filter(id__gte=uuid7_min(since - LOOK_BACK)).order_by().values("team")
        over_all = Q(team=None) & Exists(moved)
        budgets = budgets.filter(Q(team__in=moved) | over_all | Q(set_at__gte=since - LOOK_BACK))
    return sum(run_isolated(_look, budget) or 0 for budget in budgets.iterator(chunk_size=500))


def crossed_step(usage: BudgetUsage, now: datetime) -> dict[int, tuple[Decimal, Decimal]]:
    """Return the thresholds that are crossed, each with the amount used and the amount it is compared with."""
    hard, soft, used = usage.budget.hard, usage.budget.soft, usage.used
    if not used:
        return {}
    found = {}
    if soft is not None and used > soft:
        found[BudgetAlert.SOFT] = (used, soft)
    # Without a hard limit 100 % is the soft limit, which has its own threshold.
    steps = STEPS if hard is not None else STEPS[1:]
    found |= {step: (used, usage.most) for step in steps if used * 100 >= usage.most * step}
    expected = projected(usage, now)
    if expected is not None and used < usage.most < expected:
        found[BudgetAlert.PROJECTED] = (expected, usage.most)
    return found


def projected(usage: BudgetUsage, now: datetime) -> Decimal | None:
    """Return the month's spending at the pace so far; None for daily limits and in the first three days."""
    elapsed = now - usage.begins
    if usage.budget.span != Span.MONTH or elapsed < BEFORE_PROJECTING:
        return None
    whole = usage.ends - usage.begins
    microsecond = timedelta(microseconds=1)
    return usage.spent * Decimal(whole // microsecond) / Decimal(elapsed // microsecond)


def _look(budget: Budget) -> int:
    usage = ledger.budget_usage(budget)
    found = crossed_step(usage, timezone.now())
    if not found:
        return 0
    begins = timezone.localdate(usage.begins)
    told = set(BudgetAlert.objects.filter(budget=budget, begins=begins).values_list("threshold", "limit"))
    news = [step for step in SEVERITY if step in found and (step, found[step][1]) not in told]
    return _tell(budget, begins, [(step, *found[step]) for step in news]) if news else 0


@transaction.atomic
def _tell(budget: Budget, begins: date, news: list[tuple[int, Decimal, Decimal]]) -> int:
    """Create the alerts and notify about the first, the most severe; return 1, or 0 if another sweeper was faster.

    Of two sweepers only the one that inserts the first row notifies.
    """
    first, made = None, False
    for threshold, used, most in news:
        alert, inserted = BudgetAlert.objects.get_or_create(
            budget=budget, begins=begins, threshold=threshold, limit=most, defaults={"used": used}
        )
        if first is None:
            first, made = alert, inserted
    if first is None or not made:
        return 0
    logger.info("budget %s: %d of %s, %s used", budget.pk, first.threshold, first.limit, first.used)
    notify_limit(first, recipients(budget))
    return 1


def recipients(budget: Budget) -> list[int]:
    """Return the ids of the users to notify, in ascending order.

    They are the team's owners and managers, the limited member, and superusers if the site set the limit. For a limit
    over all teams no managers, because a member's spending in other teams is not theirs to see.
    """
    here = Membership.objects.filter(team=budget.team_id, user__is_active=True)
    wanted = here.filter(Q(role__in=MANAGERS) | Q(user=budget.person_id))
    people = set(wanted.values_list("user", flat=True))
    if budget.is_over_all_teams and budget.person is not None and budget.person.is_active:
        people.add(budget.person.pk)
    if budget.by_site:
        people |= set(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
    return sorted(people)


def place_of_limit(user: User, budget: Budget) -> str:
    """Return the address where the user sees the limit.

    That is the limits page for those who may open it, else the user's own credits page; superusers who are in no team
    see it in the admin only.
    """
    team = budget.team
    if team is None:
        return _place_over_all_teams(user, budget)
    role = role_of(user, team)
    if role is None:
        return reverse("admin:generations_team_change", args=[team.pk])
    return reverse("limits" if allows(role, Verb.REVIEW) else "credits", args=[team.slug])


def _place_over_all_teams(user: User, budget: Budget) -> str:
    """Return the admin page for superusers, else the credits page of the team they used last."""
    if user.is_superuser:
        return reverse("admin:generations_sitelimit_change", args=[budget.pk])
    last = Membership.objects.filter(user=user).order_by("-last_used_at", "pk").select_related("team").first()
    return reverse("credits", args=[last.team.slug]) if last else reverse("account")


def send_due() -> int:
    """Send one email for each alert and return how many; those that no mail server accepts are retried."""
    if not conf().mail_configured:
        return 0
    return mail.send_each(_send, list(_due()[:MAX_PER_ROUND]), "limit alerts")


def _due() -> "QuerySet[Notification]":
    rows = Notification.objects.filter(by_email=True, emailed_at=None, read_at=None, alert__isnull=False)
    active = User.objects.filter(pk=OuterRef("user"), is_active=True)
    rows = rows.filter(Exists(active), id__gte=uuid7_min(timezone.now() - NEWS)).order_by("id")
    budget = (f"alert__budget__{name}" for name in ("team", "person", "collection"))
    return rows.select_related("user", *budget)


def _send(row: Notification) -> bool | None:
    """Send an alert; None if another sweeper claimed it or the limit is not visible to the user any more."""
    alert, free = row.alert, Notification.objects.filter(pk=row.pk, emailed_at=None)
    if (
        alert is None
        or not visible_notifications(row.user).filter(pk=row.pk).exists()
        or not free.update(emailed_at=Now())
    ):
        return None
    user, site = row.user, conf().site_url
    words = {
        "user": user, "team": alert.budget.place, "headline": headline(alert, user), "sentence": sentence(alert, user),
        "link": f"{site}{place_of_limit(user, alert.budget)}", "site": site,
    }  # fmt: skip
    if mail.send("limit", user.email, **words):
        return True
    Notification.objects.filter(pk=row.pk).update(emailed_at=None)
    return False
