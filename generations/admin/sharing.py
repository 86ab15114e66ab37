from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generations.admin.base import ReadOnlyAdmin
from generations.admin.filters import DateRangeFilter, TeamFilter, user_filter
from generations.admin.formatting import admin_link, short_id
from generations.admin.site_pages import picture_page, team_page
from generations.models import ShareLink, User


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    """Shows neither the address nor what it could be guessed from: no list of fields has `token_hash` or `password`."""

    list_display = ["created_at", "team", "creator", "shows", "is_open", "expires_at", "has_password", "allow_download"]
    list_filter = [TeamFilter, user_filter("creator"), DateRangeFilter]
    list_select_related = ["team", "creator", "collection"]
    id_lookups = ("id", "generation", "collection")
    user_lookups = ("creator",)
    search_help_text = _("Search by exact link, picture or collection ID, or creator email address.")
    fields = ["created_at", "team", "creator", "shows", "is_open", "expires_at", "has_password", "allow_download",
              "show_prompt", "show_names", "revoked_at", "revoked_by"]  # fmt: skip

    def page_on_site(self, user: User, row: ShareLink) -> str | None:
        if row.collection_id:
            return team_page(user, row.team, "collection", row.collection_id)
        return picture_page(user, row.generation_id)

    @admin.display(description=_("shows"))
    def shows(self, row: ShareLink) -> Any:
        if row.generation_id:
            text = _("picture %(id)s") % {"id": short_id(row.generation_id)}
            return admin_link("generation", row.generation_id, text)
        return _("collection “%(name)s”") % {"name": row.collection}

    @admin.display(description=_("active"), boolean=True)
    def is_open(self, row: ShareLink) -> bool:
        return row.revoked_at is None and (row.expires_at is None or row.expires_at > timezone.now())

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, row: ShareLink) -> bool:
        return bool(row.password)
