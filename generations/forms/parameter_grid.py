"""The form of a parameter grid: the composer with wildcards and sets of sizes, speeds and seeds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations import schema
from generations.forms.composer import ComposerForm, OptionView, ParameterView, ratio_class
from generations.pipeline.worker.claim import MAX_SEED, draw_seed
from generations.schema import Parameter
from generations.services.orders.parameter_grid import MAX_CELLS, GridCell, GridPlan, GridRequest, ParameterChoice
from generations.services.orders.submit import GenerationRequest
from generations.services.orders.wildcards import Wording

SIZES, SPEEDS, SEEDS, CAP = "x-sizes", "x-speeds", "x-seeds", "x-cap"
# Fields of the table: its random seeds, the shown cells, the ticked ones, and the total.
DRAWN, SEEN, TAKE, STAMP, TOTAL, DO = "x-drawn", "x-seen", "x-take", "x-stamp", "x-total", "x-do"
PARAMETER_SETS = {"size": SIZES, "speed": SPEEDS}
GRID_PARAMETERS = {SIZES, SPEEDS, SEEDS, CAP, DRAWN, SEEN, TAKE, STAMP, TOTAL, DO}
RANDOM = r"(\d{1,3})\s*(?:random|%s)"
NO_OPTION = {"size": gettext_lazy("Choose at least one size."), "speed": gettext_lazy("Choose at least one speed.")}
DOLLARS = re.compile(r"\$?\s*(\d{1,6}(?:\.\d{1,4})?|\.\d{1,4})")


@dataclass(frozen=True)
class ParameterSet:
    """The options of one parameter, of which several may be ticked."""

    name: str
    label: str
    options: list[OptionView]
    error: str


class ParameterGridForm(ComposerForm):
    """The composer with sets and wildcards; `request` is set when the form is valid."""

    request: GridRequest
    wordings: tuple[Wording | None, ...] = (None,)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (SIZES, SPEEDS, SEEDS, CAP):
            self.fields[name] = forms.Field(required=False)
        self._roles = {role: self.model.by_role(role) for role in ("size", "speed", "seed")}

    def clean(self) -> None:
        super().clean()
        sets = {role: self._set(role) for role in PARAMETER_SETS}
        seeds, cap = self._seeds(), self._cap()
        if self.errors:
            return
        self.request = GridRequest(
            self.model, self.order.values, sets["size"], sets["speed"], seeds, cap, self.wordings,
            self.order.collection,
        )  # fmt: skip
        if self.request.count > MAX_CELLS:
            text = ngettext(
                "This batch would have %(count)s picture; the maximum is %(most)s. Choose fewer wildcards, sizes, "
                "speeds or seeds.",
                "This batch would have %(count)s pictures; the maximum is %(most)s. Choose fewer wildcards, sizes, "
                "speeds or seeds.",
                self.request.count,
            )
            self.add_error(None, text % {"count": self.request.count, "most": MAX_CELLS})

    def read_wildcards(self, values: schema.Values) -> None:
        template, name = self.template_of(values), self.prompt_name
        if template is None or self.refuse_too_many(template.count):
            return
        wordings = template.wordings
        # A choice may make a prompt that is too short, or has another form than the model wants.
        refused = (schema.clean(self.model, {name: one.prompt})[1].get(name) for one in wordings)
        if sentence := next(filter(None, refused), None):
            self.add_error(name, sentence)
        elif len(wordings) > 1:
            self.wordings = tuple(wordings)
        else:
            values[name] = wordings[0].prompt

    def order_of(self, cells: Iterable[GridCell]) -> GenerationRequest:
        said = self.cleaned_data
        each = tuple(cell.values for cell in cells)
        return GenerationRequest(
            {}, len(each), said["client_key"], self.model.id, collection=said["collection"],
            visibility=said["visibility"], cells=each,
        )  # fmt: skip

    def fits(self, plan: GridPlan) -> bool:
        """Return whether the plan is the one that the table showed, and costs no more."""
        shown = re.fullmatch(r"\d{1,9}(?:\.\d{1,12})?", self._text(TOTAL))
        return self._text(STAMP) == plan.stamp and shown is not None and plan.total <= Decimal(shown[0])

    @property
    def ordered(self) -> bool:
        return self._text(DO) == "order"

    @property
    def seen(self) -> set[str]:
        return set(self._text(SEEN).split())

    @property
    def ticked(self) -> set[str]:
        return set(self._list(TAKE))

    @property
    def drawn(self) -> str:
        """Return the random seeds of this table, sent along with it so that what is generated is what was planned."""
        return " ".join(str(seed) for seed in self.request.seeds if seed is not None)

    @property
    def common(self) -> list[ParameterView]:
        """Return the parameters that are the same for all cells."""
        sets = {parameter.name for parameter in self._roles.values() if parameter}
        return [view for view in self.parameters if view.name not in sets]

    @property
    def sizes(self) -> ParameterSet:
        return self._choices("size")

    @property
    def speeds(self) -> ParameterSet:
        return self._choices("speed")

    def text_of(self, name: str) -> dict[str, str]:
        return {"value": self._text(name), "error": self._error(name)}

    @property
    def has_seeds(self) -> bool:
        return self._roles["seed"] is not None

    def _choices(self, role: str) -> ParameterSet:
        parameter = self._roles[role]
        ticked = self._ticked(parameter, role) if parameter else []
        return ParameterSet(
            name=PARAMETER_SETS[role],
            label=_(parameter.label) if parameter else "",
            options=[_option(one, checked=one in ticked) for one in parameter.options] if parameter else [],
            error=self._error(PARAMETER_SETS[role]),
        )

    def _ticked(self, parameter: Parameter, role: str) -> list[ParameterChoice]:
        if not self.is_bound:
            return [parameter.option(self.initial.get(parameter.name)) or parameter.option(parameter.default)]
        said = [parameter.option(text) for text in self._list(PARAMETER_SETS[role])]
        return [option for option in parameter.options if option in said]

    def _set(self, role: str) -> tuple[ParameterChoice, ...]:
        parameter = self._roles[role]
        if parameter is None or not parameter.options:
            return (None,)
        ticked = self._ticked(parameter, role)
        if not ticked:
            self.add_error(PARAMETER_SETS[role], self._no_option(parameter, role) or NO_OPTION[role])
        return tuple(ticked)

    def _no_option(self, parameter: Parameter, role: str) -> str:
        """Return the composer's error for a value that is no option; empty when there is no value."""
        errors = schema.clean(self.model, {parameter.name: self._text(PARAMETER_SETS[role])})[1]
        return errors.get(parameter.name, "")

    def _seeds(self) -> tuple[int | None, ...]:
        parameter, text = self._roles["seed"], self._text(SEEDS).strip() or "1 random"
        if parameter is None:
            return (None,)
        if (count := random_count(text)) is not None:
            return tuple(self._draw(parameter, count))
        words = [word for word in re.split(r"[\s,;]+", text) if word]
        high = MAX_SEED if parameter.maximum is None else int(parameter.maximum)
        wrong = [word for word in words if not re.fullmatch(r"\d{1,12}", word) or int(word) > high]
        if wrong or not words:
            shown = (wrong or [text])[0][:20]
            error = _(
                "“%(typed)s” isn't a seed. Enter whole numbers up to %(most)s, separated by commas, or for example "
                "“4 random”."
            )
            self.add_error(SEEDS, error % {"typed": shown, "most": high})
        return tuple(dict.fromkeys(int(word) for word in words if word not in wrong))

    def _draw(self, parameter: Parameter, many: int) -> list[int | None]:
        """Return the random seeds that this table had before, then new ones."""
        if not 1 <= many <= MAX_CELLS:
            error = _("Choose from 1 to %(most)s random seeds, not %(count)s.")
            self.add_error(SEEDS, error % {"most": MAX_CELLS, "count": many})
            return []
        words = (word for word in self._text(DRAWN).split() if re.fullmatch(r"\d{1,12}", word))
        before = [int(word) for word in words if int(word) <= MAX_SEED]
        seeds = dict.fromkeys(before[:many])
        # A model may have fewer seeds than requested; then the list is shorter.
        for _try in range(20 * many):
            if len(seeds) < many:
                seeds[draw_seed(parameter)] = None
        return list(seeds)

    def _cap(self) -> Decimal | None:
        text = self._text(CAP).strip()
        found = DOLLARS.fullmatch(text)
        if text and not found:
            error = _("“%(typed)s” isn't an amount. Enter dollars such as 0.50, or leave it empty.")
            self.add_error(CAP, error % {"typed": text[:20]})
        return Decimal(found[1]) if found else None

    def _list(self, name: str) -> list[str]:
        return list(self.data.getlist(name)) if hasattr(self.data, "getlist") else []

    def _raw(self) -> dict[str, object]:
        sets = {parameter.name for parameter in self._roles.values() if parameter}
        return {name: value for name, value in super()._raw().items() if name not in GRID_PARAMETERS | sets}


def random_count(text: str) -> int | None:
    """Return the number in `4 random`, in English or the reader's language; None for any other text."""
    found = re.fullmatch(RANDOM % re.escape(_("random")), text, re.IGNORECASE)
    return int(found[1]) if found else None


def _option(option: schema.Option, *, checked: bool) -> OptionView:
    shape = ratio_class(option.width, option.height)
    return OptionView(
        option.name,
        _(option.label),
        _(option.help) if option.help else "",
        option.width,
        option.height,
        checked=checked,
        shape=shape,
    )
