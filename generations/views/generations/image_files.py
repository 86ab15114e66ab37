"""Image files, served only to users who may see them."""

import uuid
from pathlib import Path
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generations.access import current_user, generation_or_404
from generations.conf import conf
from generations.errors import UnusableImage
from generations.imaging import WIDTHS, Mark
from generations.models import Generation, Image, Visibility
from generations.queries.provenance.provenance import download_mark
from generations.services.generations.downloads import record_downloads
from generations.services.generations.thumbnails import get_thumbnail
from generations.services.site import audit
from generations.services.site.file_names import size_in_name, words_in_name
from generations.storage import files
from generations.storage.copies import copy_of
from generations.views.site.disposition import disposition

# The address names one picture for ever, so the browser may keep it; caches between may not.
CACHING = "private, max-age=31536000, immutable"
# The browser asks again each time. For copies, because their metadata follows the team's choice, which may change. For
# private pictures, because a browser keeps decoded pictures in memory after a sign-out, whatever `Vary` says.
CHECKED_CACHING = "private, no-cache"
MISSING = gettext_lazy("This picture's file is missing on this site.")
DAMAGED = gettext_lazy("This picture's file is damaged on this site.")


@require_safe
def original(request: HttpRequest, generation: uuid.UUID) -> HttpResponseBase:
    """Return the provider's bytes; with `?download` return an attachment, a copy that is marked as AI-generated."""
    row, image = _image_or_404(request, generation)
    if "download" in request.GET:
        audit.log_event("download", actor=current_user(request).pk, picture=str(row.id))
        response = copy(request, image, download_mark(row))
        if request.method == "GET":
            record_downloads([row.id])
    else:
        response = serve(request, image.path, image.content_type, f'"{image.sha256}"', _caching(row))
    response["Content-Disposition"] = disposition(_file_name(row, image), inline="download" not in request.GET)
    return response


@require_safe
def thumbnail(request: HttpRequest, generation: uuid.UUID, width: int) -> HttpResponseBase:
    if width not in WIDTHS:
        raise Http404(_("Thumbnails are %(widths)s pixels wide.") % {"widths": ", ".join(map(str, WIDTHS))})
    row, image = _image_or_404(request, generation)
    found = get_thumbnail(image, width)
    if found is None:
        raise Http404(_("This picture's thumbnail can't be created. The original may still exist."))
    return serve(request, found.path, "image/webp", f'"{image.sha256[:32]}-{width}-marked"', _caching(row))


def _caching(row: Generation) -> str:
    return CHECKED_CACHING if row.visibility == Visibility.PRIVATE or row.hidden_at else CACHING


def copy(request: HttpRequest, image: Image, mark: Mark, caching: str = CHECKED_CACHING) -> HttpResponseBase:
    """Return the picture with this mark in it.

    The copy is made for each request, because a stored file would keep an earlier choice of the team.
    """
    # Two signatures of the same bytes differ, so the etag of signed copies is weak.
    etag = f'W/"{image.sha256}-{mark.digest}-signed"' if conf().signs_copies else f'"{image.sha256}-{mark.digest}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(_marked_or_404(image, mark), content_type=image.content_type)
    return _guarded(response, etag, caching)


def _marked_or_404(image: Image, mark: Mark) -> bytes:
    try:
        return b"".join(copy_of(image, mark))
    except FileNotFoundError:
        raise Http404(str(MISSING)) from None
    except UnusableImage:
        raise Http404(str(DAMAGED)) from None


def _file_name(row: Generation, image: Image) -> str:
    mark = row.id if row.seed is None else row.seed
    return f"{words_in_name(row.prompt, 'picture')} {mark} {size_in_name(image)}.{image.format.replace('jpeg', 'jpg')}"


def _image_or_404(request: HttpRequest, generation: uuid.UUID) -> tuple[Generation, Image]:
    row = generation_or_404(current_user(request), generation)
    image = getattr(row, "image", None)
    if not isinstance(image, Image):
        raise Http404(_("There's no picture here yet."))
    return row, image


def serve(request: HttpRequest, name: str, content_type: str, etag: str, caching: str = CACHING) -> HttpResponseBase:
    """Return a stored file whose `name` the caller has authorised. Raises Http404 when it does not exist."""
    response: HttpResponseBase
    path = _path_or_404(name)
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    elif conf().accel_location:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = quote(f"{conf().accel_location.rstrip('/')}/{name}")
    else:
        response = _from_disk(path, content_type)
    return _guarded(response, etag, caching)


def _guarded(response: HttpResponseBase, etag: str, caching: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = caching
    response["Vary"] = "Cookie"
    # A picture that is opened on its own must not execute anything, whatever its bytes are.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _path_or_404(name: str) -> Path:
    try:
        return files.path_of(name)
    except ValueError:
        # The row was tampered with; nginx must not receive such a name either.
        raise Http404(str(MISSING)) from None


def _from_disk(path: Path, content_type: str) -> HttpResponseBase:
    try:
        response = FileResponse(path.open("rb"), content_type=content_type)
    except FileNotFoundError:
        raise Http404(str(MISSING)) from None
    # The storage name must not leak, least of all to visitors of a share link.
    del response["Content-Disposition"]
    return response
