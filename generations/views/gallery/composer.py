"""The composer of the gallery page: an empty form, a refused one, or one filled from an earlier picture."""

import json
import uuid
from typing import Any

from django.urls import reverse

from generations import schema
from generations.forms.composer import ComposerForm, new_client_key, ratio_class
from generations.forms.gallery import carried_from, query_of
from generations.imaging import WIDTHS
from generations.models import Generation, Team, User, format_estimate, parse_uuid
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.generations.attempt_history import usual_duration, usual_durations
from generations.queries.spending.limits import warnings
from generations.queries.spending.prices import expected_cost, price_estimates
from generations.services.orders.submit import MAX_AT_ONCE
from generations.views.cards.cards import image_of
from generations.views.gallery.approval_hint import approval_hint
from generations.views.site.formatting import day_and_clock, pictures, price_hint, shortened
from generations.views.site.pickers import WHO_SEES, PickerOptions

# How much of an earlier picture is taken over: everything but the seed, everything, or only the seed.
RECALLS = {
    "remix": "an earlier picture, with a new seed",
    "use": "an earlier picture, seed included",
    "seed_of": "the seed of an earlier picture",
}


def composer(
    query: Any, user: User, team: Team, shelf: PickerOptions, *, role: str | None, form: ComposerForm | None = None
) -> dict[str, Any]:
    row, how = recalled(query, user)
    model = form.model if form else schema.is_known(row.model if row else query.get("model", ""))
    form = form or ComposerForm(model, initial=_values(row, how, model) if row else {})
    return {
        "form": {"parameters": form.parameters, "count": form.count_view},
        # The layout is kept after a submit; the filters are not, because the new card must be visible.
        "action": reverse("create", args=[team.slug]) + query_of(GallerySearch(), **carried_from(query)),
        "client_key": _client_key(form),
        **_price(model, form, team),
        **approval_hint(team, user, role),
        "collections": _collections(query, form, shelf),
        "visibility": _visibility(form, team),
        # The error of a refused form says the same and more.
        "limits": [] if form.general_errors else warnings(team, user, parse_uuid(_collection(query, form))),
        "model": model.id,
        "models": _models(model, reverse("gallery", args=[team.slug]), query),
        "expected": _expected(model, form),
        "remix_of": {"url": reverse("detail", args=[row.id]), "what": RECALLS[how]} if row else None,
        "filled": form.filled,
        "errors": form.general_errors,
        "paid": _paid(model, form) if form.has else None,
        "max_count": MAX_AT_ONCE,
    }


def _price(model: schema.ParameterSchema, form: ComposerForm, team: Team) -> dict[str, Any]:
    """Return the price of each combination of size and speed, and its source; the script shows the chosen one.

    `asks` says how many pictures need approval, empty when none does.
    """
    size, speed = (model.by_role(role) for role in ("size", "speed"))
    shape, pace = (_chosen(parameter, form) for parameter in (size, speed))
    known = price_estimates(model)
    chosen = known[shape.name if shape else "", pace.name if pace else ""]
    total = chosen.usual * form.count_chosen
    asks = pictures(form.count_chosen) if team.asks_for(total) else ""
    said = {
        "price": str(chosen.usual),
        "price_text": format_estimate(total if asks else chosen.usual),
        "price_hint": price_hint(chosen),
        "asks": asks,
    }
    if size is None or speed is None:
        return said
    values = {
        f"{one.value}|{two.value}": known[one.name, two.name] for one in size.options for two in speed.options
    }  # fmt: skip
    return said | {
        "prices": json.dumps({kind: str(price.usual) for kind, price in values.items()}),
        "price_hints": json.dumps({kind: price_hint(price) for kind, price in values.items()}),
        "price_fields": f"{size.name} {speed.name}",
    }


def _paid(model: schema.ParameterSchema, form: ComposerForm) -> dict[str, Any]:
    """Return the pictures that the team has already, the price of generating them again, and how many are new."""
    price = expected_cost(model, form.has[0].size, form.has[0].speed)
    count, asked = len(form.has), len(form.order.each)
    return {
        "pictures": [_found(row) for row in form.has],
        "count": count,
        "asked": asked,
        "new": asked - count,
        "saved": format_estimate(price * count),
        "all": format_estimate(price * asked),
    }


def _found(row: Generation) -> dict[str, Any]:
    image = image_of(row)
    return {
        "url": reverse("detail", args=[row.id]),
        "src": f"/g/{row.id}/thumb/{WIDTHS[0]}.webp",
        "ratio": ratio_class(image.width, image.height) if image else "",
        "seed": row.seed,
        "who": row.author.display_name if row.author else "someone who left",
        "when": day_and_clock(row.created_at),
        "alt": f"AI-generated image: {shortened(row.prompt, 120)}",
    }


def _collections(query: Any, form: ComposerForm, shelf: PickerOptions) -> list[dict[str, Any]]:
    """Return the collections to choose from; the one of the page is selected."""
    chosen = _collection(query, form)
    return [{"id": str(id_), "name": name, "chosen": str(id_) == chosen} for id_, name in shelf.collections]


def _collection(query: Any, form: ComposerForm) -> str:
    return str(form.chosen("collection") if form.is_bound else query.get("collection", ""))


def _visibility(form: ComposerForm, team: Team) -> list[dict[str, Any]]:
    chosen = form.chosen("visibility") or team.default_visibility
    return [{"value": value, "label": label, "chosen": value == chosen} for value, label in WHO_SEES.items()]


def _models(current: schema.ParameterSchema, gallery: str, query: Any) -> list[dict[str, Any]]:
    """Return the models to choose from; nothing when there is only one."""
    found = schema.load()
    if len(found) < 2:
        return []
    kept = carried_from(query)
    urls = {m.id: gallery + query_of(GallerySearch(), **{**kept, "model": m.id}) for m in found.values()}
    return [{"title": m.title, "url": urls[m.id], "current": m == current} for m in found.values()]


def _client_key(form: ComposerForm) -> uuid.UUID:
    """Return the key of a refused form, or a new one when it is damaged: else the form could never be sent."""
    kept: uuid.UUID | None = form.cleaned_data.get("client_key") if form.is_bound and form.errors else None
    return kept or new_client_key()


def recalled(query: Any, user: User) -> tuple[Generation | None, str]:
    """Return the picture that `?remix=`, `?use=` or `?seed_of=` names, and which of them did."""
    found = ((_visible(query.get(how, ""), user), how) for how in RECALLS)
    return next(((row, how) for row, how in found if row is not None), (None, ""))


def _visible(text: str, user: User) -> Generation | None:
    try:
        row = Generation.objects.visible_to(user).filter(id=uuid.UUID(text)).first()
    except ValueError:
        return None
    # Prompts of other people stay hidden until the picture is finished, on their cards too.
    return None if row is None or (row.waits and row.author_id != user.pk) else row


def _values(row: Generation, how: str, model: schema.ParameterSchema) -> dict[str, str]:
    values = {} if how == "seed_of" else {name: str(value) for name, value in row.parameters.items()}
    seed = model.by_role("seed")
    if seed is not None:
        values.pop(seed.name, None)
        if how != "remix" and row.seed is not None:
            values[seed.name] = str(row.seed)
    return values


def _expected(model: schema.ParameterSchema, form: ComposerForm) -> list[dict[str, Any]]:
    """Return the usual duration at each speed, with the condition for the script that hides fields."""
    size, chosen = (_chosen(model.by_role(role), form) for role in ("size", "speed"))
    shape, speed = size.name if size else "", model.by_role("speed")
    if speed is None:
        return [{"range": str(usual_duration(model.id, shape, "")), "visible_if": "", "shown": True}]
    known = usual_durations(model.id, [(shape, option.name) for option in speed.options])
    return [
        {
            "range": str(known[shape, option.name]),
            "visible_if": json.dumps({speed.name: [option.value]}),
            "shown": option == chosen,
        }
        for option in speed.options
    ]


def _chosen(parameter: schema.Parameter | None, form: ComposerForm) -> schema.Option | None:
    if parameter is None:
        return None
    source = form.data if form.is_bound else form.initial
    return parameter.option(source.get(parameter.name)) or parameter.option(parameter.default)
