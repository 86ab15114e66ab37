"""Writing, changing and deleting comments; each view redirects to the page of the generation."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from generations.access import NOT_ALLOWED, comment_or_404, current_user, generation_or_404, require
from generations.errors import GalleryError
from generations.models import Generation
from generations.permissions import Verb, may_change_comment, may_delete_comment, role_of
from generations.services.activity import comments as service
from generations.views.site.requests import keep_text, require_post


@require_post
def write(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    require(user, row.team, Verb.COMMENT)
    text = request.POST.get("text", "")
    try:
        unknown = service.write(actor=user, generation=row, text=text)[1]
    except GalleryError as error:
        return _refused(request, row, text, error)
    _say_unknown(request, unknown)
    return _back(row)


@require_post
def change(request: HttpRequest, generation: uuid.UUID, comment: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = comment_or_404(user, generation, comment)
    if not may_change_comment(role_of(user, found.generation.team), user, found):
        raise PermissionDenied(NOT_ALLOWED)
    text = request.POST.get("text", "")
    try:
        unknown = service.change(actor=user, comment=found, text=text)
    except GalleryError as error:
        return _refused(request, found.generation, text, error)
    _say_unknown(request, unknown)
    return _back(found.generation)


@require_post
def delete(request: HttpRequest, generation: uuid.UUID, comment: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = comment_or_404(user, generation, comment)
    if not may_delete_comment(role_of(user, found.generation.team), user, found):
        raise PermissionDenied(NOT_ALLOWED)
    service.delete(actor=user, comment=found)
    messages.success(request, _("Comment deleted."))
    return _back(found.generation)


def _refused(request: HttpRequest, row: Generation, text: str, error: GalleryError) -> HttpResponse:
    keep_text(request, text)
    messages.error(request, error.message)
    return _back(row)


def _say_unknown(request: HttpRequest, unknown: list[str]) -> None:
    if unknown:
        names = ", ".join(f"@{word}" for word in unknown[:5])
        text = _("Comment saved. %(names)s didn't match anyone who can see this picture, so no one was notified.")
        messages.info(request, text % {"names": names})


def _back(row: Generation) -> HttpResponse:
    return redirect(f"{reverse('detail', args=[row.id])}#comments")
