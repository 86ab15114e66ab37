"""A streamed ZIP of pictures."""

import uuid
from collections.abc import Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone

from generations.models import ShareLink, User
from generations.services.generations.archives import shared_zip_archive, zip_archive
from generations.services.site.file_names import words_in_name
from generations.views.site.disposition import disposition


def zip_of(user: User, ids: Sequence[uuid.UUID], name: str) -> StreamingHttpResponse:
    response = _zip(zip_archive(actor=user, ids=ids), f"{words_in_name(name, 'pictures')} {timezone.localdate()}")
    # Without it nginx would buffer the file first.
    response["X-Accel-Buffering"] = "no"
    return response


def shared_zip_of(link: ShareLink, ids: Sequence[uuid.UUID], name: str) -> StreamingHttpResponse:
    """Stream a ZIP that nginx may buffer, so that a stranger who reads slowly blocks none of our threads."""
    return _zip(shared_zip_archive(link=link, ids=ids), words_in_name(name, "pictures"))


def _zip(parts: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(parts, content_type="application/zip")
    response["Content-Disposition"] = disposition(f"{name}.zip")
    response["Cache-Control"] = "private, no-store"
    return response
