"""Team settings for the provenance details in copies."""

from django.db import transaction
from django.utils.translation import gettext as _

from generations.models import AuditAction, Team, User
from generations.services.site import audit


@transaction.atomic
def set_provenance_details(*, actor: User, team: Team, in_downloads: bool, in_shared_copies: bool) -> None:
    """Set whether new copies contain prompt and parameters; copies that were downloaded already do not change."""
    Team.objects.filter(pk=team.pk).update(prompt_in_downloads=in_downloads, prompt_in_shared_copies=in_shared_copies)
    yes_no = {True: _("yes"), False: _("no")}
    chosen = _("in downloads: %(downloads)s, in shared pictures: %(shared)s") % {
        "downloads": yes_no[in_downloads], "shared": yes_no[in_shared_copies],
    }  # fmt: skip
    audit.record_event(AuditAction.CHOSE_WORDS, actor=actor, subject=team, team=team, detail=chosen)
