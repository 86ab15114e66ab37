"""The name of a limit, as sentences have it: `your monthly limit`."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.models import Budget, Span, User

# (of the reader, by the day, over all teams)
OF_PEOPLE = {
    (True, True, False): gettext_lazy("your daily limit"),
    (True, False, False): gettext_lazy("your monthly limit"),
    (True, True, True): gettext_lazy("your daily limit across all teams"),
    (True, False, True): gettext_lazy("your monthly limit across all teams"),
    (False, True, False): gettext_lazy("%(name)s's daily limit"),
    (False, False, False): gettext_lazy("%(name)s's monthly limit"),
    (False, True, True): gettext_lazy("%(name)s's daily limit across all teams"),
    (False, False, True): gettext_lazy("%(name)s's monthly limit across all teams"),
}


def limit_name(budget: Budget, reader: User | None = None) -> str:
    """Return the limit's name for the middle of a sentence; `your` limit for the reader's own."""
    daily = budget.span == Span.DAY
    if budget.person:
        text = str(OF_PEOPLE[budget.person == reader, daily, budget.is_over_all_teams])
    elif budget.collection:
        text = _("the daily limit of “%(name)s”") if daily else _("the monthly limit of “%(name)s”")
    elif budget.team:
        text = _("the daily limit of %(name)s") if daily else _("the monthly limit of %(name)s")
    else:
        text = _("the site's daily limit") if daily else _("the site's monthly limit")
    return text % {"name": budget.subject}
