"""Conversion of raw input to clean values, shared by the form, the emulator's checks and repeated requests."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping

from generations.schema.parameters import Parameter, ParameterSchema, Value, Values

# Keys of an error dictionary are parameter names; this one holds the error about an unknown parameter.
UNKNOWN = "__unknown__"
MAX_QUOTE_LENGTH = 40


class Invalid(ValueError):
    """One parameter's value is refused; the text is a sentence for the user."""


def clean(schema: ParameterSchema, raw: Mapping[str, object]) -> tuple[Values, dict[str, str]]:
    """Return clean values by parameter name, and one sentence per refused parameter.

    Accepts strings (a form) and JSON types alike; an enum accepts the exact wire string or the option's short name.
    Empty means the default. A parameter that does not apply (`x-visible-if`) takes its default whatever was sent.
    """
    values: Values = {}
    errors: dict[str, str] = {}
    for parameter in sorted(schema.parameters, key=lambda parameter: bool(parameter.visible_if)):
        try:
            value = _clean_one(parameter, raw.get(parameter.name), values)
        except Invalid as error:
            errors[parameter.name] = str(error)
        else:
            if value is not None:
                values[parameter.name] = value
    if unknown := [str(name) for name in raw if name not in schema.by_name]:
        errors[UNKNOWN] = f"{schema.title} has no parameter called {_quoted(unknown[0])}; remove it and send again."
    return values, errors


def body(schema: ParameterSchema, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the provider's request body: clean values under their wire names, in the schema's order."""
    applicable = (p for p in schema.parameters if p.force is not None or p.applies(values))
    pairs = ((p.wire, p.force if p.force is not None else values.get(p.name)) for p in applicable)
    return {wire: value for wire, value in pairs if value is not None}


def _clean_one(parameter: Parameter, raw: object, values: Values) -> Value | None:
    if parameter.force is not None:
        if raw not in (None, "", parameter.force, str(parameter.force)):
            raise Invalid(f"{parameter.label} is always {_quoted(parameter.force)}; {_quoted(raw)} is not possible.")
        return parameter.force
    if not parameter.applies(values):
        return parameter.default
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if parameter.required:
            raise Invalid(f"{parameter.label} is empty; write a few words.")
        return parameter.default
    if option := parameter.option(raw):
        return option.value
    value = COERCERS[parameter.type](parameter, raw)
    return _chosen(parameter, value) if parameter.options else value


def _chosen(parameter: Parameter, value: Value) -> Value:
    option = parameter.option(value)
    if option is None:
        labels = ", ".join(option.label for option in parameter.options)
        raise Invalid(f"{parameter.label} cannot be {_quoted(value)}; choose one of: {labels}.")
    return option.value


def _string(parameter: Parameter, raw: object) -> str:
    if not isinstance(raw, str):
        raise Invalid(f"{parameter.label} must be text, not {_quoted(raw)}.")
    if parameter.options:
        return raw
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    # The length comes first, so that nothing below processes a text of unbounded size.
    if parameter.max_length is not None and len(text) > parameter.max_length:
        raise Invalid(f"{parameter.label} has {len(text):,} characters; at most {parameter.max_length:,} are possible.")
    if parameter.min_length is not None and len(text) < parameter.min_length:
        raise Invalid(f"{parameter.label} needs at least {parameter.min_length} characters.")
    if bad := next((c for c in text if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cs"}), None):
        raise Invalid(f"{parameter.label} holds the invisible character U+{ord(bad):04X}; delete it and send again.")
    if parameter.pattern and not re.fullmatch(parameter.pattern, text):
        raise Invalid(f"{parameter.label} does not have the expected form: {_quoted(text)}.")
    return text


def _integer(parameter: Parameter, raw: object) -> int:
    # int() reads a text of 20 digits as readily as one of 4,000; no range of ours needs more than 20.
    whole = isinstance(raw, int | str) and not isinstance(raw, bool)
    if not whole or not re.fullmatch(r"\s*[+-]?[0-9]{1,20}\s*", _text(raw)):
        raise Invalid(f"{parameter.label} must be a whole number, not {_quoted(raw)}.")
    return int(_in_range(parameter, int(_text(raw))))


def _number(parameter: Parameter, raw: object) -> float:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise ValueError
        value = float(raw)
        if not math.isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        raise Invalid(f"{parameter.label} must be a number, not {_quoted(raw)}.") from None
    return float(_in_range(parameter, value))


def _boolean(parameter: Parameter, raw: object) -> bool:
    known = {"true": True, "on": True, "1": True, "yes": True, "false": False, "off": False, "0": False, "no": False}
    value = known.get(_text(raw).strip().lower())
    if value is None:
        raise Invalid(f"{parameter.label} must be on or off, not {_quoted(raw)}.")
    return value


def _in_range(parameter: Parameter, value: float) -> float:
    low, high, step = parameter.minimum, parameter.maximum, parameter.multiple_of
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"from {low:,} to {high:,}" if low is not None and high is not None else _one_bound(low, high)
        raise Invalid(f"{parameter.label} must be {bounds}; {value:,} is outside.")
    if step and abs(value / step - round(value / step)) > 1e-9:
        raise Invalid(f"{parameter.label} must be a multiple of {step:g}; {value:,} is not.")
    return value


def _one_bound(low: float | None, high: float | None) -> str:
    return f"at least {low:,}" if high is None else f"at most {high:,}"


def _text(value: object) -> str:
    """Return str(value); Python refuses to convert a number of more than 4,300 digits."""
    try:
        return str(value)
    except ValueError:
        return "a very large number"


def _quoted(value: object) -> str:
    text = _text(value)
    text = text if len(text) <= MAX_QUOTE_LENGTH else text[:MAX_QUOTE_LENGTH] + "…"
    return f"“{text.encode('utf-8', 'replace').decode()}”"


COERCERS: dict[str, Callable[[Parameter, object], Value]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
