"""Share links as rows of a list: what each shows, until when, its options and its visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.models import MANAGERS, Generation, ShareLink, Team, User, Visibility, name_in
from generations.queries.collections.collections import cover_images
from generations.queries.sharing.share_links import SHARERS, VisitStatistics, visit_statistics
from generations.queries.teams.members import roles_of
from generations.services.sharing.share_links import is_shareable
from generations.views.site.formatting import clock, day_and_clock, last_day, number, shortened

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

HIDDEN = gettext_lazy("Private picture")
PURGED = gettext_lazy("Permanently deleted picture")
CREATOR_LEFT = gettext_lazy("Paused: its creator left the team.")
CREATOR_DELETED = gettext_lazy("Not available: its creator's account was deleted.")
CREATOR_MAY_NOT_SHARE = gettext_lazy("Paused: its creator can no longer share.")
DELETED = gettext_lazy("Not available: the picture was permanently deleted.")
TRASHED = gettext_lazy("Paused: the picture is in the trash.")
HIDDEN_BY_MANAGER = gettext_lazy("Paused: a manager hid the picture.")
PRIVATE = gettext_lazy("Paused: the picture is private now.")
# The same as in `links_page`: such a link shows something again only when somebody else acts, or never.
LINK_ENDED = (CREATOR_LEFT, CREATOR_DELETED, CREATOR_MAY_NOT_SHARE, DELETED)
# A creator who returns has their links again, so these can still be revoked for good.
RESUMES = (CREATOR_LEFT, CREATOR_MAY_NOT_SHARE)


@dataclass(frozen=True)
class ShareLinkRow:
    id: str
    title: str
    url: str
    thumb: str
    is_collection: bool
    creator: str
    creator_id: int | None
    mine: bool
    made: str
    ends: str
    ends_at: str
    # Why the link shows nothing although it has not ended; empty while it shows something.
    inactive_reason: str
    ended: bool
    revocable: bool
    options: list[str]
    visits: str
    last_visit: str


def share_link_rows(links: Sequence[ShareLink], team: Team, viewer: User, role: str | None) -> list[ShareLinkRow]:
    """Return the rows.

    Runs four queries, whatever the number of rows: for the roles of the creators, the visits and the covers of the
    collections.
    """
    makers = {link.creator_id for link in links}
    roles = roles_of(team, makers) if links else {}
    visits = visit_statistics(links) if links else {}
    shown = [link.collection_id for link in links if link.collection_id]
    covers = cover_images(shown, viewer) if shown else {}
    faces_of = {link.id: _picture(link, viewer, role) or covers.get(link.collection_id or link.id) for link in links}
    return [_line(link, viewer, faces_of[link.id], roles, visits.get(link.id, VisitStatistics())) for link in links]


def _line(
    link: ShareLink, viewer: User, seen: Generation | None, roles: dict[int, str], visits: VisitStatistics
) -> ShareLinkRow:
    image = getattr(seen, "image", None) if seen else None
    inactive_reason = _inactive_reason(link, roles)
    dead = inactive_reason in LINK_ENDED
    ends, ends_at = (_("Inactive"), "") if dead else _ends(link)
    return ShareLinkRow(
        id=str(link.id),
        title=_title(link, seen),
        url=f"/g/{seen.id}/" if seen and link.generation_id else "",
        thumb=f"/g/{seen.id}/thumb/320.webp" if seen and image else "",
        is_collection=link.collection_id is not None,
        creator=name_in(link, "creator"),
        creator_id=link.creator_id,
        mine=link.creator_id == viewer.pk,
        made=day_and_clock(link.created_at),
        ends=ends,
        ends_at=ends_at,
        inactive_reason=str(inactive_reason),
        ended=dead or _is_over(link),
        revocable=inactive_reason in RESUMES if dead else not _is_over(link),
        options=_options(link),
        visits=_visits(visits.count),
        last_visit=_("last visit %(time)s") % {"time": day_and_clock(visits.last)} if visits.last else "",
    )


def _visits(count: int) -> str:
    if not count:
        return _("No visits yet")
    return ngettext("%(count)s visit", "%(count)s visits", count) % {"count": number(count)}


def _picture(link: ShareLink, viewer: User, role: str | None) -> Generation | None:
    """Return the shared picture if the viewer may see it."""
    row = link.generation
    if row is None or row.purged_at is not None:
        return None
    seen = row.visibility == Visibility.TEAM and row.hidden_at is None
    return row if seen or row.author_id == viewer.pk or role in MANAGERS else None


def _title(link: ShareLink, seen: Generation | None) -> str:
    if link.collection:
        return link.collection.name
    if seen is None:
        return str(PURGED if link.generation and link.generation.purged_at else HIDDEN)
    return shortened(seen.prompt, 90)


def _ends(link: ShareLink) -> tuple[str, str]:
    """Return when the link ends in short, and with the day or the user who revoked it."""
    if link.revoked_at:
        who, time = name_in(link, "revoked_by", ""), day_and_clock(link.revoked_at)
        return _("Revoked"), _("%(time)s by %(name)s") % {"time": time, "name": who} if who else time
    if link.expires_at is None:
        return _("Never expires"), ""
    if link.expires_at <= timezone.now():
        return _("Expired"), day_and_clock(link.expires_at)
    hours, day = int((link.expires_at - timezone.now()).total_seconds() // 3600), last_day(link.expires_at)
    if hours >= 48:
        days = round(hours / 24)
        left = ngettext("%(count)s day left", "%(count)s days left", days) % {"count": number(days)}
        return left, _("until %(day)s") % {"day": day}
    left = ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": number(hours)}
    until = _("until %(day)s, %(time)s") % {"day": day, "time": clock(link.expires_at)}
    return left if hours else _("Less than an hour left"), until


def _inactive_reason(link: ShareLink, roles: dict[int, str]) -> "_StrPromise | str":
    if _is_over(link):
        return ""
    role = roles.get(link.creator_id or 0)
    if link.creator is None:
        return CREATOR_DELETED
    if not link.creator.is_active or role is None:
        return CREATOR_LEFT
    if role not in SHARERS:
        return CREATOR_MAY_NOT_SHARE
    return _out_of_sight(link, link.generation, role) if link.generation else ""


def _out_of_sight(link: ShareLink, row: Generation, role: str) -> "_StrPromise | str":
    if row.purged_at is not None:
        return DELETED
    if row.hidden_at is not None:
        return HIDDEN_BY_MANAGER
    if not is_shareable(row):
        return TRASHED
    sees = row.visibility == Visibility.TEAM or row.author_id == link.creator_id or role in MANAGERS
    return "" if sees else PRIVATE


def _is_over(link: ShareLink) -> bool:
    return link.revoked_at is not None or (link.expires_at is not None and link.expires_at <= timezone.now())


def _options(link: ShareLink) -> list[str]:
    named = {
        "password": bool(link.password),
        "download": link.allow_download,
        "prompt": link.show_prompt,
        "names": link.show_names,
    }
    return [name for name, on in named.items() if on]
