"""The composer of the gallery page: an empty form, a refused one, or one filled from an earlier picture."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from generations import schema
from generations.forms.composer import REMIX_OF, ComposerForm, OptionView, ParameterView, new_client_key, ratio_class
from generations.forms.gallery import carried_from, query_of
from generations.forms.presets import values_to_keep
from generations.imaging import WIDTHS
from generations.models import Generation, Preset, Team, User, format_estimate, name_in, parse_uuid
from generations.queries.gallery.gallery import GallerySearch, find_to_reuse
from generations.queries.gallery.presets import presets_by_name
from generations.queries.spending.limits import composer_limits
from generations.queries.spending.prices import price_estimate, price_estimates
from generations.services.orders import wildcards
from generations.services.orders.submit import MAX_AT_ONCE
from generations.views.cards.cards import image_of
from generations.views.gallery.approval_hint import ApprovalHint, approval_hint
from generations.views.gallery.composer_hints import (
    LimitLeft,
    Meaning,
    UsualDuration,
    chosen_option,
    limit_left,
    meanings,
    usual_times,
)
from generations.views.gallery.presets import PresetPills, pills
from generations.views.site.formatting import day_and_clock, price_hint, shortened
from generations.views.site.pickers import WHO_SEES, Choice, PickerOptions, choices

# How much of an earlier picture is taken over: everything but the seed, everything, or only the seed.
RECALLS = ("remix", "use", "seed_of")


@dataclass(frozen=True)
class ButtonPrice:
    """The price of the chosen size and speed on the button, and for the script all of them as JSON.

    `asks` is whether so many pictures need approval.
    """

    each: str
    text: str
    hint: str
    asks: bool
    all: str = ""
    hints: str = ""
    fields: str = ""

    @property
    def amount(self) -> str:
        """Return the price without the sign of an estimate; the hint says how it is known."""
        return self.text.removeprefix("≈ ")


@dataclass(frozen=True)
class Duplicate:
    url: str
    src: str
    ratio: str
    seed: int | None
    who: str
    when: str
    alt: str


@dataclass(frozen=True)
class Duplicates:
    """Pictures that the team has already, the price of generating them or all of them again, and how many are new."""

    pictures: list[Duplicate]
    asked: int
    saved: str
    all: str

    @property
    def count(self) -> int:
        return len(self.pictures)

    @property
    def seeds(self) -> str:
        return ", ".join(str(one.seed) for one in self.pictures)

    @property
    def new(self) -> int:
        return self.asked - self.count


@dataclass(frozen=True)
class ModelLink:
    title: str
    url: str
    current: bool


@dataclass(frozen=True)
class Recalled:
    """The earlier picture, and which of RECALLS it is recalled by."""

    url: str
    how: str


@dataclass(frozen=True)
class Composer:
    parameters: list[ParameterView]
    count: dict[str, str]
    action: str
    client_key: uuid.UUID
    price: ButtonPrice
    approval: ApprovalHint | None
    collections: list[Choice]
    collection_error: str
    visibility: list[Choice]
    limits: Sequence[str]
    left: LimitLeft | None
    model: str
    models: list[ModelLink]
    meanings: list[Meaning]
    expected: list[UsualDuration]
    remix_of: Recalled | None
    remix_id: str
    presets: PresetPills
    preset: Preset | None
    filled: bool
    errors: list[str]
    paid: Duplicates | None
    max_count: int = MAX_AT_ONCE

    @property
    def shape(self) -> OptionView | None:
        """Return the chosen size, which the composer shows at rest."""
        return chosen_option(option for one in self.parameters if one.widget == "shapes" for option in one.options)

    @property
    def is_open(self) -> bool:
        """Return whether it has something to say that one line cannot hold."""
        wrong = any(one.error for one in self.parameters) or self.count["error"] or self.collection_error
        return bool(self.errors or self.paid or self.filled or self.remix_of or self.preset or wrong)

    @property
    def settings_open(self) -> bool:
        """Return whether a setting has an error."""
        wrong = any(one.error for one in self.parameters if not one.main)
        return wrong or bool(self.collections and self.collection_error)


def composer(
    query: Mapping[str, str], user: User, team: Team, shelf: PickerOptions, *, role: str | None,
    form: ComposerForm | None = None,
) -> Composer:  # fmt: skip
    row, how = recalled(query, user)
    known = presets_by_name(team, user)
    asked, default = (None, None) if form or row else _presets(query, known)
    preset = asked or default
    model = form.model if form else schema.is_known(_model_of(row, preset) or query.get("model", ""))
    initial = reused_values(row, how, model) if row else values_to_keep(model, preset.values) if preset else {}
    form = form or ComposerForm(model, initial=initial)
    collection, errors = _collection(query, form), form.errors_without_control(has_collections=bool(shelf.collections))
    limits, parameters = composer_limits(team, user, parse_uuid(collection)), form.parameters
    size, speed = (_chosen(model.by_role(role), form) for role in ("size", "speed"))
    return Composer(
        parameters=parameters,
        count=form.count_view,
        # The layout is kept after a submit; the filters are not, because the new card must be visible.
        action=reverse("create", args=[team.slug]) + query_of(GallerySearch(), **carried_from(query)),
        client_key=_client_key(form),
        price=_price(model, form, team),
        approval=approval_hint(team, user, role),
        collections=shelf.collection_choices(collection),
        collection_error=form.collection_error,
        visibility=choices(WHO_SEES.items(), form.chosen("visibility") or team.default_visibility),
        # The error of a refused form says the same and more.
        limits=[] if errors else limits.warnings,
        left=limit_left(limits.binding),
        model=model.id,
        models=_models(model, reverse("gallery", args=[team.slug]), query),
        meanings=meanings(next((one for one in parameters if one.widget == "shapes"), None)),
        expected=usual_times(model, size, speed),
        remix_of=Recalled(reverse("detail", args=[row.id]), how) if row else None,
        remix_id=form.chosen(REMIX_OF) or (str(row.id) if row and how != "seed_of" else ""),
        presets=pills(team, known, preset),
        preset=asked,
        filled=form.filled,
        errors=errors,
        paid=_paid(model, form) if form.has else None,
    )


def _presets(query: Mapping[str, str], known: Sequence[Preset]) -> tuple[Preset | None, Preset | None]:
    """Return the preset that `?preset=` names, and the team's default unless the query names another model."""
    models = schema.load()
    usable = [one for one in known if one.model in models]
    asked = next((one for one in usable if str(one.pk) == query.get("preset")), None)
    default = next((one for one in usable if one.is_default and query.get("model", one.model) == one.model), None)
    return asked, default


def _model_of(row: Generation | None, preset: Preset | None) -> str:
    return row.model if row else preset.model if preset else ""


def _price(model: schema.ParameterSchema, form: ComposerForm, team: Team) -> ButtonPrice:
    size, speed = (model.by_role(role) for role in ("size", "speed"))
    shape, pace = (_chosen(parameter, form) for parameter in (size, speed))
    known = price_estimates(model)
    chosen = known[shape.name if shape else "", pace.name if pace else ""]
    total = chosen.usual * form.count_chosen
    asks = team.asks_for(total)
    said = ButtonPrice(
        str(chosen.usual), format_estimate(total if asks else chosen.usual), price_hint(chosen), asks
    )  # fmt: skip
    if size is None or speed is None:
        return said
    values = {
        f"{one.value}|{two.value}": known[one.name, two.name] for one in size.options for two in speed.options
    }  # fmt: skip
    return replace(
        said,
        all=json.dumps({kind: str(price.usual) for kind, price in values.items()}),
        hints=json.dumps({kind: price_hint(price) for kind, price in values.items()}),
        fields=f"{size.name} {speed.name}",
    )


def _paid(model: schema.ParameterSchema, form: ComposerForm) -> Duplicates:
    price = price_estimate(model, form.has[0].size, form.has[0].speed).usual
    asked = len(form.order.each)
    return Duplicates(
        [_found(row) for row in form.has], asked, format_estimate(price * len(form.has)), format_estimate(price * asked)
    )


def _found(row: Generation) -> Duplicate:
    image = image_of(row)
    return Duplicate(
        url=reverse("detail", args=[row.id]),
        src=f"/g/{row.id}/thumb/{WIDTHS[0]}.webp",
        ratio=ratio_class(image.width, image.height) if image else "",
        seed=row.seed,
        who=name_in(row, "author"),
        when=day_and_clock(row.created_at),
        alt=_("AI-generated image: %(prompt)s") % {"prompt": shortened(row.prompt, 120)},
    )


def _collection(query: Mapping[str, str], form: ComposerForm) -> str:
    """Return the id of the collection that is selected: the one of the page, unless the form says another."""
    return form.chosen("collection") if form.is_bound else query.get("collection", "")


def _models(current: schema.ParameterSchema, gallery: str, query: Mapping[str, str]) -> list[ModelLink]:
    """Return the models to choose from; nothing when there is only one."""
    found = schema.load()
    if len(found) < 2:
        return []
    kept = carried_from(query)
    urls = {m.id: gallery + query_of(GallerySearch(), **{**kept, "model": m.id}) for m in found.values()}
    return [ModelLink(m.title, urls[m.id], m == current) for m in found.values()]


def _client_key(form: ComposerForm) -> uuid.UUID:
    """Return the key of a refused form, or a new one when it is damaged: else the form could never be sent."""
    kept: uuid.UUID | None = form.cleaned_data.get("client_key") if form.is_bound and form.errors else None
    return kept or new_client_key()


def recalled(query: Mapping[str, str], user: User) -> tuple[Generation | None, str]:
    """Return the picture that `?remix=`, `?use=` or `?seed_of=` names, and which of them did."""
    found = ((find_to_reuse(user, parse_uuid(query.get(how, ""))), how) for how in RECALLS)
    return next(((row, how) for row, how in found if row is not None), (None, ""))


def reused_values(row: Generation, how: str, model: schema.ParameterSchema) -> dict[str, str]:
    """Return the values of an earlier picture that a form is filled with; `how` is one of RECALLS."""
    values = {} if how == "seed_of" else {name: str(value) for name, value in row.parameters.items()}
    seed, prompt = model.by_role("seed"), model.by_role("prompt")
    if prompt is not None and prompt.name in values:
        values[prompt.name] = wildcards.escape(values[prompt.name])
    if seed is not None:
        values.pop(seed.name, None)
        if how != "remix" and row.seed is not None:
            values[seed.name] = str(row.seed)
    return values


def _chosen(parameter: schema.Parameter | None, form: ComposerForm) -> schema.Option | None:
    if parameter is None:
        return None
    source = form.data if form.is_bound else form.initial
    return parameter.option(source.get(parameter.name)) or parameter.option(parameter.default)
