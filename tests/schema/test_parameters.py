"""Reading a schema document: what this site cannot honour is refused by name, never ignored."""

import pytest

from generations.errors import SchemaError
from generations.schema.parameters import parse

MODEL = {"$id": "x", "title": "X", "x-list-price": "0.01", "x-mean-latency": 3}


def one(**entry):
    """Return the parameter of a document with this single property."""
    return parse({**MODEL, "properties": {"p": {"type": "string", **entry}}})["p"]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"format": "uuid"}, "'p' uses format"),
        ({"x-colour": "red", "allOf": []}, "'p' uses allOf, x-colour"),
        ({"type": "array"}, "'p' has the type 'array'"),
        ({"type": None}, "'p' has the type None"),
        ({"x-role": "width"}, "'p' has the role 'width'"),
        ({"x-widget": "wheel"}, "'p' has the widget 'wheel'"),
        ({"enum": ["a", "b"], "x-options": [{"value": "a", "name": "a", "label": "A"}]}, "'p' describes other values"),
        ({"enum": ["a"], "x-options": [{"value": "A", "name": "a", "label": "A"}]}, "'p' describes other values"),
        ({"x-options": [{"value": "a", "name": "a", "label": "A"}]}, "'p' describes other values"),
    ],
)
def test_entry_that_cannot_be_honoured_is_refused_by_name(entry, named):
    with pytest.raises(SchemaError, match=named):
        one(**entry)


def test_document_without_properties_is_refused():
    with pytest.raises(SchemaError, match="'x' has no properties"):
        parse({**MODEL, "properties": {}})


@pytest.mark.parametrize(
    ("entry", "widget"),
    [
        ({"enum": ["a", "b"]}, "choice"),
        ({"type": "boolean"}, "switch"),
        ({"type": "integer"}, "number"),
        ({"type": "number"}, "number"),
        ({}, "text"),
        ({"x-widget": "textarea"}, "textarea"),
    ],
)
def test_widget_follows_from_the_type_unless_named(entry, widget):
    assert one(**entry).widget == widget


@pytest.mark.parametrize(
    ("entry", "label"),
    [({}, "P"), ({"title": "From title"}, "From title"), ({"title": "No", "x-label": "From label"}, "From label")],
)
def test_label_is_the_most_specific_text_there_is(entry, label):
    assert one(**entry).label == label


def test_options_without_description_carry_their_own_values():
    assert [(o.value, o.name, o.label) for o in one(enum=["a", "b"]).options] == [("a", "a", "a"), ("b", "b", "b")]


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ({}, True),
        ({"const": "a"}, False),
        ({"x-force": "a"}, False),
        ({"enum": ["a"]}, False),
        ({"enum": ["a", "b"]}, True),
        ({"enum": ["a", "b"], "x-widget": "hidden"}, False),
    ],
)
def test_person_is_asked_only_where_there_is_a_choice(entry, shown):
    assert one(**entry).shown is shown


def test_option_is_found_by_wire_value_its_text_and_short_name_but_not_by_a_look_alike():
    parameter = one(type="integer", enum=[1, 2], **{"x-options": [
        {"value": 1, "name": "one", "label": "One"}, {"value": 2, "name": "two", "label": "Two"}]})  # fmt: skip

    found = [parameter.option(value) for value in (1, "two", "2", True, "True", None, 3)]

    assert [option and option.name for option in found] == ["one", "two", "two", None, None, None, None]


def test_number_option_is_found_however_its_number_is_written():
    parameter = one(type="number", enum=[1, 2.5])

    assert [parameter.option(value).value for value in (1, 1.0, 2.5)] == [1, 1, 2.5]
    assert parameter.option(True) is None


def test_parameters_stand_in_the_order_the_schema_names():
    properties = {name: {"type": "string", "x-order": order} for name, order in (("b", 2), ("c", 3), ("a", 1))}

    assert [p.name for p in parse({**MODEL, "properties": properties}).parameters] == ["a", "b", "c"]


def test_defaults_leave_out_what_has_none():
    properties = {"a": {"type": "string"}, "b": {"type": "integer", "default": 0}}

    assert parse({**MODEL, "properties": properties}).defaults() == {"b": 0}
