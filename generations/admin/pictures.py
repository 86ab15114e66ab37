import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from generations.access import current_user
from generations.admin.filters import Days, OfTeam, of_person
from generations.admin.windows import ReadOnly
from generations.admin.words import NOTHING, link, moment, money, page_of_site, short, window_on
from generations.models import Attempt, Generation, Image
from generations.pipeline.recovery.housekeeping import thumbnail_of
from generations.storage import files

WIDTH = 320
SHOWN_HEIGHT = 56


class Trash(admin.SimpleListFilter):
    """What lies in the trash has indexes of its own, so it is listed on its own; an id finds both."""

    title = "place"
    parameter_name = "place"
    parameters = {"place": ""}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("trash", "In the trash")]

    def choices(self, changelist: Any) -> Any:
        """Of all of them Django would say so; without a word it is the gallery."""
        everything, *others = super().choices(changelist)
        return [{**everything, "display": "In the gallery"}, *others]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "trash":
            return queryset.filter(deleted_at__isnull=False, purged_at=None)
        return queryset if request.GET.get("q") else queryset.filter(deleted_at=None)


@admin.register(Generation)
class GenerationWindow(ReadOnly):
    list_display = ["thumbnail", "words", "team", "whose", "state", "kind", "charged", "queued"]
    list_display_links = ["words"]
    list_filter = [Trash, "state", OfTeam, of_person("author"), Days]
    list_select_related = ["team", "author", "image"]
    by_id = ("id", "attempts")
    by_word = ("attempts__request_id",)
    search_help_text = "The whole id of a picture or of an attempt, or a request id of the provider."
    fieldsets = [
        (None, {"fields": ["thumbnail", "on_site", "state", "reason", "team", "whose", "visibility"]}),
        ("Order", {"fields": ["prompt", "model", "size", "speed", "parameters", "seed", "batch", "ordered_for"]}),
        ("Money, US dollars", {"fields": ["charged", "cost", "cost_estimated", "estimate", "holds", "books"]}),
        ("When", {"fields": ["queued_at", "available_at", "finished_at", "opened_at", "downloaded_at", "deleted_at",
                             "purged_at", "tries"]}),
    ]  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.guarded(self.small_picture)
        return [path("<uuid:generation>/small.webp", view, name="generation_thumbnail"), *super().get_urls()]

    def prepared(self, request: HttpRequest, rows: list[Generation]) -> list[Generation]:
        """Those that the site itself would show her."""
        ids = [row.pk for row in rows]
        seen = set(Generation.objects.visible_to(current_user(request)).filter(id__in=ids).values_list("id", flat=True))
        for row in rows:
            row.page = page_of_site("detail", row.pk) if row.pk in seen else None  # type: ignore[attr-defined]
        return rows

    def small_picture(self, request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
        """The site's own address shows a picture to those alone who may see it there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        image = get_object_or_404(Image, generation=generation, generation__purged_at=None)
        found = thumbnail_of(image, WIDTH)
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

    @admin.display(description="picture")
    def thumbnail(self, row: Generation) -> Any:
        image = getattr(row, "image", None)
        if image is None or row.purged_at:
            return NOTHING
        address = reverse("admin:generation_thumbnail", args=[row.pk])
        window = reverse("admin:generations_generation_change", args=[row.pk])
        shown = format_html(
            '<img class="small-picture" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
            address, short(row.prompt), round(SHOWN_HEIGHT * image.width / image.height), SHOWN_HEIGHT,
        )  # fmt: skip
        return link(getattr(row, "page", None) or window, shown)

    @admin.display(description="prompt")
    def words(self, row: Generation) -> str:
        return short(row.prompt)

    @admin.display(description="queued")
    def queued(self, row: Generation) -> str:
        return moment(row.queued_at)

    @admin.display(description="size, speed")
    def kind(self, row: Generation) -> str:
        return ", ".join(filter(None, (row.size, row.speed))) or NOTHING

    @admin.display(description="author")
    def whose(self, row: Generation) -> Any:
        return window_on("user", row.author_id, row.author and row.author.display_name)

    @admin.display(description="cost")
    def charged(self, row: Generation) -> str:
        return money(row.cost, estimated=row.cost_estimated)

    @admin.display(description="on the site")
    def on_site(self, row: Generation) -> Any:
        page = getattr(row, "page", None)
        return link(page, "its page") if page else "only its team sees it there"

    @admin.display(description="books")
    def books(self, row: Generation) -> Any:
        lists = {"attempts": "attempt", "ledger entries": "ledgerentry"}
        links = [link(f"{reverse(f'admin:generations_{model}_changelist')}?q={row.pk}", word)
                 for word, model in lists.items()]  # fmt: skip
        return format_html("{} · {}", *links)


@admin.register(Attempt)
class AttemptWindow(ReadOnly):
    list_display = ["id", "picture", "n", "state", "charged", "cost_source", "sent_at", "http_status", "request_id"]
    list_filter = ["state", "cost_estimated", Days]
    by_id = ("id", "generation")
    by_word = ("request_id",)
    search_help_text = "The whole id of an attempt or of its picture, or the provider’s request id."
    fields = [
        "picture", "on_site", "n", "state", "reason", "charged", "cost", "cost_estimated", "cost_source", "estimate",
        "hold", "seed", "reported_seed", "sent_at", "answered_at", "finished_at", "http_status", "request_id",
        "generation_seconds", "remaining_credits", "headers", "asks", "asked_at", "ask_at", "ask_error",
    ]  # fmt: skip

    @admin.display(description="picture")
    def picture(self, row: Attempt) -> Any:
        return window_on("generation", row.generation_id)

    @admin.display(description="charged")
    def charged(self, row: Attempt) -> str:
        return money(row.cost, estimated=row.cost_estimated)

    @admin.display(description="on the site")
    def on_site(self, row: Attempt) -> Any:
        address = page_of_site("attempt", row.generation.team.slug, row.generation_id, row.n)
        return link(address, "its page") if address else NOTHING


@admin.register(Image)
class ImageWindow(ReadOnly):
    list_display = ["id", "picture", "format", "width", "height", "size", "sha256", "created_at"]
    by_id = ("generation", "attempt")
    by_word = ("sha256", "path")
    search_help_text = "The whole id of a picture or of an attempt, or the SHA-256 of a file."
    fields = ["picture", "attempt", "path", "format", "width", "height", "size", "sha256", "thumbnails_made",
              "thumbnail_tries", "created_at"]  # fmt: skip

    @admin.display(description="picture")
    def picture(self, row: Image) -> Any:
        return window_on("generation", row.generation_id)
