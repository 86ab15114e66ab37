"""The form that orders pictures: what it asks, and what it says about bad input."""

import json
import uuid

import pytest
from django.http import QueryDict

from generations import schema
from generations.errors import OverLimit, PriceChanged
from generations.forms.composer import ComposerForm, new_client_key

KEY = "0b5c1d9e-3f0a-4a57-9a51-0d5c33f7c8aa"


def filled(**changes):
    return ComposerForm(schema.get(), {"prompt": "a quiet harbour", **changes})


def view(form, name):
    return next(one for one in form.parameters if one.name == name)


def test_form_asks_for_all_but_the_only_choice_in_the_schemas_order():
    asked = [(one.name, one.widget) for one in ComposerForm(schema.get()).parameters]

    assert asked == [
        ("prompt", "textarea"),
        ("resolution", "shapes"),
        ("speed_mode", "steps"),
        ("output_format", "choice"),
        ("output_quality", "slider"),
        ("seed", "seed"),
    ]


def test_prompt_and_size_are_always_visible_and_the_rest_stands_under_settings():
    main = [one.name for one in ComposerForm(schema.get()).parameters if one.main]

    assert main == ["prompt", "resolution"]


def test_control_carries_range_and_condition():
    form = ComposerForm(schema.get())

    quality = view(form, "output_quality")
    assert (quality.minimum, quality.maximum, quality.step, quality.value) == (1, 100, 1, "100")
    assert json.loads(quality.visible_if) == {"output_format": ["jpg", "webp"]}
    assert view(form, "prompt").max_length == 2000


def test_options_show_plain_words_and_send_the_wire_string():
    speeds = view(ComposerForm(schema.get()), "speed_mode").options

    assert [option.label for option in speeds] == ["Best", "Balanced", "Fast", "Fastest"]
    assert speeds[2].value == "Juiced \U0001f525 (more speed)"


def test_default_is_ticked_in_a_fresh_form():
    form = ComposerForm(schema.get())

    ticked = {one.name: [o.label for o in one.options if o.checked] for one in form.parameters if one.options}
    assert ticked == {"resolution": ["Square 1:1"], "speed_mode": ["Balanced"], "output_format": ["WebP"]}


def test_initial_values_of_an_earlier_picture_are_ticked():
    form = ComposerForm(schema.get(), initial={"resolution": "1360 \u00d7 768 (Landscape)", "seed": "7"})

    assert [o.label for o in view(form, "resolution").options if o.checked] == ["Wide 16:9"]
    assert view(form, "seed").value == "7"


def test_shape_class_is_the_ratio_in_hundredths():
    shapes = {option.label: option.shape for option in view(ComposerForm(schema.get()), "resolution").options}

    assert (shapes["Square 1:1"], shapes["Wide 16:9"], shapes["Tall 9:16"]) == ("r100", "r177", "r56")


def test_option_says_its_ratio_and_what_it_means():
    sizes = view(ComposerForm(schema.get(), initial={"resolution": "1360x768"}), "resolution").options
    (wide,) = (one for one in sizes if one.checked)

    assert (wide.ratio, wide.meaning) == ("16:9", "Wide · 1360 × 768")


def test_filled_in_form_is_an_order():
    form = filled(resolution="1360x768", count="3", client_key=KEY)

    assert form.is_valid()
    assert (form.order.count, form.order.client_key, form.order.model) == (3, uuid.UUID(KEY), "hidream-l1-fast")
    assert form.order.values["resolution"] == "1360 \u00d7 768 (Landscape)"


def test_form_of_a_browser_without_scripts_is_an_order():
    form = ComposerForm(schema.get(), QueryDict("prompt=a+harbour&csrfmiddlewaretoken=x&collection=&count=1"))

    assert form.is_valid()


def test_count_left_out_means_one():
    form = filled()

    assert form.is_valid()
    assert form.order.count == 1


@pytest.mark.parametrize("raw", ["0", "9", "1000000000", "1" * 5000, "abc", "-1", "1.5", "٣"])
def test_count_outside_1_to_8_is_refused_at_its_field(raw):
    form = filled(count=raw)

    assert not form.is_valid()
    assert list(form.errors) == ["count"]
    assert form.count_view["error"].startswith("Enter a number from 1 to 8.")
    assert len(form.count_view["error"]) < 120


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("prompt", "  ", "Prompt is empty. Enter a few words."),
        ("prompt", "x" * 2001, "Prompt has 2,001 characters; the maximum is 2,000. Shorten it."),
        ("output_quality", "101", "Quality must be from 1 to 100; 101 is out of range."),
        ("output_quality", "abc", "Quality must be a whole number, not “abc”."),
        ("seed", "-2", "Seed must be from -1 to 2,147,483,647; -2 is out of range."),
        ("output_format", "gif", "Format can't be “gif”. Choose one of: WebP, PNG, JPEG."),
    ],
)
def test_refused_value_keeps_its_text_and_has_its_sentence(name, raw, sentence):
    form = filled(**{name: raw})

    assert not form.is_valid()
    assert (view(form, name).value, view(form, name).error) == (raw, sentence)
    assert form.errors_without_control(has_collections=True) == []


def test_refused_form_keeps_everything_else_as_it_was_written():
    form = filled(
        prompt="my words", resolution="1360x768", speed_mode="juiced", output_format="jpg", seed="x", count="4"
    )

    assert not form.is_valid()
    assert view(form, "prompt").value == "my words"
    assert [o.label for o in view(form, "resolution").options if o.checked] == ["Wide 16:9"]
    assert [o.label for o in view(form, "speed_mode").options if o.checked] == ["Fast"]
    assert [o.label for o in view(form, "output_format").options if o.checked] == ["JPEG"]
    assert form.count_view["value"] == "4"


def test_forged_model_type_is_refused_where_it_can_be_read():
    form = filled(model_type="full")

    assert not form.is_valid()
    assert form.errors_without_control(has_collections=True) == ["Model type can't be “full”. Choose one of: fast."]


def test_unknown_field_is_refused_where_it_can_be_read():
    form = filled(negative_prompt="trees")

    assert not form.is_valid()
    assert form.errors_without_control(has_collections=True) == [
        "HiDream-I1 (Fast) has no parameter “negative_prompt”. Remove it and try again."
    ]


@pytest.mark.parametrize("raw", ["abc", "0", "1" * 5000, "{}"])
def test_damaged_client_key_is_refused_where_it_can_be_read(raw):
    form = filled(client_key=raw)

    assert not form.is_valid()
    assert form.errors_without_control(has_collections=True) == [
        "This form has expired. Reload the page and try again."
    ]


def test_quality_is_ignored_for_png():
    form = filled(output_format="png", output_quality="abc")

    assert form.is_valid()
    assert form.order.values["output_quality"] == 100


def test_form_keys_differ():
    assert new_client_key() != new_client_key()


def test_order_that_the_service_refused_keeps_its_key_unless_a_fresh_one_is_asked_for():
    kept, fresh = filled(client_key=KEY), filled(client_key=KEY)
    for form in (kept, fresh):
        assert form.is_valid()

    kept.refuse(OverLimit("Too many."))
    fresh.refuse(PriceChanged("Another order."))

    assert (kept.errors_without_control(has_collections=True), kept.cleaned_data["client_key"]) == (
        ["Too many."],
        uuid.UUID(KEY),
    )
    assert (fresh.errors_without_control(has_collections=True), fresh.cleaned_data["client_key"]) == (
        ["Another order."],
        None,
    )
