from django.contrib import admin

from generations.admin.exports import Exported
from generations.admin.filters import Days, OfTeam, of_person
from generations.admin.words import moment
from generations.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventWindow(Exported):
    list_display = ["when", "what", "actor", "team", "subject", "detail"]
    list_filter = [OfTeam, of_person("actor"), Days, "deed"]
    list_select_related = ["actor", "team"]
    by_person = ("actor",)
    by_word = ("subject",)
    search_help_text = "Whom or what it was done to, as “user 12” or “team 3”; the address of who did it; the whole id."
    fields = ["at", "deed", "actor", "team", "subject", "detail"]
    columns = {
        "id": lambda row: row.pk,
        "at": lambda row: row.at.isoformat(),
        "deed": lambda row: row.deed,
        "actor": lambda row: row.actor_id,
        "team": lambda row: row.team_id,
        "subject": lambda row: row.subject,
        "detail": lambda row: row.detail,
    }

    @admin.display(description="deed")
    def what(self, row: AuditEvent) -> str:
        return row.deed

    @admin.display(description="at")
    def when(self, row: AuditEvent) -> str:
        return moment(row.at)
