"""What an alert about a limit says; the same words on the site and in a letter."""

from datetime import date

from generations.ledger import whom
from generations.models import BudgetAlert, Span, short

ALL = 100


def headline(alert: BudgetAlert) -> str:
    """The subject of a letter, and the first words on the page."""
    of = whom(alert.budget)
    if alert.threshold == BudgetAlert.PROJECTED:
        return f"{_first_upper(of)} may go over the limit"
    if alert.threshold == BudgetAlert.SOFT:
        return f"{_first_upper(of)}: {short(alert.most)} are passed"
    if alert.threshold == ALL:
        return f"{_first_upper(of)}: the limit is reached"
    return f"{_first_upper(of)}: {alert.threshold} % of the limit are used up"


def sentence(alert: BudgetAlert) -> str:
    """With the figures of the moment in which it was told."""
    of, when, most = whom(alert.budget), _when(alert), short(alert.most)
    if alert.threshold == BudgetAlert.PROJECTED:
        return f"At the pace so far {of} comes to ≈ ${alert.used:.2f} by the end of {alert.begins:%B}, over {most}."
    figures = f"${alert.used:.4f} are spent or held {when}"
    if alert.threshold == BudgetAlert.SOFT:
        return f"{figures}, more than the {most} from which people are told. Orders still go."
    if alert.threshold == ALL and alert.budget.hard is not None:
        return f"{figures}, of {most}. New orders are refused until it begins anew; what is on the way goes on."
    return f"{figures}, of {most}."


def _when(alert: BudgetAlert) -> str:
    return f"on {_day(alert.begins)}" if alert.budget.span == Span.DAY else f"in {alert.begins:%B}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _first_upper(words: str) -> str:
    return words[:1].upper() + words[1:]
