"""The text of docs/parameters.md: the parameter schemas as tables."""

from collections.abc import Iterable

from generations.schema.parameters import Parameter, ParameterSchema

HEAD = """\
# Parameters

Written by `make docs` from the files in `generations/schema/models/`; change those, not this page.
"""


def document(schemas: Iterable[ParameterSchema]) -> str:
    return "\n".join([HEAD, *(_model(schema) for schema in schemas)])


def _model(schema: ParameterSchema) -> str:
    rate = f", metered at ${schema.price_per_second} a second" if schema.price_per_second else ""
    head = [
        f"## {schema.title}",
        "",
        schema.description,
        "",
        f"Address `/v1/{schema.slug}` · list price ${schema.list_price}{rate} · mean latency {schema.mean_latency} s",
        "",
        f"Source: {schema.source}",
        "",
        "| field | sent as | type | default | allowed | shown as | changes the price |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    tables = [_options(parameter) for parameter in schema.parameters if parameter.options]
    return "\n".join([*head, *(_row(parameter) for parameter in schema.parameters), "", *tables])


def _row(parameter: Parameter) -> str:
    shown = f"{parameter.label} ({parameter.widget})" if parameter.shown else "not shown"
    if parameter.visible_if:
        conditions = (f"{name} is {' or '.join(map(str, values))}" for name, values in parameter.visible_if.items())
        shown += f", when {' and '.join(conditions)}"
    default = "required" if parameter.required else "none" if parameter.default is None else f"`{parameter.default}`"
    cells = [
        f"`{parameter.name}`", f"`{parameter.wire}`", parameter.type, default, _allowed(parameter), shown,
        "yes" if parameter.affects_price else "no",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _allowed(parameter: Parameter) -> str:
    if parameter.force is not None:
        return f"always `{parameter.force}`"
    if parameter.options:
        return f"{len(parameter.options)} value{'s' if len(parameter.options) > 1 else ''}, below"
    rules = [
        ("from {}", _number(parameter.minimum)), ("to {}", _number(parameter.maximum)),
        ("in steps of {}", _number(parameter.multiple_of)), ("at least {}", _characters(parameter.min_length)),
        ("at most {}", _characters(parameter.max_length)), ("matching `{}`", parameter.pattern or None),
    ]  # fmt: skip
    return " ".join(text.format(value) for text, value in rules if value is not None) or "anything"


def _number(value: float | None) -> str | None:
    """Return a number with every digit: a limit such as 2,147,483,647 is exact."""
    return None if value is None else f"{int(value) if value == int(value) else value:,}"


def _characters(count: int | None) -> str | None:
    return None if count is None else f"{count:,} character{'' if count == 1 else 's'}"


def _options(parameter: Parameter) -> str:
    lines = [
        f"### `{parameter.name}`",
        "",
        "| sent as | in addresses | shown as | code points beyond ASCII |",
        "| --- | --- | --- | --- |",
    ]
    for option in parameter.options:
        points = " ".join(f"U+{ord(c):04X}" for c in str(option.value) if ord(c) > 127) or "none"
        lines.append(f"| `{option.value}` | `{option.name}` | {option.label} | {points} |")
    return "\n".join([*lines, ""])
