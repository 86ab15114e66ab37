"""Conversion of raw input to clean values, shared by the form, the emulator's checks and repeated requests."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _

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
        sentence = _("%(model)s has no parameter %(name)s. Remove it and try again.")
        errors[UNKNOWN] = sentence % {"model": schema.title, "name": _quoted(unknown[0])}
    return values, errors


def body(schema: ParameterSchema, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the provider's request body: clean values under their wire names, in the schema's order."""
    applicable = (p for p in schema.parameters if p.force is not None or p.applies(values))
    pairs = ((p.wire, p.force if p.force is not None else values.get(p.name)) for p in applicable)
    return {wire: value for wire, value in pairs if value is not None}


def _clean_one(parameter: Parameter, raw: object, values: Values) -> Value | None:
    if parameter.force is not None:
        if raw not in (None, "", parameter.force, str(parameter.force)):
            sentence = _("%(label)s is always %(always)s; %(value)s isn't possible.")
            raise _invalid(parameter, sentence, always=_quoted(parameter.force), value=_quoted(raw))
        return parameter.force
    if not parameter.applies(values):
        return parameter.default
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if parameter.required:
            raise _invalid(parameter, _("%(label)s is empty. Enter a few words."))
        return parameter.default
    if option := parameter.option(raw):
        return option.value
    value = COERCERS[parameter.type](parameter, raw)
    return _chosen(parameter, value) if parameter.options else value


def _chosen(parameter: Parameter, value: Value) -> Value:
    option = parameter.option(value)
    if option is None:
        labels = ", ".join(_(option.label) for option in parameter.options)
        sentence = _("%(label)s can't be %(value)s. Choose one of: %(options)s.")
        raise _invalid(parameter, sentence, value=_quoted(value), options=labels)
    return option.value


def _string(parameter: Parameter, raw: object) -> str:
    if not isinstance(raw, str):
        raise _invalid(parameter, _("%(label)s must be text, not %(value)s."), value=_quoted(raw))
    if parameter.options:
        return raw
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    # The length comes first, so that nothing below processes a text of unbounded size.
    if parameter.max_length is not None and len(text) > parameter.max_length:
        sentence = _("%(label)s has %(count)s characters; the maximum is %(maximum)s. Shorten it.")
        raise _invalid(parameter, sentence, count=_number_of(len(text)), maximum=_number_of(parameter.max_length))
    if parameter.min_length is not None and len(text) < parameter.min_length:
        sentence = _("%(label)s needs at least %(minimum)s characters.")
        raise _invalid(parameter, sentence, minimum=_number_of(parameter.min_length))
    if bad := next((c for c in text if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cs"}), None):
        sentence = _("%(label)s contains the invisible character U+%(code)s. Delete it and try again.")
        raise _invalid(parameter, sentence, code=f"{ord(bad):04X}")
    if parameter.pattern and not re.fullmatch(parameter.pattern, text):
        raise _invalid(parameter, _("%(label)s doesn't have the expected format: %(value)s."), value=_quoted(text))
    return text


def _integer(parameter: Parameter, raw: object) -> int:
    # int() reads a text of 20 digits as readily as one of 4,000; no range of ours needs more than 20.
    whole = isinstance(raw, int | str) and not isinstance(raw, bool)
    if not whole or not re.fullmatch(r"\s*[+-]?[0-9]{1,20}\s*", _text(raw)):
        raise _invalid(parameter, _("%(label)s must be a whole number, not %(value)s."), value=_quoted(raw))
    return int(_in_range(parameter, int(_text(raw))))


def _number(parameter: Parameter, raw: object) -> float:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            raise ValueError
        value = float(raw)
        if not math.isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        raise _invalid(parameter, _("%(label)s must be a number, not %(value)s."), value=_quoted(raw)) from None
    return float(_in_range(parameter, value))


def _boolean(parameter: Parameter, raw: object) -> bool:
    known = {"true": True, "on": True, "1": True, "yes": True, "false": False, "off": False, "0": False, "no": False}
    value = known.get(_text(raw).strip().lower())
    if value is None:
        raise _invalid(parameter, _("%(label)s must be on or off, not %(value)s."), value=_quoted(raw))
    return value


def _in_range(parameter: Parameter, value: float) -> float:
    low, high, step = parameter.minimum, parameter.maximum, parameter.multiple_of
    if (low is not None and value < low) or (high is not None and value > high):
        numbers = {"low": low or 0, "high": high or 0, "value": value}
        raise _invalid(parameter, _outside(low, high), **{name: _number_of(one) for name, one in numbers.items()})
    if step and abs(value / step - round(value / step)) > 1e-9:
        sentence = _("%(label)s must be a multiple of %(step)s; %(value)s isn't.")
        raise _invalid(parameter, sentence, step=f"{step:g}", value=_number_of(value))
    return value


def _outside(low: float | None, high: float | None) -> str:
    if high is None:
        return _("%(label)s must be at least %(low)s; %(value)s is too small.")
    if low is None:
        return _("%(label)s must be at most %(high)s; %(value)s is too large.")
    return _("%(label)s must be from %(low)s to %(high)s; %(value)s is out of range.")


def _invalid(parameter: Parameter, sentence: str, **values: str) -> Invalid:
    return Invalid(sentence % {"label": _(parameter.label), **values})


def _number_of(value: float) -> str:
    return number_format(value, force_grouping=True)


def _text(value: object) -> str:
    """Return str(value); Python refuses to convert a number of more than 4,300 digits."""
    try:
        return str(value)
    except ValueError:
        return _("a very large number")


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
