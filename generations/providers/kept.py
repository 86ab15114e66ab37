"""Headers of an answer that may be stored and shown: content, cost and rate limits.

An allow-list, because nobody can foresee what a provider may send: cookies, signed addresses, our key repeated.
"""

from collections.abc import Mapping

from generations.providers.verdicts import presentable

ALLOWED = (
    "content-type", "content-length", "date", "server", "x-request-id", "x-cost", "x-generation-time", "x-seed-value",
    "x-remaining-credits", "x-output-metadata", "x-rate-limit-remaining", "x-rate-limit-reset-at-utc", "retry-after",
)  # fmt: skip


def kept(headers: Mapping[str, str], secret: str = "") -> dict[str, str]:
    """Return the allowed headers by lower-case name, in the list's order.

    Values with an address or the secret, and values that are not one short line, are left out.
    """
    found = ((name, headers.get(name)) for name in ALLOWED)
    return {name: value for name, value in found if value is not None and _is_harmless(value, secret)}


def _is_harmless(value: str, secret: str) -> bool:
    return "://" not in value and presentable(value, secret) == value
