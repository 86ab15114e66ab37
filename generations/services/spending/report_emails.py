"""Spending reports by email, for the past week or month: team figures for managers, their own for other members."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.models import Generation, Membership, SpendingReportSubscription, State, User, format_dollars
from generations.permissions import Verb, allows
from generations.queries.spending.review import Period, Scope, keep_rate, month_around, spent_by, totals
from generations.queries.spending.review.names import names_of
from generations.services.site import mail

MORNING = 7
WEEK = timedelta(days=7)
MAX_PEOPLE = 20
MAX_PER_ROUND = 500


@dataclass(frozen=True)
class ReportSection:
    """Spending in one team, or of the user in it. Amounts in US dollars; `people` are names and sums, for managers."""

    team: str
    slug: str
    everybody: bool
    spent: Decimal
    charges: int
    before: Decimal
    failed: Decimal
    pictures: int
    kept_per_cent: int
    unknown: int
    people: list[tuple[str, str]]
    more: int

    @property
    def sum(self) -> str:
        return format_dollars(self.spent)

    @property
    def sum_failed(self) -> str:
        return format_dollars(self.failed) if self.failed else ""

    @property
    def change(self) -> str:
        """Return the change against the period before, as the end of a sentence."""
        if not self.before:
            return _("no spending in the previous period")
        per_cent = int((self.spent - self.before) * 100 / self.before)
        if not per_cent:
            return _("same as the previous period (%(amount)s)") % {"amount": format_dollars(self.before)}
        text = (
            _("%(percent)s%% more than the previous period (%(amount)s)")
            if per_cent > 0
            else _("%(percent)s%% less than the previous period (%(amount)s)")
        )
        percent = number_format(abs(per_cent), force_grouping=True)
        return text % {"percent": percent, "amount": format_dollars(self.before)}


@dataclass(frozen=True)
class ReportSwitch:
    """A report that the user may subscribe to."""

    every: str
    words: str
    on: bool


def subscriptions_of(user: User) -> list[ReportSwitch]:
    """Return the user's report switches, one for each interval, for the account page."""
    on = set(SpendingReportSubscription.objects.filter(user=user).values_list("interval", flat=True))
    return [ReportSwitch(one.value, str(one.label), one.value in on) for one in SpendingReportSubscription.Interval]


@transaction.atomic
def set_subscriptions(*, actor: User, wished: set[SpendingReportSubscription.Interval]) -> None:
    """Subscribe to these reports only; the first one covers the week or month that ends next."""
    SpendingReportSubscription.objects.filter(user=actor).exclude(interval__in=wished).delete()
    for every in wished:
        SpendingReportSubscription.objects.get_or_create(
            user=actor, interval=every, defaults={"sent_for": previous_period(every).first}
        )


def previous_period(every: str) -> Period:
    """Return the last complete week, which begins on Monday, or month."""
    today = timezone.localdate()
    if every == SpendingReportSubscription.Interval.MONTH:
        return month_around(today.replace(day=1) - timedelta(days=1))
    monday = today - timedelta(days=today.weekday())
    return Period(monday - WEEK, monday - timedelta(days=1))


def send_due() -> int:
    """Send the reports that are due and return how many; the next call retries those that no mail server accepts."""
    if not conf().mail_configured or timezone.localtime().hour < MORNING:
        return 0
    owed = [row for every in SpendingReportSubscription.Interval for row in _owed(every)]
    return mail.send_each(_send, owed, "spending reports")


def _owed(every: str) -> "QuerySet[SpendingReportSubscription]":
    waiting = SpendingReportSubscription.objects.filter(
        interval=every, sent_for__lt=previous_period(every).first, user__is_active=True
    )
    return waiting.select_related("user").order_by("pk")[:MAX_PER_ROUND]


def _send(row: SpendingReportSubscription) -> bool | None:
    """Send a report; None if no team has spending for it, or another sweeper claimed it."""
    period = previous_period(row.interval)
    rows = SpendingReportSubscription.objects.filter(pk=row.pk)
    if not rows.filter(sent_for=row.sent_for).update(sent_for=period.first):
        return None
    try:
        parts = sections_for(row.user, period)
        words = {"user": row.user, "parts": parts, "said": _said(row.interval, period), "site": conf().site_url}
        went = mail.send("spending_report", row.user.email, **words) if parts else None
    # The report stays due whatever went wrong; the caller logs the exception.
    except Exception:
        rows.update(sent_for=row.sent_for)
        raise
    if went is False:
        rows.update(sent_for=row.sent_for)
    return went


def sections_for(user: User, period: Period) -> list[ReportSection]:
    """Return a section for each of the user's teams with spending, now or in the period before, or unknown outcomes."""
    parts = []
    for membership in Membership.objects.filter(user=user).select_related("team").order_by("team__folded_name"):
        if allows(membership.role, Verb.REVIEW):
            parts.append(_part(membership, None, period))
        elif allows(membership.role, Verb.CREATE):
            parts.append(_part(membership, user, period))
    return [one for one in parts if one.spent or one.before or one.unknown]


def _part(membership: Membership, person: User | None, period: Period) -> ReportSection:
    team, scope = membership.team, Scope(membership.team, person)
    whole, kept = totals(scope, period), keep_rate(scope, period)
    lines = [] if person else spent_by(scope, period, "person")
    names = names_of(team, "person", [line.key for line in lines])
    people = [(names[line.key], format_dollars(line.spent)) for line in lines]
    unknown = Generation.objects.filter(team=team, state=State.UNKNOWN, deleted_at=None)
    return ReportSection(
        team=team.name, slug=team.slug, everybody=person is None, spent=whole.spent, charges=whole.charges,
        before=totals(scope, period.before).spent, failed=whole.failed,
        pictures=kept[0].pictures if kept else 0, kept_per_cent=kept[0].kept_per_cent if kept else 0,
        unknown=(unknown.filter(author=person) if person else unknown).count(),
        people=people[:MAX_PEOPLE], more=max(0, len(people) - MAX_PEOPLE),
    )  # fmt: skip


def _said(every: str, period: Period) -> str:
    if every == SpendingReportSubscription.Interval.MONTH:
        return _("in %(month)s") % {"month": date_format(period.first, "YEAR_MONTH_FORMAT")}
    first, last = (date_format(day, "MONTH_DAY_FORMAT") for day in (period.first, period.last))
    return _("in the week from %(first)s to %(last)s") % {"first": first, "last": last}
