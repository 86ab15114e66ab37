"""Creating a share link, beside the picture or the collection that it shows."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from generations.access import collection_or_404, current_user, generation_or_404, require, team_or_404
from generations.errors import GalleryError
from generations.forms.composer import ratio_class
from generations.forms.sharing import ShareForm
from generations.models import Collection, Generation, User, Visibility
from generations.permissions import Verb, allows, role_of
from generations.queries.collections.collections import cover_images
from generations.queries.sharing.share_links import (
    LINKS_A_PAGE,
    MAX_COUNTED,
    is_seen_by_link,
    links_to,
    private_in,
)
from generations.queries.site.keyset import Cursor, page
from generations.services.sharing.share_links import UNFINISHED, create_link, is_shareable
from generations.views.cards.cards import image_of, srcset
from generations.views.sharing.link_rows import ShareLinkRow, share_link_rows
from generations.views.site.formatting import number
from generations.views.site.qr_codes import qr_address
from generations.views.site.rendering import render_page
from generations.views.site.requests import absolute_url, set_team

LABELS = {
    "allow_download": gettext_lazy("Allow download"),
    "show_prompt": gettext_lazy("Show prompt"),
    "show_names": gettext_lazy("Show names"),
}
HELP = {
    "allow_download": gettext_lazy("Visitors can download the original. Otherwise they see a preview."),
    "show_prompt": gettext_lazy("Show the prompt on the page and in link previews."),
    "show_names": gettext_lazy("Show the creator's name and yours."),
}


@dataclass(frozen=True)
class SharedImage:
    """The picture that stands for what is shared."""

    src: str
    srcset: str
    width: int
    height: int
    placeholder: str
    ratio_class: str


@dataclass(frozen=True)
class SharedThing:
    """What is shared, and who sees it now; `private` is a sentence about private pictures in a collection."""

    title: str
    is_collection: bool
    seen_by: str
    private: str
    image: SharedImage | None


@dataclass(frozen=True)
class CreatedLink:
    """A new link, whose address is in this answer and nowhere else."""

    url: str
    qr: str
    password: bool


@dataclass(frozen=True)
class LinkSwitch:
    name: str
    label: str
    help: str
    checked: bool


@dataclass(frozen=True)
class SharePage:
    thing: SharedThing
    made: CreatedLink | None
    form: ShareForm
    switches: list[LinkSwitch]
    lines: list[ShareLinkRow]
    everybodys: bool
    back_url: str
    back_label: str


@require_http_methods(["GET", "HEAD", "POST"])
def share_generation(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    require(user, row.team, Verb.SHARE)
    if not is_shareable(row):
        messages.error(request, UNFINISHED)
        return redirect("detail", row.id)
    back = reverse("detail", args=[row.id])
    return _answer(request, user, row, row, back)


@require_http_methods(["GET", "HEAD", "POST"])
def share_collection(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    require(user, found, Verb.SHARE)
    thing = collection_or_404(user, team, collection)
    back = reverse("collection", args=[found.slug, thing.pk])
    face = cover_images([thing.id], user).get(thing.id)
    return _answer(request, user, thing, face, back)


def _answer(
    request: HttpRequest, user: User, thing: Generation | Collection, face: Generation | None, back: str
) -> HttpResponse:
    """Render the form and the new link, whose address is in this answer and nowhere else; so there is no redirect."""
    set_team(request, thing.team)
    role = role_of(user, thing.team)
    manages = allows(role, Verb.SHARE_ANY)
    form = ShareForm(request.POST if request.method == "POST" else None, may_never=manages)
    made = _make(request, user, thing, form) if form.is_bound else None
    rows = page(links_to(thing, user), Cursor(), LINKS_A_PAGE).rows
    shown = SharePage(
        thing=_thing(thing, face, user),
        made=made,
        form=ShareForm(None, may_never=manages) if made else form,
        switches=_switches(form, made),
        lines=share_link_rows(rows, thing.team, user, role),
        everybodys=manages,
        back_url=back,
        back_label=_("Back to the collection") if isinstance(thing, Collection) else _("Back to the picture"),
    )
    refused = form.is_bound and not form.is_valid()
    return render_page(request, "sharing/create_link.html", shown, status=422 if refused else 200)


def _make(request: HttpRequest, user: User, thing: Generation | Collection, form: ShareForm) -> CreatedLink | None:
    if not form.is_valid():
        return None
    try:
        link, token = create_link(actor=user, thing=thing, terms=form.terms)
    except GalleryError as error:
        form.refuse(error.message)
        return None
    url = absolute_url(request, reverse("public_page", args=[token]))
    return CreatedLink(url, qr_address(url), bool(link.password))


def _thing(thing: Generation | Collection, face: Generation | None, user: User) -> SharedThing:
    image = _image(face) if face else None
    if isinstance(thing, Collection):
        return SharedThing(thing.name, True, "", _private(private_in(thing, user)), image)
    return SharedThing("", False, seen_by(thing, linked=is_seen_by_link(thing)), "", image)


def _image(face: Generation) -> SharedImage | None:
    image = image_of(face)
    if image is None:
        return None
    return SharedImage(
        src=f"/g/{face.id}/thumb/1280.webp",
        srcset=srcset(face, image),
        width=image.width,
        height=image.height,
        placeholder=image.placeholder,
        ratio_class=ratio_class(image.width, image.height),
    )


def _private(count: int) -> str:
    if not count:
        return ""
    shown = number(min(count, MAX_COUNTED)) + ("+" if count > MAX_COUNTED else "")
    return ngettext(
        "%(count)s picture in it is private. You can see it, so your link shows it too.",
        "%(count)s pictures in it are private. You can see them, so your link shows them too.",
        count,
    ) % {"count": shown}


def seen_by(row: Generation, *, linked: bool) -> str:
    """Return a sentence about who can see the picture now."""
    if row.visibility == Visibility.PRIVATE:
        return (
            _("Visible to its creator, managers and anyone with the link.")
            if linked
            else _("Visible to its creator and managers.")
        )
    return (
        _("Visible to everyone in the team and anyone with the link.")
        if linked
        else _("Visible to everyone in the team.")
    )


def _switches(form: ShareForm, made: object) -> list[LinkSwitch]:
    return [
        LinkSwitch(name, str(label), str(HELP[name]), checked=not made and bool(form.data.get(name)))
        for name, label in LABELS.items()
    ]
