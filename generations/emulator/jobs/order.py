"""A request body read as the vendor's worker reads it: what is to be drawn, and how long that takes."""

import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from generations.schema import Parameter, ParameterSchema

MEGAPIXEL = 1_000_000
DEFAULT_SIZE = (1024, 1024)
SMALLEST, LARGEST = 64, 2048
JITTER = 0.1
# The range the vendor's workers draw from when no seed is given: 14 digits, wider than 32 bits.
RANDOM_SEEDS = 99_999_999_999_999
FORMATS = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}


@dataclass(frozen=True)
class Order:
    """One picture to draw. `format` is png, jpeg or webp; `seconds` the undivided generation time.

    `detail` is the chosen speed's time as a part of the slowest speed's.
    """

    slug: str
    prompt: str
    seed: int
    width: int
    height: int
    detail: float
    format: str
    quality: int
    seconds: Decimal
    cost: Decimal

    @property
    def prompt_sha256(self) -> str:
        return sha256(self.prompt)


def sha256(text: str) -> str:
    # A lone surrogate is valid in JSON and not in UTF-8; the ledger must not fail over it.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(schema: ParameterSchema, body: Mapping[str, object], seed: int) -> Order:
    """Values that are missing or unusable count as the schema's defaults, so that an estimate is always possible."""
    prompt = _text(_value(schema, body, "prompt"))
    width, height = _size(schema, body)
    speed = _option_name(schema.by_role("speed"), body)
    seconds = _seconds(schema, body, width * height, f"{seed}|{sha256(prompt)}|{speed}")
    quality = _value(schema, body, "quality")
    return Order(
        slug=schema.slug,
        prompt=prompt,
        seed=seed,
        width=width,
        height=height,
        detail=_detail(schema.by_role("speed"), speed),
        format=FORMATS.get(_text(_value(schema, body, "format")) or "webp", "png"),
        quality=quality if isinstance(quality, int) else 90,
        seconds=seconds,
        cost=schema.list_price if schema.price_per_second is None else seconds * schema.price_per_second,
    )


def asked_seed(schema: ParameterSchema, body: Mapping[str, object]) -> int | None:
    """The seed of the request; None when it asks for a random one, or for something that is no seed."""
    seed = _value(schema, body, "seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 else None


def asked_prompt(schema: ParameterSchema, body: Mapping[str, object]) -> str:
    return _text(_value(schema, body, "prompt"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _value(schema: ParameterSchema, body: Mapping[str, object], role: str) -> object:
    parameter = schema.by_role(role)
    return None if parameter is None else body.get(parameter.wire, parameter.default)


def _option_name(parameter: Parameter | None, body: Mapping[str, object]) -> str:
    if parameter is None:
        return ""
    value = body.get(parameter.wire, parameter.default)
    return next((option.name for option in parameter.options if option.value == value), "")


def _size(schema: ParameterSchema, body: Mapping[str, object]) -> tuple[int, int]:
    """The size option's own pixels, else a ratio such as 16:9 at one megapixel, else parameters named for a side."""
    parameter = schema.by_role("size")
    if parameter is not None:
        value = body.get(parameter.wire, parameter.default)
        chosen = next((option for option in parameter.options if option.value == value), None)
        if chosen and chosen.width and chosen.height:
            return chosen.width, chosen.height
        if ratio := re.fullmatch(r"([1-9]\d?):([1-9]\d?)", str(value)):
            across, down = int(ratio[1]), int(ratio[2])
            side = (MEGAPIXEL / (across * down)) ** 0.5
            return _bounded(across * side), _bounded(down * side)
    sides = [
        next((body.get(p.wire, p.default) for p in schema.parameters if p.name.endswith(name)), default)
        for name, default in zip(("width", "height"), DEFAULT_SIZE, strict=True)
    ]
    width, height = (side if isinstance(side, int) else 1024 for side in sides)
    return _bounded(width), _bounded(height)


def _detail(speed: Parameter | None, name: str) -> float:
    seconds = {option.name: option.seconds for option in speed.options} if speed else {}
    slowest = max(seconds.values(), default=0.0)
    return seconds.get(name, slowest) / slowest if slowest else 1.0


def _bounded(side: float) -> int:
    return max(SMALLEST, min(LARGEST, round(side)))


def _seconds(schema: ParameterSchema, body: Mapping[str, object], area: int, key: str) -> Decimal:
    """Invented, since the vendor publishes only a mean: the speed's seconds per megapixel, 10 % up or down by seed."""
    speed = schema.by_role("speed")
    name = _option_name(speed, body)
    per_megapixel = next((o.seconds for o in speed.options if o.name == name), 0.0) if speed else 0.0
    mean = per_megapixel * area / MEGAPIXEL if per_megapixel else schema.mean_latency
    jitter = random.Random(key).uniform(1 - JITTER, 1 + JITTER)
    return Decimal(str(round(mean * jitter, 3)))
