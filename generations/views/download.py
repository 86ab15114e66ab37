"""A ZIP of pictures as an answer that begins at once."""

import uuid
from collections.abc import Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from generations.models import User
from generations.services.archives import archive


def zip_of(user: User, ids: Sequence[uuid.UUID], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(archive(actor=user, ids=ids), content_type="application/zip")
    file = f"{slugify(name)[:60] or 'pictures'} {timezone.localdate().isoformat()}.zip"
    response["Content-Disposition"] = content_disposition_header(True, file) or ""
    response["Cache-Control"] = "private, no-store"
    # nginx would gather it first otherwise.
    response["X-Accel-Buffering"] = "no"
    return response
