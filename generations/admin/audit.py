from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from generations.admin.exports import CsvExportAdmin
from generations.admin.filters import DateRangeFilter, TeamFilter, user_filter
from generations.admin.formatting import user_link
from generations.admin.site_pages import team_page
from generations.models import AuditEvent, User
from generations.permissions import Verb


@admin.register(AuditEvent)
class AuditEventAdmin(CsvExportAdmin):
    list_display = ["at", "action", "by", "team", "subject", "detail"]
    list_filter = [TeamFilter, user_filter("actor"), DateRangeFilter, "action"]
    list_select_related = ["actor", "team"]
    user_lookups = ("actor",)
    text_lookups = ("subject",)
    search_help_text = _("Search by subject (such as “user 12”), actor email address, or event ID.")
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

    @admin.display(description=_("action"))
    def action(self, row: AuditEvent) -> str:
        return row.get_action_display()

    @admin.display(description=_("actor"))
    def by(self, row: AuditEvent) -> Any:
        return user_link(row, "actor")

    def page_on_site(self, user: User, row: AuditEvent) -> str | None:
        return team_page(user, row.team, "audit_log", verb=Verb.OWN)
