"""Texts of limit alerts, the same on the site and in emails; they address the reader as "you"."""

from datetime import date

from generations.ledger import subject_of
from generations.models import Budget, BudgetAlert, Span, User, format_amount

ALL = 100
STOPPED = " New orders are refused until the {} is over; pictures on the way are still made."
SPANS = {Span.DAY: "daily", Span.MONTH: "monthly"}


def headline(alert: BudgetAlert, reader: User) -> str:
    """Return the subject of the email, which is also the first line on the page."""
    has, limit = _has(alert.budget, reader), _limit(alert.budget, reader)
    if alert.threshold == BudgetAlert.PROJECTED:
        return f"{first_upper(subject_of(alert.budget, reader))} may go over {limit}"
    if alert.threshold == BudgetAlert.SOFT:
        return f"{has} passed {format_amount(alert.limit)} {_when(alert)}"
    if alert.threshold == ALL:
        return f"{has} reached {limit}"
    return f"{has} used {alert.threshold} % of {limit}"


def sentence(alert: BudgetAlert, reader: User) -> str:
    """Return a sentence with the amounts at the time of the alert."""
    budget, most = alert.budget, format_amount(alert.limit)
    spent = "cost" if budget.collection_id else "spent"
    if alert.threshold == BudgetAlert.PROJECTED:
        return (
            f"At this pace {subject_of(budget, reader)} will have {spent} ≈ ${alert.used:.2f} by the end of "
            f"{alert.begins:%B}, more than the limit of {most}."
        )
    figures = f"{_has(budget, reader)} {spent} ${alert.used:.4f} {_when(alert)}, held money included."
    if alert.threshold == BudgetAlert.SOFT:
        return f"{figures} That is more than the {most} above which people are told. Orders still go through."
    stops = alert.threshold == ALL and budget.hard is not None
    return f"{figures} The limit is {most}.{STOPPED.format(budget.span) if stops else ''}"


def _has(budget: Budget, reader: User) -> str:
    return f"{first_upper(subject_of(budget, reader))} {'have' if budget.person == reader else 'has'}"


def _limit(budget: Budget, reader: User) -> str:
    """Return the limit's name in the middle of a sentence.

    `your daily limit`, another user's `the daily limit`, a team's or collection's `its daily limit`, each with ` over
    all teams` where it applies, and `the site’s daily limit`.
    """
    whose = "its" if budget.person is None else "your" if budget.person == reader else "the"
    if budget.is_over_all_teams and budget.person is None:
        return f"the site’s {SPANS[Span(budget.span)]} limit"
    return f"{whose} {SPANS[Span(budget.span)]} limit{' over all teams' if budget.is_over_all_teams else ''}"


def _when(alert: BudgetAlert) -> str:
    return f"on {_day(alert.begins)}" if alert.budget.span == Span.DAY else f"in {alert.begins:%B}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def first_upper(words: str) -> str:
    """Return the text with its first letter in upper case; the rest keeps its case."""
    return words[:1].upper() + words[1:]
