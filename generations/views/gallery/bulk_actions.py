"""Actions on many pictures at once, or on one from its own page; either all pictures are changed or none."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from generations.access import require, require_editable, selected_or_404
from generations.errors import GalleryError
from generations.models import Collection, Generation, Team, User, Visibility, parse_uuid
from generations.permissions import Verb, role_of
from generations.queries.gallery.gallery import find_deleted_at, find_with_cards
from generations.queries.sharing.share_links import count_seen_by_link
from generations.services.collections import collections
from generations.services.gallery import tags
from generations.services.generations import actions
from generations.services.sharing.share_links import is_shareable
from generations.services.site import rate_limits
from generations.views.cards.cards import build_cards
from generations.views.cards.page_totals import figures, origin_of
from generations.views.cards.polling import ChangedCards
from generations.views.cards.stacks import fitted
from generations.views.generations.compare import address
from generations.views.site.formatting import number, pictures
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, get_next_url, is_htmx, require_post, set_current_url
from generations.views.site.zip_response import zip_of

MAX_SELECTED = 500
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MAX_MICROSECONDS = 253_402_300_799_000_000  # the last second that a datetime can hold, in microseconds


@dataclass(frozen=True)
class Selection:
    request: HttpRequest
    user: User
    team: Team
    rows: list[Generation]

    def said(self, name: str) -> str:
        return self.request.POST.get(name, "").replace("\0", "").strip()

    @property
    def count(self) -> str:
        return pictures(len(self.rows))


@require_post
def bulk_action(request: HttpRequest, team: str) -> HttpResponseBase:
    """Apply `action` to the pictures named by `id`.

    `?restore=` undoes a deletion. With `?cards` htmx gets the changed cards. `collection` is a name or an id, `from`
    the collection of the page, `tag` a list of tags separated by commas, `share_name` the name of a collection that is
    created to be shared.
    """
    user, found = enter_team(request, team)
    back = get_next_url(request) or reverse("gallery", args=[found.slug])
    set_current_url(request, back)
    if "restore" in request.GET:
        return _restore(request, user, found, back)
    try:
        chosen = Selection(request, user, found, selected_or_404(user, found, _ids(request)))
        with transaction.atomic():
            rate_limits.acquire("zip" if chosen.said("action") == "zip" else "selection", user=user)
            answer = _act(chosen)
    except GalleryError as error:
        return _refused(request, error.message, back)
    except (Http404, PermissionDenied) as error:
        if not _wants_cards(request):
            raise
        return _refused(request, str(error), back)
    return answer or _done(chosen, back)


def _ids(request: HttpRequest) -> list[uuid.UUID]:
    texts = list(dict.fromkeys(request.POST.getlist("id")))
    ids = [id_ for text in texts if (id_ := parse_uuid(text))]
    if len(ids) < len(texts):
        raise Http404(_("One of these pictures no longer exists. Nothing was changed."))
    if not ids:
        raise GalleryError(_("Select at least one picture."))
    if len(ids) > MAX_SELECTED:
        text = _("You selected %(count)s pictures; the maximum is %(maximum)s. Nothing was changed.")
        raise GalleryError(text % {"count": number(len(ids)), "maximum": MAX_SELECTED})
    return ids


def _act(chosen: Selection) -> HttpResponseBase | None:
    action = ACTIONS.get(chosen.said("action"))
    if action is None:
        raise GalleryError(_("Choose an action for the selected pictures."))
    return action(chosen)


def _add(chosen: Selection) -> None:
    """Add the pictures to a collection, which is created if the name is new, and tag them."""
    require(chosen.user, chosen.team, Verb.ORGANISE)
    name, words = chosen.said("collection"), chosen.said("tag")
    if not (name or words):
        raise GalleryError(_("Enter a collection or a tag."))
    found = tags.words_of(words) if words else []
    if name:
        collection = collections.get_or_create(actor=chosen.user, team=chosen.team, name=name)
        added = collections.add(actor=chosen.user, collection=collection, generations=chosen.rows)
        text = _("%(pictures)s added to “%(name)s”.") if added else _already(len(chosen.rows))
        _say(chosen, text % {"pictures": pictures(added), "name": collection.name})
    if found:
        tags.add(actor=chosen.user, team=chosen.team, words=found, generations=chosen.rows)
        _say(chosen, _("%(pictures)s tagged %(tags)s.") % {"pictures": chosen.count, "tags": ", ".join(found)})


def _already(count: int) -> str:
    return ngettext("It's already in “%(name)s”.", "They're already in “%(name)s”.", count)


def _uncollect(chosen: Selection) -> None:
    collection = _collection(chosen)
    gone = collections.remove(collection=collection, generations=chosen.rows)
    _say(chosen, _("%(pictures)s removed from “%(name)s”.") % {"pictures": pictures(gone), "name": collection.name})


def _untag(chosen: Selection) -> None:
    require(chosen.user, chosen.team, Verb.ORGANISE)
    words = tags.words_of(chosen.said("tag"))
    tags.remove(team=chosen.team, words=words, generations=chosen.rows)
    _say(chosen, _("Removed %(tags)s from %(pictures)s.") % {"tags": ", ".join(words), "pictures": chosen.count})


def _move(chosen: Selection) -> None:
    collections.move(collection=_collection(chosen), generations=chosen.rows, to=chosen.said("action"))


def _collection(chosen: Selection) -> Collection:
    require(chosen.user, chosen.team, Verb.ORGANISE)
    found = collections.find(chosen.team, chosen.said("from") or chosen.said("collection"))
    if found is None:
        raise GalleryError(_("That collection no longer exists. Choose another one."))
    return found


def _share(chosen: Selection) -> HttpResponseBase:
    """Redirect to the page that creates a link: for one picture, or for a new collection of several."""
    require(chosen.user, chosen.team, Verb.SHARE)
    if not all(is_shareable(row) for row in chosen.rows):
        raise GalleryError(_("Only finished pictures can be shared. Deselect the others and try again."))
    if len(chosen.rows) == 1:
        return _lead(chosen.request, reverse("share", args=[chosen.rows[0].id]))
    require(chosen.user, chosen.team, Verb.ORGANISE)
    name = chosen.said("share_name")
    made = collections.create_from_generations(actor=chosen.user, team=chosen.team, generations=chosen.rows, name=name)
    text = _("%(pictures)s added to the new collection “%(name)s”. Nothing is public until you create a link.")
    _say(chosen, text % {"pictures": chosen.count, "name": made.name})
    return _lead(chosen.request, reverse("share_collection", args=[chosen.team.slug, made.pk]))


def _enter(chosen: Selection) -> HttpResponseBase | None:
    """Do what Enter means in a text field, since the browser presses the first button of the form for it."""
    meant = chosen.said("share_name") and not (chosen.said("collection") or chosen.said("tag"))
    if meant:
        return _share(chosen)
    _add(chosen)
    return None


def _favourite(chosen: Selection) -> None:
    require(chosen.user, chosen.team, Verb.FAVOURITE)
    now = actions.toggle_favourites(actor=chosen.user, generations=chosen.rows)
    text = _("%(pictures)s added to favourites.") if now else _("%(pictures)s removed from favourites.")
    _say(chosen, text % {"pictures": chosen.count})


def _visibility(chosen: Selection) -> None:
    require_editable(chosen.user, chosen.team, chosen.rows)
    wish = chosen.said("action")
    rows = [row for row in chosen.rows if row.hidden_at is None]
    actions.set_visibility(generations=rows, visibility=wish)
    private = wish == Visibility.PRIVATE
    count, hidden = len(rows), len(chosen.rows) - len(rows)
    if count:
        _say(chosen, (_now_private(count) if private else _now_shared(count)) % {"count": number(count)})
    if hidden:
        text = ngettext(
            "%(count)s picture stays as it is: a manager hid it after a report.",
            "%(count)s pictures stay as they are: a manager hid them after a report.",
            hidden,
        )
        messages.warning(chosen.request, text % {"count": number(hidden)})
    if private and (linked := count_seen_by_link(rows)):
        text = ngettext(
            "%(count)s picture is still public through a share link.",
            "%(count)s pictures are still public through share links.",
            linked,
        )
        messages.info(chosen.request, text % {"count": number(linked)})


def _now_private(count: int) -> str:
    return ngettext(
        "%(count)s picture is now private: only its creator and managers can see it.",
        "%(count)s pictures are now private: only their creators and managers can see them.",
        count,
    )


def _now_shared(count: int) -> str:
    return ngettext(
        "%(count)s picture is now visible to the whole team.",
        "%(count)s pictures are now visible to the whole team.",
        count,
    )


def _delete(chosen: Selection) -> None:
    require_editable(chosen.user, chosen.team, chosen.rows)
    moment = actions.delete_all(generations=chosen.rows)
    undo = f"{reverse('selection', args=[chosen.team.slug])}?restore={(moment - EPOCH) // MICROSECOND}"
    messages.success(chosen.request, _("%(pictures)s moved to trash.") % {"pictures": chosen.count}, extra_tags=undo)


def _zip(chosen: Selection) -> HttpResponseBase:
    if not any(hasattr(row, "image") for row in chosen.rows):
        raise GalleryError(_("None of the selected pictures has a file to download."))
    return zip_of(chosen.user, [row.id for row in chosen.rows], chosen.team.name)


def _compare(chosen: Selection) -> HttpResponseBase:
    """Redirect to the comparison, the older picture first."""
    if len(chosen.rows) != 2 or not all(hasattr(row, "image") for row in chosen.rows):
        raise GalleryError(_("Select exactly two finished pictures to compare."))
    return redirect(address(chosen.team.slug, *sorted(chosen.rows, key=lambda row: row.pk)))


ACTIONS: dict[str, Callable[[Selection], HttpResponseBase | None]] = {
    "add": _add, "uncollect": _uncollect, "untag": _untag, "favourite": _favourite,
    "delete": _delete, "zip": _zip, "compare": _compare, "share": _share, "enter": _enter,
    **dict.fromkeys(Visibility.values, _visibility),
    **dict.fromkeys(collections.PLACES, _move),
}  # fmt: skip


def _say(chosen: Selection, text: str) -> None:
    messages.success(chosen.request, text)


def _wants_cards(request: HttpRequest) -> bool:
    return is_htmx(request) and "cards" in request.GET


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if _wants_cards(request) else redirect(url)


def _done(chosen: Selection, back: str) -> HttpResponse:
    if not _wants_cards(chosen.request):
        return redirect(back)
    return _cards(chosen.request, chosen.user, chosen.team, chosen.rows, back)


def _cards(request: HttpRequest, user: User, team: Team, rows: Sequence[Generation], back: str) -> HttpResponse:
    changed = find_with_cards(team, user, [row.id for row in rows])
    page = origin_of(back, user, team)
    cards = build_cards(changed, user, role_of(user, team), page.query)
    cards = fitted(cards, changed, team, user, search=page.search, collapsed=page.collapsed)
    moved = figures(page.place, page.search, team, user, changed)
    return render_page(request, "cards/_cards_changed.html", ChangedCards(cards, moved))


def _refused(request: HttpRequest, sentence: str, back: str) -> HttpResponse:
    messages.error(request, sentence)
    if not _wants_cards(request):
        return redirect(back)
    return render_page(request, "cards/_cards_changed.html", ChangedCards([]), status=422)


def _restore(request: HttpRequest, user: User, team: Team, back: str) -> HttpResponse:
    """Restore the pictures of one deletion, as far as this user may restore them."""
    text = request.GET["restore"]
    microseconds = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    moment = EPOCH + min(microseconds, MAX_MICROSECONDS) * MICROSECOND
    rows = find_deleted_at(team, user, moment)
    if not rows:
        messages.error(request, _("These pictures are no longer in the trash."))
        return redirect(back)
    require_editable(user, team, rows)
    restored = pictures(actions.restore_all(generations=rows))
    messages.success(request, _("%(pictures)s restored.") % {"pictures": restored})
    return redirect(back)
