"""The share links of a team, for revoking: the own ones, and everybody's for managers."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from generations.access import current_user, team_or_404
from generations.models import Team, User, parse_uuid
from generations.permissions import Verb, allows, role_of
from generations.queries.sharing.share_links import creators_of_links, links_page
from generations.queries.site.keyset import Cursor
from generations.services.sharing import share_links
from generations.views.sharing.link_rows import ShareLinkRow, share_link_rows
from generations.views.site.formatting import number
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, get_next_url, require_post

MAX_AT_ONCE = 200
NONE_CHOSEN = gettext_lazy("Select at least one link to revoke.")


@dataclass(frozen=True)
class LinksPage:
    """The links of a team; `people` are those whose links may be revoked together."""

    lines: list[ShareLinkRow]
    ended: bool
    everybodys: bool
    may_share: bool
    people: list[User]
    older_url: str


@require_safe
def links(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    ended = "ended" in request.GET
    cursor = Cursor(before=parse_uuid(request.GET.get("before", "")))
    page = links_page(found, user, ended=ended, cursor=cursor)
    if cursor.before and not page.rows:
        return redirect(request.path)
    role = role_of(user, found)
    everybodys = allows(role, Verb.SHARE_ANY)
    creators = creators_of_links(found, MAX_AT_ONCE) if everybodys and not ended and page.rows else [user]
    shown = LinksPage(
        lines=share_link_rows(page.rows, found, user, role),
        ended=ended,
        everybodys=everybodys,
        may_share=allows(role, Verb.SHARE),
        people=creators,
        older_url=f"{request.path}?{'ended&' if ended else ''}before={page.older}" if page.older else "",
    )
    return render_page(request, "sharing/link_list.html", shown)


@require_post
def revoke(request: HttpRequest, team: str) -> HttpResponse:
    """Revoke links: `only` is the button of one, `link` the ticked ones, `person` the id of a creator."""
    user = current_user(request)
    found = team_or_404(user, team)
    named = request.POST.get("person", "")
    if named and "all" in request.POST:
        key = int(named) if named.isascii() and named.isdigit() and len(named) < 10 else 0
        count = share_links.revoke_all_of(actor=user, team=found, person=key)
    else:
        chosen = request.POST.getlist("only") or request.POST.getlist("link")
        ids = [known for text in chosen[:MAX_AT_ONCE] if (known := parse_uuid(text))]
        if not ids:
            messages.error(request, NONE_CHOSEN)
            return _back(request, found)
        count = share_links.revoke(actor=user, team=found, links=ids)
    if count:
        text = ngettext("Link revoked.", "%(count)s links revoked.", count) % {"count": number(count)}
        messages.success(request, text)
    else:
        messages.info(request, _("There were no active links to revoke."))
    return _back(request, found)


def _back(request: HttpRequest, team: Team) -> HttpResponse:
    return redirect(get_next_url(request) or reverse("links", args=[team.slug]))
