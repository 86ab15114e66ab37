"""The page of one picture with everything that is known about it."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import current_user, generation_or_404
from generations.forms.gallery import carried, carried_from, query_of, search_from
from generations.models import Attempt, AttemptState, Collection, CollectionOrder, Generation, User
from generations.permissions import Verb, allows, role_of
from generations.queries.collections.collections import manual_neighbours
from generations.queries.gallery.gallery import GallerySearch, gallery_neighbours, is_starred
from generations.queries.sharing.share_links import is_seen_by_link
from generations.services.site.reasons import MAX_REASON_LENGTH
from generations.views.activity.comment_thread import comment_thread
from generations.views.cards.cards import Card, Progress, build_card, image_of
from generations.views.cards.polling import version
from generations.views.cards.unknown_outcome import unknown_outcome_of
from generations.views.generations.compare import address
from generations.views.generations.labels import labels
from generations.views.generations.metadata import attempt_line, attempt_url, metadata
from generations.views.site.requests import is_htmx, refused_text, set_team


@require_safe
def detail(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    set_team(request, row.team)
    query = carried(request.GET, user, row.team)
    row.starred = is_starred(row, user)  # type: ignore[attr-defined]  # as the gallery's query does
    row.linked = is_seen_by_link(row)  # type: ignore[attr-defined]
    role = role_of(user, row.team)
    card = build_card(row, user, role, Progress.of([row]), query)
    seen = version([card])
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    attempts = list(row.attempts.order_by("-number"))
    doubts = [attempt for attempt in attempts if attempt.state == AttemptState.UNKNOWN]
    item = _item(row, card, role, attempts) | _around(request, row, user, query)
    item["doubt"] = unknown_outcome_of(row, doubts, user, role)
    item["typed"], item["longest_reason"] = (
        refused_text(request, reverse("mark_lost", args=[row.id])),
        MAX_REASON_LENGTH,
    )
    item |= labels(row, user, role)
    poll_url = f"{card.url}{'&' if query else '?'}seen={seen}" if card.waits else ""
    context = {"item": item, "poll_url": poll_url, "talk": comment_thread(request, row, user, role)}
    return render(request, "generations/detail.html", context)


def _around(request: HttpRequest, row: Generation, user: User, query: str) -> dict[str, str]:
    """Return the neighbours within the filter of the address, and the way back to the gallery."""
    search = search_from(request.GET, user, row.team)
    collection = _collection(search)
    newer, older = (None, None) if row.deleted_at else _neighbours(row, user, search, collection)
    # Back leads to the page of the collection, whose address contains that filter already.
    back, kept = reverse("gallery", args=[row.team.slug]), query
    if collection:
        back = reverse("collection", args=[row.team.slug, collection.pk])
        kept = query_of(GallerySearch(), **carried_from(request.GET))
    return {
        "previous_url": f"/g/{newer.id}/{query}" if newer else "",
        "next_url": f"/g/{older.id}/{query}" if older else "",
        "previous_thumb": _large(newer),
        "next_thumb": _large(older),
        "compare_url": _compare_url(row, newer, older),
        # A page of the gallery that begins with this picture; a script goes back in history instead when the user came
        # from the gallery.
        "back_url": back + _with(kept, before=newer.id if newer else "") + f"#g-{row.id}",
    }


def _compare_url(row: Generation, newer: Generation | None, older: Generation | None) -> str:
    """Return the comparison with a neighbour of the same batch, else with the older neighbour."""
    others = [one for one in (older, newer) if one is not None and image_of(one)]
    others.sort(key=lambda one: one.batch != row.batch)
    if not others or not image_of(row):
        return ""
    return address(row.team.slug, *sorted([row, others[0]], key=lambda one: one.pk))


def _collection(search: GallerySearch) -> Collection | None:
    """Return the collection when the address filters by it and by nothing else."""
    if search.collection is None or search != GallerySearch(collection=search.collection):
        return None
    return Collection.objects.select_related("team").filter(id=search.collection).first()


def _neighbours(
    row: Generation, user: User, search: GallerySearch, collection: Collection | None
) -> tuple[Generation | None, Generation | None]:
    if collection is not None and collection.order == CollectionOrder.HAND:
        return manual_neighbours(collection, user, row.id)
    return gallery_neighbours(row.team, search, user, row.id)


def _with(query: str, **more: object) -> str:
    pairs = urlencode({name: value for name, value in more.items() if value})
    return f"{query}{'&' if query else '?'}{pairs}" if pairs else query


def _item(row: Generation, card: Card, role: str | None, attempts: Sequence[Attempt]) -> dict[str, Any]:
    image = image_of(row)
    hidden = row.waits and not card.mine
    gallery = reverse("gallery", args=[row.team.slug])
    creates = allows(role, Verb.CREATE) and not hidden
    cost_url = attempt_url(row, attempts[0]) if attempts else ""
    # A picture whose model has no schema any more keeps its page: the parameters of the default model are read from it.
    model = schema.is_known(row.model)
    return asdict(card) | {
        "src": _large(row),
        "full_prompt": "" if hidden else row.prompt,
        "image_url": f"/g/{row.id}/image" if image else "",
        "download_url": f"/g/{row.id}/image?download" if image else "",
        "facts": []
        if hidden
        else metadata(row, model, attempts, f"{gallery}?seed_of={row.id}" if creates else "", cost_url),
        "attempts": [attempt_line(row, one) for one in reversed(attempts)] if len(attempts) > 1 and not hidden else [],
        "share_url": f"/g/{row.id}/share" if card.phase == "done" and allows(role, Verb.SHARE) else "",
        "remix_url": f"{gallery}?remix={row.id}" if creates else "",
        "use_url": f"{gallery}?use={row.id}" if creates else "",
        "generated_label": f"AI-generated with {model.title if model.id == row.model else row.model}",
    }


def _large(row: Generation | None) -> str:
    return f"/g/{row.id}/thumb/1280.webp" if row is not None and image_of(row) else ""
