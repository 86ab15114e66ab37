"""Reports of pictures, for the managers of a team."""

from django.db.models import QuerySet

from generations.models import Generation, Report, ReportState, Team, User

MAX_LISTED = 50
MAX_HIDDEN = 500


def reports_of(team: Team) -> "QuerySet[Report]":
    """Return the team's reports of pictures that still exist, the latest first."""
    rows = Report.objects.filter(team=team, generation__purged_at=None)
    return rows.select_related("team", "generation__image", "generation__author", "reporter", "decided_by").order_by(
        "-id"
    )


def open_reports(team: Team) -> list[Report]:
    """Return reports that nobody has decided about; those of deleted pictures are left out while these are deleted."""
    return list(reports_of(team).filter(state=ReportState.OPEN, generation__deleted_at=None)[:MAX_LISTED])


def decided_reports(team: Team) -> list[Report]:
    """Return the decided reports of hidden pictures, which can be shown again, and the latest of the others."""
    decided = reports_of(team).exclude(state=ReportState.OPEN)
    hidden = decided.filter(generation__hidden_at__isnull=False)
    return [*hidden[:MAX_HIDDEN], *decided.filter(generation__hidden_at=None)[:MAX_LISTED]]


def has_reported(user: User, generation: Generation) -> bool:
    """Return whether the user has an open report of this picture."""
    return Report.objects.filter(generation=generation, reporter=user, state=ReportState.OPEN).exists()
