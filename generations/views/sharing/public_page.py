"""The public pages of a share link, without account and session; they are the same for signed-in users."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from generations.access import link_or_404, shared_or_404
from generations.errors import GalleryError, TooManyRequests
from generations.imaging import WIDTHS
from generations.models import Generation, Image, ShareLink, parse_uuid
from generations.queries.provenance.provenance import link_mark
from generations.queries.sharing.share_links import collection_page, cover_of, generation_ids, neighbours_in_link
from generations.services.accounts.sign_in import client_address
from generations.services.generations.archives import MAX_PICTURES
from generations.services.generations.downloads import record_downloads
from generations.services.generations.thumbnails import get_preview, get_thumbnail
from generations.services.sharing import visits
from generations.services.site import audit, rate_limits
from generations.services.site.file_names import size_in_name
from generations.views.generations.image_files import copy, serve
from generations.views.sharing.public_image import (
    PublicCollectionCard,
    PublicImage,
    PublicMetadata,
    card,
    public_image,
    public_images,
    public_metadata,
)
from generations.views.site.disposition import disposition
from generations.views.site.error_pages import limit_reached
from generations.views.site.formatting import pictures
from generations.views.site.rendering import render_page
from generations.views.site.zip_response import shared_zip_of

COOKIE = "share"
CACHING = "private, no-store"
# Nothing on these pages is executed: a prompt or a name that got through the escaping would have no effect.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# The lightbox and the slideshow of a collection are scripts of ours; the page works without them.
SCRIPTED_POLICY = f"{POLICY}; script-src 'self'"
HEADERS = {
    "Cache-Control": CACHING,
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive, noimageindex",
    "Vary": "Cookie",
}
PublicView = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class PublicPicturePage:
    link: PublicMetadata
    picture: PublicImage
    card: PublicCollectionCard | None
    previous_url: str
    next_url: str
    back_url: str


@dataclass(frozen=True)
class PublicCollectionPage:
    link: PublicMetadata
    pictures: list[PublicImage]
    card: PublicCollectionCard | None
    zip_url: str
    start_url: str
    older_url: str
    # How many there are; empty when this page does not have all of them.
    count: str


@dataclass(frozen=True)
class PasswordPage:
    error: str


def public_view(view: PublicView) -> PublicView:
    """Pass the link instead of its token to the view; every 404 has the same bytes, whatever the cause."""

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, token: str, **arguments: Any) -> HttpResponseBase:
        try:
            response = view(request, link_or_404(token), **arguments)
        except Http404:
            response = render(request, "sharing/public_not_found.html", status=404)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


@login_not_required
def not_found(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer every unknown address below /s/ as a link that has ended."""
    if "/" not in rest:
        return redirect("public_page", token=rest)
    return public_view(_missing)(request, token=rest.partition("/")[0])


def _missing(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@public_view
def page(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """Show the picture or the first page of the collection; the only view that counts as a visit."""
    if not is_open(request, link):
        return password_page(request, link)
    if link.collection_id is None:
        response = _picture(request, link, shared_or_404(link, link.generation_id or uuid.UUID(int=0)))
    else:
        response = _collection(request, link)
    if request.method == "GET" and not request.GET.get("before"):
        agent = request.headers.get("User-Agent", "")
        visits.record_visit(link=link, address=client_address(request), agent=agent)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@public_view
def picture(request: HttpRequest, link: ShareLink, generation: uuid.UUID) -> HttpResponseBase:
    # Without the password no page reveals which pictures exist.
    if not is_open(request, link):
        return password_page(request, link)
    return _picture(request, link, shared_or_404(link, generation))


@require_safe
@public_view
def thumbnail(request: HttpRequest, link: ShareLink, generation: uuid.UUID, width: int) -> HttpResponseBase:
    if width not in WIDTHS:
        raise Http404
    image = _image(request, link, generation)
    found = get_thumbnail(image, width)
    if found is None:
        raise Http404
    return _for_other_sites(link, serve(request, found.path, "image/webp", f'"{image.sha256[:32]}-{width}"', CACHING))


@require_safe
@public_view
def preview(request: HttpRequest, link: ShareLink, generation: uuid.UUID) -> HttpResponseBase:
    """Return the picture of the card that chats show beside a link: a JPEG of at most 300 KB."""
    image = _image(request, link, generation)
    name = get_preview(image)
    if name is None:
        raise Http404
    return _for_other_sites(link, serve(request, name, "image/jpeg", f'"{image.sha256[:32]}-preview"', CACHING))


def _for_other_sites(link: ShareLink, response: HttpResponseBase) -> HttpResponseBase:
    """Let pages of other sites show the picture: a chat in a browser loads it from its own page.

    With a password the picture stays on this site's pages, since only a browser that was let in gets it.
    """
    if not link.password:
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@public_view
def original(request: HttpRequest, link: ShareLink, generation: uuid.UUID) -> HttpResponseBase:
    """Return a marked copy named after its id, since prompt and seed are shared only if team and link allow it."""
    if not link.allow_download:
        raise Http404
    image = _image(request, link, generation)
    audit.log_event("download", link=str(link.id), picture=str(generation))
    response = copy(request, image, link_mark(image.generation, link), CACHING)
    if request.method == "GET":
        record_downloads([generation])
    name = f"picture-{str(generation)[-12:]} {size_in_name(image)}.{image.format.replace('jpeg', 'jpg')}"
    response["Content-Disposition"] = disposition(name)
    return _for_other_sites(link, response)


@require_safe
@public_view
def archive(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """Return the whole collection as a ZIP of marked copies."""
    if not link.allow_download or link.collection is None or not is_open(request, link):
        raise Http404
    ids = generation_ids(link, most=MAX_PICTURES + 1)
    if not ids:
        raise Http404
    try:
        rate_limits.acquire("shared_zip", network=client_address(request))
        return shared_zip_of(link, ids, link.collection.name)
    except TooManyRequests as error:
        answer = HttpResponse(f"{error.message}\n", content_type="text/plain; charset=utf-8")
        return limit_reached(answer, error.until)
    except GalleryError:
        text = _("This collection is too large for one ZIP. Open its pictures and download them one by one.")
        return HttpResponse(f"{text}\n", status=413, content_type="text/plain; charset=utf-8")


def _image(request: HttpRequest, link: ShareLink, generation: uuid.UUID) -> Image:
    if not is_open(request, link):
        raise Http404
    return shared_or_404(link, generation).image


def is_open(request: HttpRequest, link: ShareLink) -> bool:
    return not link.password or visits.is_valid_key(link, request.COOKIES.get(COOKIE, ""))


def password_page(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """Ask for the password; the page reveals nothing about the shared pictures."""
    error, status = "", 200
    if request.method == "POST":
        password = request.POST.get("password", "").replace("\0", "")
        try:
            if visits.try_password(link=link, password=password, address=client_address(request)):
                return _let_in(request, link)
            error, status = _("Wrong password. Check capitals and spaces, or ask the sender."), 403
        except visits.TooManyTries:
            error, status = _("Too many wrong passwords. Try again in 10 minutes."), 429
    response = render_page(request, "sharing/public_password.html", PasswordPage(error), status=status)
    # With no-referrer a browser sends the form with `Origin: null`, which the CSRF check refuses.
    response["Referrer-Policy"] = "same-origin"
    return response


def _let_in(request: HttpRequest, link: ShareLink) -> HttpResponse:
    response = redirect(request.path)
    response.set_cookie(
        COOKIE, visits.new_key(link), max_age=visits.KEY_SECONDS, path=base_of(request), secure=request.is_secure(),
        httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


def _picture(request: HttpRequest, link: ShareLink, row: Generation) -> HttpResponse:
    base = base_of(request)
    before, after = neighbours_in_link(link, row) if link.collection_id else (None, None)
    page = PublicPicturePage(
        link=public_metadata(link),
        picture=public_image(row, link, base),
        card=card(request, link, row, base, f"{base}{row.id}/" if link.collection_id else base),
        previous_url=f"{base}{before.id}/" if before else "",
        next_url=f"{base}{after.id}/" if after else "",
        back_url=base if link.collection_id else "",
    )
    return render_page(request, "sharing/public_picture.html", page)


def _collection(request: HttpRequest, link: ShareLink) -> HttpResponse:
    base = base_of(request)
    before = parse_uuid(request.GET.get("before", ""))
    found = collection_page(link, before)
    face = cover_of(link) or next(iter(found.rows), None)
    whole = not before and not found.older
    page = PublicCollectionPage(
        link=public_metadata(link),
        pictures=public_images(found.rows, link, base),
        card=card(request, link, face, base, base) if face else None,
        zip_url=f"{base}zip" if link.allow_download and found.rows else "",
        start_url=base if before else "",
        older_url=f"{base}?before={found.older}" if found.older else "",
        count=pictures(len(found.rows)) if whole and found.rows else "",
    )
    response = render_page(request, "sharing/public_collection.html", page)
    response["Content-Security-Policy"] = SCRIPTED_POLICY
    return response


def base_of(request: HttpRequest) -> str:
    """Return /s/<token>/ from the requested path; the token itself is stored nowhere."""
    return "/".join(request.path.split("/")[:3]) + "/"
