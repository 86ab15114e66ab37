"""Keys that group requests: for exactly the same picture, and for variations of one idea."""

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
    """Return the same hash for requests that send the same to the provider; empty without a seed.

    Without a seed each call generates another picture. `values` are clean ones; a seed among them is ignored.
    """
    if seed is None:
        return ""
    parameter = model.by_role("seed")
    asked = {name: value for name, value in values.items() if parameter is None or name != parameter.name}
    words = json.dumps([model.id, asked, seed], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def prompt_group(prompt: str) -> str:
    """Return the first words of a prompt without quoted words, numbers and case.

    “A sign that says “Open late”, 3 gulls” and “a sign that says “Closed”, 5 gulls” are in one group.
    """
    plain = NUMBERS.sub(" ", QUOTED.sub(" … ", prompt.casefold()))
    words = WORD.findall(plain)[:MAX_WORDS]
    return " ".join(words)[:MAX_PROMPT_GROUP_LENGTH].rstrip()
