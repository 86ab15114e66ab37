"""One picture: large, with everything that is known about it."""

import uuid
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import generation_or_404, person
from generations.forms.gallery import carried, search_from
from generations.models import Attempt, Generation, User
from generations.permissions import Verb, allows, role_of
from generations.queries.gallery import gallery_neighbours, is_starred
from generations.views.live import version
from generations.views.requests import is_htmx, set_team
from generations.views.tiles import Progress, Tile, image_of, tile
from generations.views.words import day_and_clock, dollars, file_size


@require_safe
def detail(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = person(request)
    row = generation_or_404(user, generation)
    set_team(request, row.team)
    query = carried(request.GET, user, row.team)
    row.starred = is_starred(row, user)  # type: ignore[attr-defined]  # as the gallery's query does
    role = role_of(user, row.team)
    card = tile(row, user, role, Progress.of([row]), query)
    seen = version([card])
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    item = _item(row, card, role) | _around(request, row, user, query)
    poll_url = f"{card.url}{'&' if query else '?'}seen={seen}" if card.waits else ""
    return render(request, "generations/detail.html", {"item": item, "poll_url": poll_url})


def _around(request: HttpRequest, row: Generation, user: User, query: str) -> dict[str, str]:
    """The neighbours under the filter of the address, and the way back to the gallery."""
    search = search_from(request.GET, user, row.team)
    newer, older = (None, None) if row.deleted_at else gallery_neighbours(row.team, search, user, row.id)
    return {
        "previous_url": f"/g/{newer.id}/{query}" if newer else "",
        "next_url": f"/g/{older.id}/{query}" if older else "",
        "previous_thumb": _large(newer),
        "next_thumb": _large(older),
        # A page of the gallery that begins with this picture. Who comes straight from the gallery goes back instead.
        "back_url": reverse("gallery", args=[row.team.slug])
        + _with(query, before=newer.id if newer else "")
        + f"#g-{row.id}",
    }


def _with(query: str, **more: object) -> str:
    pairs = urlencode({name: value for name, value in more.items() if value})
    return f"{query}{'&' if query else '?'}{pairs}" if pairs else query


def _item(row: Generation, card: Tile, role: str | None) -> dict[str, Any]:
    image = image_of(row)
    hidden = row.waits and not card.mine
    gallery = reverse("gallery", args=[row.team.slug])
    creates = allows(role, Verb.CREATE) and not hidden
    # A model whose schema was removed keeps its pages: its parameters are read as far as the default's names go.
    model = schema.known(row.model)
    return asdict(card) | {
        "src": _large(row),
        "full_prompt": "" if hidden else row.prompt,
        "image_url": f"/g/{row.id}/image" if image else "",
        "download_url": f"/g/{row.id}/image?download" if image else "",
        "facts": [] if hidden else _facts(row, model, f"{gallery}?seed_of={row.id}" if creates else ""),
        "remix_url": f"{gallery}?remix={row.id}" if creates else "",
        "use_url": f"{gallery}?use={row.id}" if creates else "",
        "generated_label": f"AI-generated with {model.title if model.id == row.model else row.model}",
    }


def _large(row: Generation | None) -> str:
    return f"/g/{row.id}/thumb/1280.webp" if row is not None and image_of(row) else ""


def _facts(row: Generation, model: schema.ParameterSchema, seed_url: str) -> list[dict[str, Any]]:
    attempt = row.attempts.order_by("-n").first()
    image = image_of(row)
    seed = "" if row.seed is None else str(row.seed)
    facts = [
        _fact("Cost", _cost(row), strong=True),
        _fact(
            "Made by",
            f"{row.author.display_name if row.author else 'someone who left'} · {day_and_clock(row.created_at)}",
        ),
        *(_option_fact(model, role, row) for role in ("size", "speed")),
        _fact("Seed", seed, link=seed_url, link_text="Use seed", copy=seed),
        _fact(
            "File",
            f"{image.format.upper()} · {image.width} × {image.height} · {file_size(image.size)}" if image else "",
        ),
        *_attempt_facts(row, attempt),
        _fact("SHA-256", f"{image.sha256[:12]}…" if image else "", copy=image.sha256 if image else ""),
    ]
    return [fact for fact in facts if fact["value"]]


def _attempt_facts(row: Generation, attempt: Attempt | None) -> list[dict[str, Any]]:
    if attempt is None:
        return []
    tries = row.attempts.count()
    short = (
        attempt.request_id if len(attempt.request_id) <= 16 else f"{attempt.request_id[:8]}…{attempt.request_id[-4:]}"
    )
    return [
        _fact("Took", _took(row, attempt)),
        _fact("Request", short, copy=attempt.request_id),
        _fact("Attempts", str(tries) if tries > 1 else ""),
    ]


def _took(row: Generation, attempt: Attempt) -> str:
    if attempt.answered_at is None or attempt.sent_at is None:
        return ""
    drawing = attempt.generation_seconds or (attempt.answered_at - attempt.sent_at).total_seconds()
    waiting = max(0.0, (attempt.sent_at - row.queued_at).total_seconds())
    return f"{drawing:.1f} s drawing, {waiting:.1f} s waiting"


def _cost(row: Generation) -> str:
    if row.cost is None:
        return "in doubt" if row.state == "unknown" else ("" if row.waits else "not charged")
    return f"{dollars(row.cost, estimated=row.cost_estimated)} {'estimated' if row.cost_estimated else 'charged'}"


def _option_fact(model: schema.ParameterSchema, role: str, row: Generation) -> dict[str, Any]:
    parameter = model.by_role(role)
    option = parameter.option(row.parameters.get(parameter.name)) if parameter else None
    if parameter is None or option is None:
        return _fact(role, "")
    pixels = f" · {option.width} × {option.height}" if option.width else ""
    return _fact(parameter.label, f"{option.label}{pixels}")


def _fact(
    label: str, value: str, *, strong: bool = False, copy: str = "", link: str = "", link_text: str = ""
) -> dict[str, Any]:
    return {"label": label, "value": value, "strong": strong, "copy": copy, "link": link, "link_text": link_text}
