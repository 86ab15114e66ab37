"""Creating a share link to a picture or a collection, and changing its options."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.access import (
    collection_or_404,
    current_user,
    generation_or_404,
    own_link_or_404,
    require,
    team_or_404,
)
from generations.errors import GalleryError
from generations.models import Collection, Generation, ShareLink, User
from generations.permissions import Verb
from generations.services.sharing import share_links
from generations.services.sharing.share_links import UNFINISHED, is_shareable
from generations.views.sharing.share_panel import Done, change_form, new_form, render_share, share_url
from generations.views.site.requests import is_htmx, require_post


@require_http_methods(["GET", "HEAD", "POST"])
def share_generation(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    require(user, row.team, Verb.SHARE)
    if not is_shareable(row):
        messages.error(request, UNFINISHED)
        return redirect("detail", row.id)
    return _answer(request, user, row)


@require_http_methods(["GET", "HEAD", "POST"])
def share_collection(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    require(user, found, Verb.SHARE)
    return _answer(request, user, collection_or_404(user, team, collection))


@require_post
def change_link(request: HttpRequest, team: str, link: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    require(user, found, Verb.SHARE)
    changed = own_link_or_404(user, team, link)
    thing = _shared(user, team, changed)
    form = change_form(changed, user, request.POST)
    if form.is_valid():
        try:
            share_links.change_link(actor=user, link=changed, terms=form.terms)
        except GalleryError as error:
            form.refuse(error.message)
        else:
            return _done(request, user, thing, changed.pk, Done.SAVED)
    return render_share(request, user, thing, form=form, link=changed)


def _answer(request: HttpRequest, user: User, thing: Generation | Collection) -> HttpResponse:
    if request.method != "POST":
        return render_share(request, user, thing)
    form = new_form(thing, user, request.POST)
    if form.is_valid():
        try:
            link, _token = share_links.create_link(actor=user, thing=thing, terms=form.terms)
        except GalleryError as error:
            form.refuse(error.message)
        else:
            return _done(request, user, thing, link.pk, Done.CREATED)
    return render_share(request, user, thing, form=form)


def _done(
    request: HttpRequest, user: User, thing: Generation | Collection, link: uuid.UUID, done: Done
) -> HttpResponse:
    if is_htmx(request):
        return render_share(request, user, thing, link=own_link_or_404(user, thing.team.slug, link), done=done)
    messages.success(request, _("Link created.") if done == Done.CREATED else _("Link updated."))
    return redirect(share_url(thing))


def _shared(user: User, slug: str, link: ShareLink) -> Generation | Collection:
    """Return what the link shows, 404 if the user can no longer see it."""
    if link.generation_id:
        return generation_or_404(user, link.generation_id)
    return collection_or_404(user, slug, link.collection_id or link.pk)
