"""Counts with a ceiling, so that their cost does not grow with the table."""

from django.db.models import IntegerField, Subquery

# Above it a page shows "more than 1,000".
COUNT_LIMIT = 1000


class CountSubquery(Subquery):
    """The number of rows of a subquery; slice the subquery to limit the cost."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
