"""The share panel: what is shared, the user's own link to it with its options, and the other links.

It is a page of its own, beside the picture, and the content of the share dialog.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.forms.composer import ratio_class
from generations.forms.sharing import ShareForm
from generations.models import Collection, Generation, ShareLink, User, Visibility
from generations.permissions import Verb, allows, role_of
from generations.queries.collections.collections import cover_images
from generations.queries.sharing.share_links import (
    LINKS_A_PAGE,
    MAX_COUNTED,
    is_seen_by_link,
    last_link_of,
    links_to,
    own_open_link,
    private_in,
)
from generations.queries.site.keyset import Cursor, page
from generations.services.sharing.share_links import token_of
from generations.views.cards.cards import image_of, srcset
from generations.views.sharing.link_rows import ShareLinkRow, share_link_rows
from generations.views.site.formatting import number, shortened
from generations.views.site.qr_codes import qr_address
from generations.views.site.rendering import render_page
from generations.views.site.requests import absolute_url, is_htmx, set_team

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


class Done(StrEnum):
    """What the request has done, for the sentence beside the link."""

    CREATED = "created"
    SAVED = "saved"


@dataclass(frozen=True)
class SharedImage:
    """The picture that stands for what is shared."""

    src: str
    thumb: str
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
class OwnLink:
    """A link of the user; `url` is empty when its token can no longer be read."""

    url: str
    qr: str
    line: ShareLinkRow


@dataclass(frozen=True)
class LinkSwitch:
    name: str
    label: str
    help: str
    checked: bool


@dataclass(frozen=True)
class SharePanel:
    """`action` is where the form is sent: it creates a link, or changes `link`; `lines` are the other links."""

    thing: SharedThing
    link: OwnLink | None
    form: ShareForm
    switches: list[LinkSwitch]
    action: str
    url: str
    revoke_url: str
    done: str
    lines: list[ShareLinkRow]
    everybodys: bool
    back_url: str
    back_label: str
    in_fragment: bool


def share_url(thing: Generation | Collection) -> str:
    """Return the address of the share page of a picture or collection."""
    if isinstance(thing, Collection):
        return reverse("share_collection", args=[thing.team.slug, thing.pk])
    return reverse("share", args=[thing.pk])


def new_form(thing: Generation | Collection, user: User, data: object = None) -> ShareForm:
    """Return the form for a new link, which begins with the options of the user's last one in this team."""
    manages = allows(role_of(user, thing.team), Verb.SHARE_ANY)
    return ShareForm(data, may_never=manages, last=last_link_of(user, thing.team))


def change_form(link: ShareLink, user: User, data: object = None) -> ShareForm:
    """Return the form that changes the options of a link."""
    return ShareForm(data, may_never=allows(role_of(user, link.team), Verb.SHARE_ANY), link=link)


def render_share(
    request: HttpRequest, user: User, thing: Generation | Collection, *, form: ShareForm | None = None,
    link: ShareLink | None = None, done: Done | None = None,
) -> HttpResponse:  # fmt: skip
    """Render the panel, for htmx without the page around it; `form` is one that was refused, of `link` or a new one.

    Without either it shows the user's newest open link, unless the address asks for a new one.
    """
    set_team(request, thing.team)
    if form is None and link is None and "new" not in request.GET:
        link = own_open_link(thing, user)
    form = form or (change_form(link, user) if link else new_form(thing, user))
    template = "sharing/_share.html" if is_htmx(request) else "sharing/share.html"
    status = 422 if form.is_bound and not form.is_valid() else 200
    panel = _panel(request, user, thing, form=form, link=link, done=done)
    response = render_page(request, template, panel, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _panel(
    request: HttpRequest, user: User, thing: Generation | Collection, *, form: ShareForm, link: ShareLink | None,
    done: Done | None,
) -> SharePanel:  # fmt: skip
    role = role_of(user, thing.team)
    rows = share_link_rows(_links(thing, user, link), thing.team, user, role)
    own = next((row for row in rows if link and row.id == str(link.pk)), None)
    back_url, back_label = _back(thing)
    return SharePanel(
        thing=_thing(thing, user),
        link=_own(request, user, link, own) if link and own else None,
        form=form,
        switches=_switches(form),
        action=reverse("change_link", args=[thing.team.slug, link.pk]) if link else share_url(thing),
        url=share_url(thing),
        revoke_url=reverse("revoke_links", args=[thing.team.slug]),
        done=done or "",
        lines=[row for row in rows if row is not own],
        everybodys=allows(role, Verb.SHARE_ANY),
        back_url=back_url,
        back_label=back_label,
        in_fragment=is_htmx(request),
    )


def _links(thing: Generation | Collection, user: User, link: ShareLink | None) -> Sequence[ShareLink]:
    """Return the newest links to this thing, with `link` in any case."""
    listed = page(links_to(thing, user), Cursor(), LINKS_A_PAGE).rows
    return listed if link is None or link in listed else [link, *listed]


def _own(request: HttpRequest, user: User, link: ShareLink, row: ShareLinkRow) -> OwnLink:
    token = token_of(actor=user, link=link)
    url = absolute_url(request, reverse("public_page", args=[token])) if token else ""
    return OwnLink(url, qr_address(url) if url else "", row)


def _back(thing: Generation | Collection) -> tuple[str, str]:
    if isinstance(thing, Collection):
        return reverse("collection", args=[thing.team.slug, thing.pk]), _("Back to the collection")
    return reverse("detail", args=[thing.pk]), _("Back to the picture")


def _thing(thing: Generation | Collection, user: User) -> SharedThing:
    if isinstance(thing, Collection):
        cover = cover_images([thing.id], user).get(thing.id)
        return SharedThing(thing.name, True, "", _private(private_in(thing, user)), _image(cover))
    title = shortened(thing.prompt, 90)
    return SharedThing(title, False, seen_by(thing, linked=is_seen_by_link(thing)), "", _image(thing))


def _image(cover: Generation | None) -> SharedImage | None:
    image = image_of(cover) if cover else None
    if cover is None or image is None:
        return None
    return SharedImage(
        src=f"/g/{cover.id}/thumb/1280.webp",
        thumb=f"/g/{cover.id}/thumb/320.webp",
        srcset=srcset(cover, image),
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


def _switches(form: ShareForm) -> list[LinkSwitch]:
    return [
        LinkSwitch(name, str(label), str(HELP[name]), checked=bool(form[name].value()))
        for name, label in LABELS.items()
    ]
