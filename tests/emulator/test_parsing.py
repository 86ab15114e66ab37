"""What the emulator makes of bodies and schemas that are not the provider's usual ones."""

import pytest

from generations.emulator.job import parse_request
from generations.schema import get
from generations.schema.parameters import parse


def model(**properties):
    return parse(
        {
            "$id": "m",
            "title": "M",
            "x-list-price": "0.04",
            "x-mean-latency": 4,
            "properties": {"prompt": {"type": "string", "x-role": "prompt"}, **properties},
        }
    )


@pytest.mark.parametrize(
    ("ratio", "size"), [("1:1", (1000, 1000)), ("16:9", (1333, 750)), ("9:16", (750, 1333)), ("wide", (1024, 1024))]
)
def test_ratio_is_drawn_at_one_megapixel(ratio, size):
    schema = model(aspect={"type": "string", "x-role": "size", "default": ratio})

    request = parse_request(schema, {}, 1)

    assert (request.width, request.height) == size


def test_sides_are_read_from_parameters_named_for_them():
    schema = model(img_width={"type": "integer", "default": 512}, img_height={"type": "integer", "default": 640})

    request = parse_request(schema, {"img_width": 99_999}, 1)

    assert (request.width, request.height) == (2048, 640)


def test_model_without_speeds_takes_its_mean_latency():
    assert float(parse_request(model(), {"prompt": "x"}, 1).seconds) == pytest.approx(4, rel=0.1)


def test_time_differs_by_seed_and_repeats():
    one, same, other = (parse_request(get(), {"prompt": "x"}, seed).seconds for seed in (1, 1, 2))

    assert one == same != other


def test_detail_is_full_at_the_slowest_speed():
    best, fastest = (
        parse_request(get(), {"speed_mode": option.value}, 1).detail
        for option in (get()["speed_mode"].options[0], get()["speed_mode"].options[-1])
    )

    assert (best, fastest < 0.5) == (1.0, True)
