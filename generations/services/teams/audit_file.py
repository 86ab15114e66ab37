"""A team's audit log as CSV."""

from collections.abc import Iterator

from django.utils import translation

from generations.models import Team
from generations.queries.site.keyset import Cursor
from generations.queries.teams.audit import events_page, with_names
from generations.services.site.csv_lines import csv_cell, csv_head, csv_line

COLUMNS = ["at", "action", "actor", "subject", "detail", "id"]


def audit_file(team: Team) -> Iterator[bytes]:
    """Stream the events, newest first, a page at a time, so that no query stays open while a slow client reads."""
    yield csv_head(COLUMNS)
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        found = events_page(team, cursor)
        with translation.override("en"):  # for programs, and as the details are stored
            named = with_names(team, found.rows)
        for one in named:
            yield csv_line([csv_cell(getattr(one, column)) for column in COLUMNS])
        cursor = Cursor(before=found.older) if found.older else None
