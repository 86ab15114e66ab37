"""Which orders ask for the very same picture, and which for variations of one idea."""

import hashlib
import json
import re

from generations.schema.parameters import ParameterSchema, Values

QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"")
NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
MAX_WORDS = 8
MAX_PROMPT_GROUP_LENGTH = 80


def fingerprint(model: ParameterSchema, values: Values, seed: int | None) -> str:
    """The same for orders that differ in nothing that reaches the provider; empty without a seed, for then each call
    draws another picture. `values` are clean ones; what they say of the seed is not looked at.
    """
    if seed is None:
        return ""
    parameter = model.by_role("seed")
    asked = {name: value for name, value in values.items() if parameter is None or name != parameter.name}
    words = json.dumps([model.id, asked, seed], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def prompt_group(prompt: str) -> str:
    """What prompts have in common that differ in quoted words, numbers, case and their far end: the first words.

    “A sign that says “Open late”, 3 gulls” and “a sign that says “Closed”, 5 gulls” are one family.
    """
    plain = NUMBERS.sub(" ", QUOTED.sub(" … ", prompt.casefold()))
    words = WORD.findall(plain)[:MAX_WORDS]
    return " ".join(words)[:MAX_PROMPT_GROUP_LENGTH].rstrip()
