"""A streamed ZIP of pictures."""

import uuid
from collections.abc import Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from generations.models import ShareLink, User
from generations.services.generations.archives import shared_zip_archive, zip_archive


def zip_of(user: User, ids: Sequence[uuid.UUID], name: str) -> StreamingHttpResponse:
    response = _zip(zip_archive(actor=user, ids=ids), f"{slugify(name)[:60] or 'pictures'} {timezone.localdate()}")
    # Without it nginx would buffer the file first.
    response["X-Accel-Buffering"] = "no"
    return response


def shared_zip_of(link: ShareLink, ids: Sequence[uuid.UUID], name: str) -> StreamingHttpResponse:
    """Stream a ZIP that nginx may buffer, so that a stranger who reads slowly blocks none of our threads."""
    return _zip(shared_zip_archive(link=link, ids=ids), slugify(name)[:60] or "pictures")


def _zip(parts: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.zip") or ""
    response["Cache-Control"] = "private, no-store"
    return response
