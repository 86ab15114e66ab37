"""A parameter schema, parsed from its JSON document into frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from generations.errors import SchemaError

TYPES = {"string", "integer", "number", "boolean"}
Type = Literal["string", "integer", "number", "boolean"]
Value = str | int | float | bool
Values = dict[str, Value]

# The purpose of a parameter, whatever the provider calls it: lists and filters use roles, not wire names.
ROLES = {"prompt", "size", "speed", "format", "quality", "seed"}
WIDGETS = {"textarea", "text", "shapes", "steps", "choice", "slider", "number", "seed", "switch", "hidden"}
KEYWORDS = {
    "type", "enum", "const", "default", "description", "title", "examples",
    "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern",
    "x-order", "x-role", "x-label", "x-help", "x-widget", "x-wire", "x-options", "x-visible-if",
    "x-affects-price", "x-force",
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One allowed value: `value` is sent, `name` is used in addresses and the database, `label` is shown."""

    value: Value
    name: str
    label: str
    help: str = ""
    width: int = 0
    height: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class Parameter:
    """One property of the request body.

    `name` is the form's field name, `wire` the key in the request body (the same unless `x-wire` differs).
    `force` is a value that is always sent and never shown; `visible_if` maps another parameter's name to the
    values under which this one applies.
    """

    name: str
    wire: str
    type: Type
    label: str
    description: str
    required: bool
    default: Value | None
    widget: str
    role: str = ""
    help: str = ""
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    examples: tuple[str, ...] = ()
    affects_price: bool = False
    force: Value | None = None
    visible_if: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    order: int = 0

    @property
    def shown(self) -> bool:
        """Return whether the form shows it; a forced value or an only choice leaves nothing to choose."""
        return self.widget != "hidden" and self.force is None and len(self.options) != 1

    def applies(self, values: Mapping[str, object]) -> bool:
        return all(values.get(name) in allowed for name, allowed in self.visible_if.items())

    def option(self, value: object) -> Option | None:
        """Return the option with this wire value, as JSON or as a form's text, or this short name; None without one."""
        for option in self.options:
            # True equals 1 in Python, but is no number here; 1.0 is the number 1.
            if isinstance(value, bool) == isinstance(option.value, bool) and value == option.value:
                return option
        texts = ((option, {option.name, str(option.value)}) for option in self.options)
        return next((option for option, known in texts if isinstance(value, str) and value in known), None)


@dataclass(frozen=True)
class ParameterSchema:
    """The request body of one hosted model.

    Prices are US dollars: `list_price` the provider's published mean for one picture, `price_per_second` its
    metered rate (None when it charges a flat price). `mean_latency` is in seconds.
    """

    id: str
    slug: str
    title: str
    description: str
    list_price: Decimal
    price_per_second: Decimal | None
    mean_latency: float
    source: str
    parameters: tuple[Parameter, ...]

    def __getitem__(self, name: str) -> Parameter:
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    def by_role(self, role: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.role == role), None)

    def defaults(self) -> Values:
        return {p.name: p.default for p in self.parameters if p.default is not None}


def parse(document: Mapping[str, Any]) -> ParameterSchema:
    """Parse one JSON Schema document. Raises SchemaError for a keyword or a value that this site does not support."""
    properties = document.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise SchemaError(f"{document.get('$id')!r} has no properties; a model needs at least a prompt.")
    required = document.get("required", [])
    parameters = [_parameter(name, entry, name in required) for name, entry in properties.items()]
    _check_references(parameters)
    rate = document.get("x-price-per-second")
    return ParameterSchema(
        id=str(document["$id"]),
        slug=str(document.get("x-slug", document["$id"])),
        title=str(document["title"]),
        description=str(document.get("description", "")),
        list_price=Decimal(str(document["x-list-price"])),
        price_per_second=None if rate is None else Decimal(str(rate)),
        mean_latency=float(str(document["x-mean-latency"])),
        source=str(document.get("x-source", "")),
        parameters=tuple(sorted(parameters, key=lambda parameter: parameter.order)),
    )


def _check_references(parameters: list[Parameter]) -> None:
    """Check that defaults are allowed values and conditions name existing parameters. Raises SchemaError."""
    names = {parameter.name for parameter in parameters}
    for parameter in parameters:
        if parameter.options and parameter.default is not None and parameter.option(parameter.default) is None:
            raise SchemaError(f"Parameter {parameter.name!r} has the default {parameter.default!r}, which enum lacks.")
        if missing := sorted(set(parameter.visible_if) - names):
            raise SchemaError(f"Parameter {parameter.name!r} depends on {missing[0]!r}, which is no parameter.")


def _parameter(name: str, entry: Mapping[str, Any], required: bool) -> Parameter:
    if unknown := sorted(set(entry) - KEYWORDS):
        raise SchemaError(f"Parameter {name!r} uses {', '.join(unknown)}, which this site does not understand.")
    if entry.get("type") not in TYPES:
        raise SchemaError(
            f"Parameter {name!r} has the type {entry.get('type')!r}; use one of {', '.join(sorted(TYPES))}."
        )
    role, widget = entry.get("x-role", ""), entry.get("x-widget") or _natural_widget(entry)
    if role and role not in ROLES:
        raise SchemaError(f"Parameter {name!r} has the role {role!r}; use one of {', '.join(sorted(ROLES))}.")
    if widget not in WIDGETS:
        raise SchemaError(f"Parameter {name!r} has the widget {widget!r}; use one of {', '.join(sorted(WIDGETS))}.")
    return Parameter(
        name=name,
        wire=entry.get("x-wire", name),
        type=entry["type"],
        label=entry.get("x-label") or entry.get("title") or name.replace("_", " ").capitalize(),
        description=entry.get("description", ""),
        required=required,
        default=entry.get("default"),
        widget=widget,
        role=role,
        help=entry.get("x-help", ""),
        options=_options(name, entry),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        multiple_of=entry.get("multipleOf"),
        min_length=entry.get("minLength"),
        max_length=entry.get("maxLength"),
        pattern=entry.get("pattern", ""),
        examples=tuple(entry.get("examples", ())),
        affects_price=entry.get("x-affects-price", False),
        force=entry.get("x-force", entry.get("const")),
        visible_if={key: tuple(values) for key, values in entry.get("x-visible-if", {}).items()},
        order=entry.get("x-order", 100),
    )


def _natural_widget(entry: Mapping[str, Any]) -> str:
    if "enum" in entry:
        return "choice"
    return {"boolean": "switch", "integer": "number", "number": "number"}.get(entry["type"], "text")


def _options(name: str, entry: Mapping[str, Any]) -> tuple[Option, ...]:
    """Return the allowed values with their labels; `x-options` must name exactly the values of `enum`."""
    values = entry.get("enum", [])
    described = [Option(**option) for option in entry.get("x-options", [])]
    if described and {option.value for option in described} != set(values):
        raise SchemaError(f"Parameter {name!r} describes other values in x-options than enum allows.")
    return tuple(described) or tuple(Option(value, str(value), str(value)) for value in values)
