from typing import Any

from django.contrib import admin

from generations.admin.exports import CsvExportAdmin
from generations.admin.filters import DateRangeFilter, TeamFilter, user_filter
from generations.admin.formatting import format_time, user_link
from generations.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(CsvExportAdmin):
    list_display = ["time", "action", "by", "team", "subject", "detail"]
    list_filter = [TeamFilter, user_filter("actor"), DateRangeFilter, "action"]
    list_select_related = ["actor", "team"]
    user_lookups = ("actor",)
    text_lookups = ("subject",)
    search_help_text = "The subject, as “user 12” or “team 3”; the email address of the actor; the whole id."
    fields = ["at", "action", "by", "team", "subject", "detail"]
    columns = {
        "id": lambda row: row.pk,
        "at": lambda row: row.at,
        "action": lambda row: row.action,
        "actor": lambda row: row.actor_id or row.former_actor,
        "team": lambda row: row.team_id,
        "subject": lambda row: row.subject,
        "detail": lambda row: row.detail,
    }

    @admin.display(description="action")
    def action(self, row: AuditEvent) -> str:
        return row.action

    @admin.display(description="actor")
    def by(self, row: AuditEvent) -> Any:
        return user_link(row, "actor")

    @admin.display(description="at")
    def time(self, row: AuditEvent) -> str:
        return format_time(row.at)
