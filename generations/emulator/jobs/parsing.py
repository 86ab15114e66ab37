"""A request body read as the provider's worker reads it: what is to be drawn, and how long that takes."""

import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from generations.schema import ParameterSchema

MEGAPIXEL = 1_000_000
DEFAULT_SIDE = 1024
MIN_SIDE, MAX_SIDE = 64, 2048
# How far the invented generation time of one picture lies from the mean, up or down.
JITTER = 0.1
FORMATS = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}


@dataclass(frozen=True)
class ParsedRequest:
    """One picture to draw. `format` is png, jpeg or webp; `seconds` the generation time, not divided by the speed-up.

    `detail` is the chosen speed's time as a part of the slowest speed's. `cost` is US dollars.
    """

    prompt: str
    seed: int
    width: int
    height: int
    detail: float
    format: str
    quality: int
    seconds: Decimal
    cost: Decimal


def parse_request(schema: ParameterSchema, body: Mapping[str, object], seed: int) -> ParsedRequest:
    """Values that are missing or unusable count as the schema's defaults, so that an estimate is always possible."""
    prompt, (width, height) = prompt_of(schema, body), _size(schema, body)
    speed, value = schema.by_role("speed"), _value(schema, body, "speed")
    options = speed.options if speed else ()
    chosen = next((option for option in options if option.value == value), None)
    slowest = max((option.seconds for option in options), default=0.0)
    # The provider publishes only a mean, so the speed's seconds for each megapixel are invented.
    mean = chosen.seconds * width * height / MEGAPIXEL if chosen and chosen.seconds else schema.mean_latency
    key = f"{seed}|{sha256(prompt)}|{chosen.name if chosen else ''}"
    seconds = Decimal(str(round(mean * random.Random(key).uniform(1 - JITTER, 1 + JITTER), 3)))
    quality = _value(schema, body, "quality")
    return ParsedRequest(
        prompt=prompt,
        seed=seed,
        width=width,
        height=height,
        detail=(chosen.seconds if chosen else slowest) / slowest if slowest else 1.0,
        format=FORMATS.get(str(_value(schema, body, "format") or "webp"), "png"),
        quality=quality if isinstance(quality, int) else 90,
        seconds=seconds,
        cost=schema.list_price if schema.price_per_second is None else seconds * schema.price_per_second,
    )


def seed_of(schema: ParameterSchema, body: Mapping[str, object]) -> int | None:
    """Return the seed of the request; None when it asks for a random one, or for something that is no seed."""
    seed = _value(schema, body, "seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 else None


def prompt_of(schema: ParameterSchema, body: Mapping[str, object]) -> str:
    prompt = _value(schema, body, "prompt")
    return prompt if isinstance(prompt, str) else ""


def sha256(text: str) -> str:
    # A lone surrogate is valid in JSON and not in UTF-8; the ledger must not fail over it.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _value(schema: ParameterSchema, body: Mapping[str, object], role: str) -> object:
    parameter = schema.by_role(role)
    return None if parameter is None else body.get(parameter.wire, parameter.default)


def _size(schema: ParameterSchema, body: Mapping[str, object]) -> tuple[int, int]:
    """The size option's own pixels, else a ratio such as 16:9 at one megapixel, else parameters named for a side."""
    parameter, value = schema.by_role("size"), _value(schema, body, "size")
    option = next((option for option in parameter.options if option.value == value), None) if parameter else None
    if option and option.width and option.height:
        return option.width, option.height
    if ratio := re.fullmatch(r"([1-9]\d?):([1-9]\d?)", str(value)):
        across, down = int(ratio[1]), int(ratio[2])
        side = (MEGAPIXEL / (across * down)) ** 0.5
        return _bounded(across * side), _bounded(down * side)
    return _side(schema, body, "width"), _side(schema, body, "height")


def _side(schema: ParameterSchema, body: Mapping[str, object], name: str) -> int:
    found = [body.get(p.wire, p.default) for p in schema.parameters if p.name.endswith(name)]
    return _bounded(found[0] if found and isinstance(found[0], int) else DEFAULT_SIDE)


def _bounded(side: float) -> int:
    return max(MIN_SIDE, min(MAX_SIDE, round(side)))
