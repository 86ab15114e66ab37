from typing import Any

from django.contrib import admin
from django.utils import timezone

from generations.admin.filters import Days, OfTeam, of_person
from generations.admin.windows import ReadOnly
from generations.admin.words import ending, window_on
from generations.models import ShareLink


@admin.register(ShareLink)
class ShareLinkWindow(ReadOnly):
    """Neither the address nor what it could be guessed from: `token_hash` and `password` are in no list of fields."""

    list_display = ["created_at", "team", "creator", "shows", "is_open", "expires_at", "has_password", "allow_download"]
    list_filter = [OfTeam, of_person("creator"), Days]
    list_select_related = ["team", "creator", "collection"]
    by_id = ("id", "generation", "collection")
    by_person = ("creator",)
    search_help_text = "The whole id of a link, of a picture or of a collection, or the address of a person."
    fields = ["created_at", "team", "creator", "shows", "is_open", "expires_at", "has_password", "allow_download",
              "show_prompt", "show_names", "revoked_at", "revoked_by"]  # fmt: skip

    @admin.display(description="shows")
    def shows(self, row: ShareLink) -> Any:
        if row.generation_id:
            return window_on("generation", row.generation_id, f"picture {ending(row.generation_id)}")
        return f"collection “{row.collection}”"

    @admin.display(description="open", boolean=True)
    def is_open(self, row: ShareLink) -> bool:
        return row.revoked_at is None and (row.expires_at is None or row.expires_at > timezone.now())

    @admin.display(description="password", boolean=True)
    def has_password(self, row: ShareLink) -> bool:
        return bool(row.password)
