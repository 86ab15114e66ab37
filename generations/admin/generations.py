import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from generations.access import current_user
from generations.admin.base import ReadOnlyAdmin
from generations.admin.filters import DateRangeFilter, TeamFilter, user_filter
from generations.admin.formatting import (
    EMPTY_CELL,
    admin_link,
    format_money,
    link,
    short_id,
    truncate,
    user_link,
)
from generations.admin.site_pages import picture_page
from generations.models import Attempt, Generation, Image, User
from generations.services.generations.thumbnails import get_thumbnail
from generations.storage import files

THUMBNAIL_WIDTH = 320
THUMBNAIL_HEIGHT = 56  # on the page


class TrashFilter(admin.SimpleListFilter):
    """Lists the trash or the gallery, which have indexes of their own; a search finds both."""

    title = _("location")
    parameter_name = "place"
    parameters = {"place": ""}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("trash", _("Trash"))]

    def choices(self, changelist: Any) -> Any:
        """Name the choice without a parameter: it is the gallery, where Django would say “All”."""
        everything, *others = super().choices(changelist)
        return [{**everything, "display": _("Gallery")}, *others]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "trash":
            return queryset.filter(deleted_at__isnull=False, purged_at=None)
        return queryset if request.GET.get("q") else queryset.filter(deleted_at=None)


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ["thumbnail", "prompt_start", "team", "author_link", "state", "kind", "charged", "queued_at"]
    list_display_links = ["prompt_start"]
    list_filter = [TrashFilter, "state", TeamFilter, user_filter("author"), DateRangeFilter]
    list_select_related = ["team", "author", "image"]
    id_lookups = ("id", "attempts")
    text_lookups = ("attempts__request_id",)
    search_help_text = _("Search by exact picture or attempt ID, or provider request ID.")
    fieldsets = [
        (None, {"fields": ["thumbnail", "state", "reason", "team", "author_link", "visibility"]}),
        (_("Request"), {"fields": ["prompt", "model", "size", "speed", "parameters", "seed", "batch", "ordered_for",
                                   "cost_centre"]}),
        (_("Cost (US dollars)"), {"fields": ["charged", "cost", "cost_estimated", "estimate", "hold_count",
                                             "records"]}),
        (_("Dates"), {"fields": ["queued_at", "available_at", "finished_at", "opened_at", "downloaded_at", "deleted_at",
                             "purged_at", "tries"]}),
    ]  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.wrap_view(self.small_picture)
        return [path("<uuid:generation>/small.webp", view, name="generation_thumbnail"), *super().get_urls()]

    def prepare_rows(self, request: HttpRequest, rows: list[Generation]) -> list[Generation]:
        """Add the address of the page on the site, where the user may see it there."""
        ids = [row.pk for row in rows]
        seen = set(Generation.objects.visible_to(current_user(request)).filter(id__in=ids).values_list("id", flat=True))
        for row in rows:
            row.page = reverse("detail", args=[row.pk]) if row.pk in seen else None  # type: ignore[attr-defined]
        return rows

    def page_on_site(self, user: User, row: Generation) -> str | None:
        return row.page  # type: ignore[attr-defined,no-any-return]  # set above

    def small_picture(self, request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
        """Serve a thumbnail; the site's own address is limited to those who may see the picture there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        image = get_object_or_404(Image, generation=generation, generation__purged_at=None)
        found = get_thumbnail(image, THUMBNAIL_WIDTH)
        try:
            content = files.path_of(found.path).read_bytes() if found else b""
        except (FileNotFoundError, ValueError):
            content = b""
        if not content:
            raise Http404
        headers = {
            "Cache-Control": "private, max-age=86400", "Vary": "Cookie", "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }  # fmt: skip
        return HttpResponse(content, content_type="image/webp", headers=headers)

    @admin.display(description=_("picture"))
    def thumbnail(self, row: Generation) -> Any:
        image = getattr(row, "image", None)
        if image is None or row.purged_at:
            return EMPTY_CELL
        address = reverse("admin:generation_thumbnail", args=[row.pk])
        admin_page = reverse("admin:generations_generation_change", args=[row.pk])
        shown = format_html(
            '<img class="small-picture" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
            address, truncate(row.prompt), round(THUMBNAIL_HEIGHT * image.width / image.height), THUMBNAIL_HEIGHT,
        )  # fmt: skip
        return link(getattr(row, "page", None) or admin_page, shown)

    @admin.display(description=_("prompt"))
    def prompt_start(self, row: Generation) -> str:
        return truncate(row.prompt)

    @admin.display(description=_("size, speed"))
    def kind(self, row: Generation) -> str:
        return ", ".join(filter(None, (row.size, row.speed))) or EMPTY_CELL

    @admin.display(description=_("author"))
    def author_link(self, row: Generation) -> Any:
        return user_link(row, "author")

    @admin.display(description=_("cost"))
    def charged(self, row: Generation) -> str:
        return format_money(row.cost, estimated=row.cost_estimated)

    @admin.display(description=_("related"))
    def records(self, row: Generation) -> Any:
        lists = (_("Attempts"), "attempt"), (_("Ledger entries"), "ledgerentry")
        links = [link(f"{reverse(f'admin:generations_{model}_changelist')}?q={row.pk}", word)
                 for word, model in lists]  # fmt: skip
        return format_html("{} · {}", *links)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = [
        "short",
        "picture",
        "number",
        "state",
        "charged",
        "sent_at",
        "http_status",
        "request_id",
    ]
    list_filter = ["state", "cost_estimated", DateRangeFilter]
    id_lookups = ("id", "generation")
    text_lookups = ("request_id",)
    search_help_text = _("Search by exact attempt or picture ID, or provider request ID.")
    fields = [
        "picture", "number", "state", "reason", "charged", "cost", "cost_estimated", "cost_source",
        "estimate", "hold_number", "seed", "reported_seed", "sent_at", "answered_at", "finished_at", "http_status",
        "request_id", "generation_seconds", "remaining_credits", "headers", "lookup_count", "last_lookup_at",
        "next_lookup_at", "lookup_error",
    ]  # fmt: skip

    def page_on_site(self, user: User, row: Attempt) -> str | None:
        if not picture_page(user, row.generation_id):
            return None
        return reverse("attempt", args=[row.generation.team.slug, row.generation_id, row.number])

    @admin.display(description=_("attempt"))
    def short(self, row: Attempt) -> str:
        return short_id(row.pk)

    @admin.display(description=_("picture"))
    def picture(self, row: Attempt) -> Any:
        return admin_link("generation", row.generation_id, short_id(row.generation_id))

    @admin.display(description=_("charged"))
    def charged(self, row: Attempt) -> str:
        return format_money(row.cost, estimated=row.cost_estimated)


@admin.register(Image)
class ImageAdmin(ReadOnlyAdmin):
    list_display = ["id", "picture", "format", "width", "height", "size", "sha256_start", "created_at"]
    id_lookups = ("generation", "attempt")
    text_lookups = ("sha256", "path")
    search_help_text = _("Search by exact picture or attempt ID, or SHA-256 of a file.")
    fields = ["picture", "attempt", "path", "format", "width", "height", "size", "sha256", "thumbnails_made",
              "thumbnail_tries", "created_at"]  # fmt: skip

    def page_on_site(self, user: User, row: Image) -> str | None:
        return picture_page(user, row.generation_id)

    @admin.display(description=_("SHA-256"))
    def sha256_start(self, row: Image) -> str:
        return f"{row.sha256[:12]}…"

    @admin.display(description=_("picture"))
    def picture(self, row: Image) -> Any:
        return admin_link("generation", row.generation_id, short_id(row.generation_id))
