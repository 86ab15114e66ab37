"""Team settings for the provenance details in copies."""

from django.db import transaction

from generations.models import AuditAction, Team, User
from generations.services.site import audit


@transaction.atomic
def set_provenance_details(*, actor: User, team: Team, in_downloads: bool, in_shared_copies: bool) -> None:
    """Set whether new copies contain prompt and parameters; copies that were downloaded already do not change."""
    Team.objects.filter(pk=team.pk).update(prompt_in_downloads=in_downloads, prompt_in_shared_copies=in_shared_copies)
    yes_no = {True: "yes", False: "no"}
    chosen = f"in downloads: {yes_no[in_downloads]}, in shared pictures: {yes_no[in_shared_copies]}"
    audit.record_event(AuditAction.CHOSE_WORDS, actor=actor, subject=team, team=team, detail=chosen)
