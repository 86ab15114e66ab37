"""The form that generates pictures, built from a parameter schema: its controls, their texts and errors."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import schema
from generations.errors import BlockedWordInPrompt, CostCentreMissing, GalleryError, PriceChanged
from generations.forms.wildcards import WildcardsForm
from generations.models import Collection, Generation, Team, Visibility
from generations.schema import Parameter, ParameterSchema
from generations.services.collections import collections
from generations.services.orders.submit import MAX_AT_ONCE, GenerationRequest

# Fields that the form sends beside parameters of the schema. No provider names a parameter like this.
MODEL = "x-model"
# Generate again what the team has already.
ANYWAY = "x-anyway"
# The user and the page of the form; signed.
FORM = "x-form"
# The picture that the form was filled from.
REMIX_OF = "x-remix-of"
# What the page shows: the day on top, and the waiting cards; htmx sends them along.
DAY, WATCHED = "x-day", "x-watched"
# The name under which a preset is saved.
PRESET = "x-preset"
CONTROLS = {
    MODEL, ANYWAY, FORM, PRESET, REMIX_OF, DAY, WATCHED, "count", "client_key", "collection", "visibility",
    "csrfmiddlewaretoken",
}  # fmt: skip
ALWAYS_VISIBLE = {"prompt", "size"}
RATIO = re.compile(r"\s*(\d+:\d+)\s*")
WIDGETS: dict[str, type[forms.Widget]] = {
    "textarea": forms.Textarea, "shapes": forms.RadioSelect, "steps": forms.RadioSelect, "choice": forms.RadioSelect,
    "slider": forms.NumberInput, "number": forms.NumberInput, "seed": forms.NumberInput, "switch": forms.CheckboxInput,
    "hidden": forms.HiddenInput,
}  # fmt: skip


@dataclass(frozen=True)
class OptionView:
    value: str
    label: str
    help: str
    width: int
    height: int
    checked: bool
    shape: str

    @property
    def ratio(self) -> str:
        """Return the ratio in the label (`16:9`), or the label when it has none."""
        return ratio_of(self.label)

    @property
    def meaning(self) -> str:
        """Return the name and the size in pixels: `Wide · 1360 × 768`."""
        name = RATIO.sub("", self.label) or self.label
        return f"{name} · {self.width} × {self.height}" if self.width else name


@dataclass(frozen=True)
class ParameterView:
    """One control with all its texts; `main` controls are always visible, the others are under Settings.

    `reviews`: its prompt has wildcards, and a button leads to the page that shows what it would generate.
    """

    name: str
    label: str
    help: str
    widget: str
    value: str
    error: str
    options: list[OptionView]
    minimum: float | None
    maximum: float | None
    step: float | None
    max_length: int | None
    examples: tuple[str, ...]
    visible_if: str
    main: bool
    reviews: bool = False

    @property
    def input_id(self) -> str:
        return f"composer-{self.name}"

    @property
    def error_id(self) -> str:
        return f"{self.input_id}-error"


class GenerationCountField(forms.Field):
    def to_python(self, value: Any) -> int:
        text = str(value or "1").strip()
        if not self.allows(text):
            raise forms.ValidationError(_("Enter a number from 1 to %(maximum)s.") % {"maximum": MAX_AT_ONCE})
        return int(text)

    @staticmethod
    def allows(text: str) -> bool:
        return bool(re.fullmatch(r"[0-9]{1,9}", text)) and 1 <= int(text) <= MAX_AT_ONCE


class ComposerForm(WildcardsForm):
    """The composer. `order` is set when the form is valid.

    A browser does not send an unticked box, so absent switches are off.
    """

    count = GenerationCountField(required=False)
    client_key = forms.UUIDField(
        required=False,
        error_messages={"invalid": gettext_lazy("This form has expired. Reload the page and try again.")},
    )

    collection = forms.CharField(required=False)
    visibility = forms.ChoiceField(
        choices=Visibility.choices,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a visibility.")},
    )

    order: GenerationRequest
    # Finished pictures that the request would generate again; set by the view.
    has: Sequence[Generation] = ()
    # The form holds values of the parameter grid form and has not been sent.
    filled = False

    def __init__(
        self,
        model: ParameterSchema,
        data: Any = None,
        initial: Mapping[str, Any] | None = None,
        team: Team | None = None,
    ) -> None:
        super().__init__(data, initial={**_texts(model.defaults()), **(initial or {})})
        self.model, self.team = model, team
        for parameter in model.parameters:
            widget = WIDGETS.get(parameter.widget, forms.TextInput)
            self.fields[parameter.name] = forms.Field(required=False, label=_(parameter.label), widget=widget)

    def clean(self) -> None:
        values, errors = schema.clean(self.model, self._raw())
        for name, sentence in errors.items():
            self.add_error(None if name == schema.UNKNOWN else name, sentence)
        if not self.errors:
            said = self.cleaned_data
            self.order = GenerationRequest(
                values, said["count"], said["client_key"], self.model.id,
                collection=said["collection"], visibility=said["visibility"],
            )  # fmt: skip
            self.read_wildcards(values)

    def clean_collection(self) -> Collection | None:
        text = self.cleaned_data["collection"]
        found = collections.find(self.team, text) if text and self.team else None
        if text and found is None:
            raise forms.ValidationError(_("That collection no longer exists. Choose another one, or none."))
        return found

    @property
    def anyway(self) -> bool:
        return self._text(ANYWAY) == "1"

    def refuse(self, error: GalleryError) -> None:
        """Add an error of the service; after PriceChanged a fresh key makes the next try another request."""
        field = error.field if isinstance(error, BlockedWordInPrompt | CostCentreMissing) else None
        self.add_error(field, error.message)
        if isinstance(error, PriceChanged):
            self.cleaned_data["client_key"] = None

    def forgive_blanks(self) -> None:
        """Remove the errors of empty fields, which are no mistakes in a form that has not been sent."""
        for name in [name for name in self.errors if name in self.fields and not self._text(name).strip()]:
            del self.errors[name]

    def _raw(self) -> dict[str, object]:
        raw = {name: value for name, value in self.data.items() if name not in CONTROLS}
        switches = [p.name for p in self.model.parameters if p.widget == "switch" and p.shown]
        return {**dict.fromkeys(switches, "off"), **raw}

    @property
    def parameters(self) -> list[ParameterView]:
        return [self._view(parameter) for parameter in self.model.parameters if parameter.shown]

    @property
    def count_view(self) -> dict[str, str]:
        return {"value": self._text("count") or "1", "error": self._error("count")}

    @property
    def count_chosen(self) -> int:
        """Return the count; 1 when it is missing or invalid."""
        try:
            return int(GenerationCountField().clean(self._text("count")))
        except forms.ValidationError:
            return 1

    def errors_without_control(self, *, has_collections: bool) -> list[str]:
        """Return the errors that no visible control shows; `has_collections` is whether there are any to choose."""
        hidden = ["client_key", "visibility", *(p.name for p in self.model.parameters if not p.shown)]
        hidden += [] if has_collections else ["collection"]
        return [*self.non_field_errors(), *(self._error(name) for name in hidden if self._error(name))]

    @property
    def collection_error(self) -> str:
        return self._error("collection")

    def chosen(self, name: str) -> str:
        """Return the text of a control that is not a parameter."""
        return self._text(name)

    def _view(self, parameter: Parameter) -> ParameterView:
        value = self._text(parameter.name)
        return ParameterView(
            name=parameter.name,
            label=_(parameter.label),
            help=_(parameter.help) or parameter.description,
            widget=parameter.widget,
            value=value,
            error=self._error(parameter.name),
            options=list(_option_views(parameter, value)),
            minimum=parameter.minimum,
            maximum=parameter.maximum,
            step=parameter.multiple_of or (None if parameter.type == "number" else 1),
            max_length=parameter.max_length,
            examples=parameter.examples,
            visible_if=json.dumps(parameter.visible_if) if parameter.visible_if else "",
            main=parameter.role in ALWAYS_VISIBLE,
            reviews=self.reviews and parameter.role == "prompt",
        )

    def _text(self, name: str) -> str:
        source = self.data if self.is_bound else self.initial
        value = source.get(name)
        return "" if value is None else str(value)

    def _error(self, name: str) -> str:
        return " ".join(str(error) for error in self.errors.get(name, [])) if self.is_bound else ""


def new_client_key() -> uuid.UUID:
    """Return the idempotency key of a rendered form: a form that is sent twice generates once."""
    return uuid.uuid4()


def _option_views(parameter: Parameter, value: str) -> Iterable[OptionView]:
    # An invalid value keeps the default ticked; the error names the value.
    chosen = parameter.option(value) or parameter.option(parameter.default)
    for option in parameter.options:
        yield OptionView(
            str(option.value), _(option.label), _(option.help), option.width, option.height,
            checked=option == chosen, shape=ratio_class(option.width, option.height),
        )  # fmt: skip


def ratio_of(label: str) -> str:
    """Return the ratio in the label of a size, or the label when it has none."""
    found = RATIO.search(label)
    return found[1] if found else label


def ratio_class(width: int, height: int) -> str:
    """Return the class of ratios.css that gives a box this shape."""
    ratio = width / height if height else 1
    return f"r{min(250, max(40, round(ratio * 100)))}"


def _texts(values: schema.Values) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
