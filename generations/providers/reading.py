"""Bounded parsing of what the provider writes in headers and JSON; anything invalid becomes None or empty."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

# Plain numbers of a reasonable length, including the style of Python's floats, `1e-05`.
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?(e-[0-9]{1,2})?", re.IGNORECASE)
# It becomes a part of an address, so it has no slash and no leading dot.
REQUEST_ID = re.compile(r"[0-9A-Za-z][\w.-]{0,63}", re.ASCII)
SEED = re.compile(r"[0-9]{1,18}")
EPOCH = re.compile(r"[0-9]{9,10}(\.[0-9]{1,9})?")
MAX_DOLLARS = Decimal(1_000_000)
MAX_SECONDS = Decimal(86_400)
# A picture in JSON is one long string; more structure than this is something else, and slow to parse.
STRUCTURE = 5_000


def document(body: bytes, structure: int = STRUCTURE) -> object:
    """Return the JSON in a body, None when there is none; its numbers stay text, exactly as written."""
    if body.lstrip()[:1] not in (b"{", b"[", b'"') or sum(map(body.count, (b",", b"[", b"{", b":"))) > structure:
        return None
    try:
        return json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    # A few thousand brackets exhaust the parser's stack.
    except (ValueError, RecursionError):
        return None


def fields(found: object) -> dict[str, object]:
    """Return a JSON object, also one that was packed into a text; empty for anything else."""
    if isinstance(found, str):
        found = document(found.encode(errors="replace"))
    return found if isinstance(found, dict) else {}


def text(found: object) -> str:
    return found.strip() if isinstance(found, str) else ""


def amount(found: object, most: Decimal = MAX_DOLLARS) -> Decimal | None:
    """Return a number from 0 to `most`, exactly as it was written."""
    written = text(found)
    if not NUMBER.fullmatch(written):
        return None
    number = Decimal(written)
    return number if number <= most else None


def seed(found: object) -> int | None:
    written = text(found)
    return int(written) if SEED.fullmatch(written) else None


def request_id(found: object) -> str:
    written = text(found)
    return written if REQUEST_ID.fullmatch(written) else ""


def moment(found: object) -> datetime | None:
    """Return an aware time from ISO 8601, an HTTP date or seconds since 1970; without a zone it is UTC."""
    written = text(found)
    try:
        if EPOCH.fullmatch(written):
            return datetime.fromtimestamp(float(written), UTC)
        read = datetime.fromisoformat(written) if written[:4].isdecimal() else parsedate_to_datetime(written)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def media_type(found: object) -> str:
    """Return a Content-Type without its parameters."""
    return text(found).partition(";")[0].strip().lower()[:100]
