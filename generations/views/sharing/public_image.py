"""A shared picture as a visitor sees it; what the link does not allow is absent, so no template can print it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from generations.forms.composer import ratio_class
from generations.imaging import WIDTHS, preview_size
from generations.models import Generation, ShareLink
from generations.views.site.formatting import last_day, shortened
from generations.views.site.requests import absolute_url


@dataclass(frozen=True)
class PublicImage:
    id: str
    url: str
    src: str
    large: str
    srcset: str
    width: int
    height: int
    ratio_class: str
    placeholder: str
    alt: str
    prompt: str
    author: str
    download_url: str
    report_url: str

    @property
    def caption(self) -> str:
        """Return what the lightbox says about it in one line, with prompt and author if the link shows them."""
        return " · ".join(text for text in (_("AI-generated"), shortened(self.prompt, 160), self.author) if text)


@dataclass(frozen=True)
class PublicMetadata:
    """Facts about the link itself."""

    title: str
    sharer: str
    until: str


@dataclass(frozen=True)
class PublicCollectionCard:
    """The preview for other sites; absent when the link has a password."""

    title: str
    url: str
    image: str
    width: int
    height: int
    alt: str


def public_metadata(link: ShareLink) -> PublicMetadata:
    names = link.show_names and link.creator
    return PublicMetadata(
        title=link.collection.name if link.collection else "",
        sharer=link.creator.display_name if names and link.creator else "",
        until=last_day(link.expires_at) if link.expires_at else "",
    )


def public_images(rows: Sequence[Generation], link: ShareLink, base: str) -> list[PublicImage]:
    return [public_image(row, link, base) for row in rows]


def public_image(row: Generation, link: ShareLink, base: str) -> PublicImage:
    """Return the picture; `base` is the address of the link as it was requested."""
    image = row.image
    url = f"{base}{row.id}/"
    thumbs = {width: f"{url}thumb/{width}.webp" for width in WIDTHS}
    return PublicImage(
        id=str(row.id),
        url=url,
        src=thumbs[WIDTHS[1]],
        large=thumbs[WIDTHS[-1]],
        srcset=", ".join(f"{address} {min(width, image.width)}w" for width, address in thumbs.items()),
        width=image.width,
        height=image.height,
        ratio_class=ratio_class(image.width, image.height),
        placeholder=image.placeholder,
        alt=_alt(row, link),
        prompt=row.prompt if link.show_prompt else "",
        author=_author(row) if link.show_names else "",
        download_url=f"{url}image" if link.allow_download else "",
        report_url=f"{url}report",
    )


def card(request: HttpRequest, link: ShareLink, row: Generation, base: str, url: str) -> PublicCollectionCard | None:
    """Return the preview of the page at `url`, with this picture."""
    if link.password:
        return None
    width, height = preview_size(row.image.width, row.image.height)
    return PublicCollectionCard(
        title=_card_title(row, link),
        url=absolute_url(request, url),
        image=absolute_url(request, f"{base}{row.id}/preview.jpg"),
        width=width,
        height=height,
        alt=_alt(row, link),
    )


def _card_title(row: Generation, link: ShareLink) -> str:
    if link.collection:
        return link.collection.name
    return shortened(row.prompt, 90) if link.show_prompt else _("AI-generated picture")


def _alt(row: Generation, link: ShareLink) -> str:
    if link.show_prompt and row.prompt:
        return _("AI-generated image: %(prompt)s") % {"prompt": shortened(row.prompt, 120)}
    return _("AI-generated image")


def _author(row: Generation) -> str:
    return row.author.display_name if row.author else ""
