"""Counts that stop at a ceiling, so that they do not grow with the table."""

from django.db.models import IntegerField, Subquery

# A page says "more than 1,000" above it.
COUNT_LIMIT = 1000


class CountSubquery(Subquery):
    """The number of rows a subquery finds. Slice the subquery to cap the cost."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
