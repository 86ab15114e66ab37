"""Reports of pictures by members and by visitors of share links, and what managers do about them.

A hidden picture is seen by its author and by managers only, and no share link shows it, until it is shown again.
"""

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.models import AuditAction, Generation, Report, ReportReason, ReportState, ShareLink, User
from generations.permissions import MODERATORS, Verb, require_verb
from generations.services.activity.notifications import close_reports, notify_report
from generations.services.site import audit, rate_limits

MAX_NOTE_LENGTH = 500
# Of visitors who cannot be told apart for certain; later ones bring nothing new.
MAX_OPEN_OF_VISITORS = 20


class ReportAlreadyDecided(GalleryError):
    """Another manager has decided about the report meanwhile."""


def report_as_member(*, actor: User, generation: Generation, reason: ReportReason, note: str = "") -> bool:
    """Report a picture; return False if the actor has an open report of it. Raises NotAllowed and TooManyRequests."""
    require_verb(actor, generation.team, Verb.VIEW)
    if Report.objects.filter(generation=generation, reporter=actor, state=ReportState.OPEN).exists():
        return False
    report = Report(team=generation.team, generation=generation, reporter=actor, reason=reason, note=note)
    return _create(report, user=actor)


def report_as_visitor(
    *, link: ShareLink, generation: Generation, reason: ReportReason, note: str, address: str, agent: str
) -> bool:
    """Report a picture behind a share link; return False if this visitor or many others have done so.

    A visitor is a keyed hash of network address, browser and picture, so that it says nothing about other pictures.
    Raises TooManyRequests.
    """
    visitor = salted_hmac("report-visitor", f"{generation.id}\n{address}\n{agent}", algorithm="sha256").hexdigest()[:32]
    reported = Report.objects.filter(generation=generation, state=ReportState.OPEN).exclude(visitor="")
    if visitor in reported.values_list("visitor", flat=True) or reported.count() >= MAX_OPEN_OF_VISITORS:
        return False
    report = Report(
        team=generation.team, generation=generation, link=link, visitor=visitor, reason=reason, note=note
    )  # fmt: skip
    return _create(report, network=address)


def hide(*, actor: User, report: Report) -> None:
    """Hide the picture, which settles all its open reports. Raises NotAllowed and ReportAlreadyDecided."""
    with transaction.atomic():
        _decide(actor, report, ReportState.HIDDEN)
        open_ones = Report.objects.filter(generation=report.generation_id, state=ReportState.OPEN)
        open_ones.update(state=ReportState.HIDDEN, decided_at=Now(), decided_by=actor)
        Generation.objects.filter(id=report.generation_id, hidden_at=None).update(hidden_at=Now())
        close_reports(Report.objects.filter(generation=report.generation_id))
        _record(AuditAction.HID_PICTURE, actor, report)


def dismiss(*, actor: User, report: Report) -> None:
    """Settle one report and leave the picture as it is. Raises NotAllowed and ReportAlreadyDecided.

    If there are other open reports of the picture, the managers are notified of the oldest.
    """
    with transaction.atomic():
        _decide(actor, report, ReportState.DISMISSED)
        close_reports(Report.objects.filter(pk=report.pk))
        others = Report.objects.filter(generation=report.generation_id, state=ReportState.OPEN)
        if other := others.select_related("team").order_by("id").first():
            _notify(other)
        _record(AuditAction.DISMISSED_REPORT, actor, report)


def show_again(*, actor: User, report: Report) -> bool:
    """Show a hidden picture again to all who saw it; return False if it is not hidden. Raises NotAllowed."""
    require_verb(actor, report.team, Verb.MODERATE)
    with transaction.atomic():
        hidden = Generation.objects.filter(id=report.generation_id, hidden_at__isnull=False)
        if hidden.update(hidden_at=None) != 1:
            return False
        _record(AuditAction.SHOWED_PICTURE, actor, report)
    return True


def _create(report: Report, *, user: User | None = None, network: str = "") -> bool:
    try:
        with transaction.atomic():
            rate_limits.acquire("report" if user else "visitor_report", user=user, network=network)
            others = Report.objects.filter(generation=report.generation_id, state=ReportState.OPEN).exists()
            report.save(force_insert=True)
            if not others:
                _notify(report)
    except IntegrityError:
        return False  # sent twice at the same time
    audit.log_event(
        "report", picture=str(report.generation_id), actor=user and user.pk, link=report.link_id and str(report.link_id)
    )
    return True


def _notify(report: Report) -> None:
    """Notify the managers, except the reporter; further reports of the same picture are on their page only."""
    team = report.team
    people = team.members.filter(memberships__team=team, memberships__role__in=MODERATORS, is_active=True)
    ids = people.distinct().values_list("pk", flat=True)
    notify_report(report, [id_ for id_ in ids if id_ != report.reporter_id])


def _decide(actor: User, report: Report, state: ReportState) -> None:
    """Set the state by one conditional UPDATE, so that of two managers who decide at once only one succeeds."""
    require_verb(actor, report.team, Verb.MODERATE)
    found = Report.objects.filter(pk=report.pk, state=ReportState.OPEN)
    if found.update(state=state, decided_at=Now(), decided_by=actor) != 1:
        raise ReportAlreadyDecided(_("This report has already been handled."))


def _record(action: AuditAction, actor: User, report: Report) -> None:
    audit.record_event(
        action, actor=actor, subject=report.generation, team=report.team, detail=f"report {report.pk}: {report.reason}"
    )
