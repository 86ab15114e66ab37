"""Which headers of an answer may be kept and shown: what it was, what it cost, and what the plan allows.

A list of those that are allowed, so that nobody has to think of what a vendor may send: cookies, addresses with
signatures, a key that is repeated to us.
"""

from collections.abc import Mapping

from generations.providers.verdicts import presentable

ALLOWED = (
    "content-type", "content-length", "date", "server", "x-request-id", "x-cost", "x-generation-time", "x-seed-value",
    "x-remaining-credits", "x-output-metadata", "x-rate-limit-remaining", "x-rate-limit-reset-at-utc", "retry-after",
)  # fmt: skip


def kept(headers: Mapping[str, str], secret: str = "") -> dict[str, str]:
    """By lower-case name, in the order of the list. What holds an address, the secret or is no short line is left
    out.
    """
    found = ((name, headers.get(name)) for name in ALLOWED)
    return {name: value for name, value in found if value is not None and _is_harmless(value, secret)}


def _is_harmless(value: str, secret: str) -> bool:
    return "://" not in value and presentable(value, secret) == value
