"""Meaning of an answer other than HTTP 200: one table from the provider's status and text to an error of ours.

Statuses, texts and what is billed: https://docs.segmind.com/docs/serverless-api#api-error-codes, which documents that
only a 200 is billed. A gateway's 502 to 504 is an unknown outcome all the same: the worker behind it may have finished.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from generations.errors import (
    InvalidRequest,
    KeyRejected,
    ModelGone,
    OutcomeUnknown,
    OutOfCredits,
    ProviderError,
    ProviderFailed,
    RateLimited,
    Refused,
    SpendLimit,
)
from generations.providers import reading
from generations.providers.reading import fields
from generations.providers.transport import ERROR_CAP, HttpReply

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

REASON_LENGTH = 300
PREFIX = "SG_"
KEY = re.compile(PREFIX + "[0-9A-Za-z]{8,}")
TAG = re.compile(r"<[^<>]{0,2000}>")
JSON_STARTS = tuple('{["')
ANY = range(100, 1000)
UNPROCESSABLE = 422
MESSAGES = ("error", "detail", "message", "msg")
# A validation message may go on with the invalid value, which can contain any words, so it is checked before all
# others.
INVALID = r"^\W*invalid\b"


@dataclass(frozen=True)
class VerdictRow:
    """One rule. `words` is searched in the provider's text, in lower case; empty matches every answer."""

    statuses: range | frozenset[int]
    words: str
    error: type[ProviderError]
    retryable: bool
    maybe_charged: bool
    sentence: "_StrPromise"


def _only(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


POLICY = r"content.?policy|content.?filter|policy.?violation|nsfw|moderation|safety (?:filter|system|policy)"

NO_ANSWER = _("The provider isn't responding right now.")
# Several rows say the same.
NOT_ALLOWED = _("The provider rejected these settings: a value isn't allowed. Change it and try again.")
WRONG_SETTINGS = _("The provider rejected these settings. Retrying won't help; change them and try again.")
WRONG_PROMPT = _("The provider rejected this prompt (content policy). Edit the prompt and try again.")
LIMIT_REACHED = _("The spending limit set at the provider has been reached. A site admin needs to raise it.")
TOO_FEW_CREDITS = _("The provider account has too few credits for this picture. A site admin needs to top it up.")

# The first row that matches decides.
TABLE: tuple[VerdictRow, ...] = (
    VerdictRow(ANY, "internal polling error", OutcomeUnknown, False, True,
        _("The provider stopped waiting for its own worker. The picture may have been generated and charged.")),
    VerdictRow(_only(406), r"content.?type", InvalidRequest, False, False,
        _("The provider couldn't read the request. The error is on this site's side.")),
    VerdictRow(_only(406), INVALID, Refused, False, False, NOT_ALLOWED),
    VerdictRow(_only(422), INVALID, Refused, False, False, WRONG_SETTINGS),
    VerdictRow(_only(422), r"spend(ing)? limit", SpendLimit, True, False, LIMIT_REACHED),
    VerdictRow(_only(422), r"\bcredits?\b|insufficient balance", OutOfCredits, True, False, TOO_FEW_CREDITS),
    VerdictRow(_only(400, 422), POLICY, Refused, False, False, WRONG_PROMPT),
    VerdictRow(_only(400), "", Refused, False, False, WRONG_SETTINGS),
    VerdictRow(_only(422), r"prompt|parameter|invalid|validation|must be|allowed|policy|nsfw|safety",
        Refused, False, False, WRONG_SETTINGS),
    VerdictRow(_only(422), "", ProviderFailed, True, False,
        _("The provider couldn't generate this picture. It says that failed requests aren't charged.")),
    VerdictRow(_only(401), "", KeyRejected, True, False,
        _("The provider rejected this site's API key. A site admin needs to check it.")),
    VerdictRow(_only(402), "", OutOfCredits, True, False,
        _("The provider account has no credits left. A site admin needs to top it up.")),
    VerdictRow(_only(403), r"account|team|workspace|api.?key", KeyRejected, True, False,
        _("The provider doesn't let this site's account use this model. A site admin needs to check it.")),
    VerdictRow(_only(403), "", KeyRejected, False, False,
        _("The provider doesn't let this site use this model.")),
    VerdictRow(_only(404), "no credits found", OutOfCredits, True, False,
        _("The provider has no credits on record for this account. A site admin needs to top it up.")),
    VerdictRow(_only(404), "", ModelGone, False, False,
        _("The provider doesn't know this model.")),
    VerdictRow(_only(405), "", ModelGone, False, False,
        _("The provider doesn't generate pictures at this model's URL.")),
    VerdictRow(_only(406), r"spend|budget|\blimit\b", SpendLimit, True, False, LIMIT_REACHED),
    VerdictRow(_only(406), "credit|balance", OutOfCredits, True, False, TOO_FEW_CREDITS),
    VerdictRow(_only(406), POLICY, Refused, False, False, WRONG_PROMPT),
    VerdictRow(_only(406), "", Refused, False, False, NOT_ALLOWED),
    VerdictRow(_only(408), "", OutcomeUnknown, False, True,
        _("The provider stopped waiting for the request. The picture may have been generated and charged.")),
    VerdictRow(_only(410), "", ModelGone, False, False,
        _("The provider has retired this model.")),
    VerdictRow(_only(413), "", Refused, False, False,
        _("This request is too large for the provider. Try a shorter prompt.")),
    VerdictRow(_only(429), "", RateLimited, True, False,
        _("The provider's rate limit has been reached. This picture will be sent again when the limit allows.")),
    VerdictRow(_only(500), "", ProviderFailed, True, False,
        _("The provider failed. It says that failed requests aren't charged.")),
    VerdictRow(_only(502, 503, 504), "", OutcomeUnknown, False, True,
        _("The provider timed out. The picture may have been generated and charged.")),
    VerdictRow(range(520, 525), "", OutcomeUnknown, False, True,
        _("The provider's network timed out. The picture may have been generated and charged.")),
    VerdictRow(range(500, 600), "", OutcomeUnknown, False, True,
        _("The provider returned an undocumented error. The picture may have been generated and charged.")),
    VerdictRow(range(300, 400), "", InvalidRequest, False, False,
        _("The provider redirects requests to another URL, which this site doesn't follow. A site admin needs to check "
          "the configured URL.")),
    VerdictRow(range(400, 500), "", Refused, False, False,
        _("The provider rejected this request.")),
    VerdictRow(ANY, "", OutcomeUnknown, False, True,
        _("The provider returned an undocumented response. The picture may have been generated and charged.")),
)  # fmt: skip


def verdict(reply: HttpReply, *, paid: bool, secret: str = "") -> ProviderError:
    """Return the error for a reply other than a 200; `secret` is removed from its reason.

    A free call is never charged, so with `paid` False every unknown outcome becomes a retryable failure.
    """
    whole, told = reply.body.decode("utf-8", "replace").lower(), _message(reply.body).lower()
    # An unknown outcome may be reported anywhere in the body. Account-wide errors must be in the provider's own
    # message, because bodies repeat the prompt.
    row = next(
        row for row in TABLE
        if reply.status in row.statuses and re.search(row.words, whole if row.maybe_charged else told)
    )  # fmt: skip
    kind, retryable = (row.error, row.retryable) if paid or not row.maybe_charged else (ProviderFailed, True)
    error = kind(
        row.sentence if kind is row.error else NO_ANSWER,
        status=reply.status,
        reason=presentable(said(reply.body), secret),
        request_id=request_id(reply.headers),
        retryable=retryable,
        maybe_charged=row.maybe_charged and paid,
    )
    if isinstance(error, RateLimited):
        error.reset_at = reset_at(reply.headers, datetime.now(UTC))
    return error


def failed(found: object, request_id: str, secret: str = "") -> ProviderError:
    """Return the error of an accepted call that the provider reports as FAILED, with HTTP 422: certainly not billed.

    `found` is the parsed report. Only its messages are searched, since it also repeats the prompt and the balance.
    """
    told = {key: value for key, value in fields(found).items() if key in MESSAGES}
    body = json.dumps(told).encode()
    error = verdict(HttpReply(UNPROCESSABLE, {}, body), paid=False, secret=secret)
    error.request_id = request_id
    return error


def _message(body: bytes) -> str:
    """Return the text that the table searches: the messages of JSON, all of anything else."""
    return _messages(_document(body[:ERROR_CAP].decode("utf-8", "replace").strip()))


def _messages(document: object) -> str:
    """Return all messages of a document; one beside a `loc` is a validator's and always means an invalid value."""
    if isinstance(document, list):
        return " ".join(map(_messages, document))
    if isinstance(document, dict):
        told = " ".join(_messages(document[key]) for key in MESSAGES if key in document)
        return f"invalid: {told}" if "loc" in document else told
    return document if isinstance(document, str) else ""


def said(body: bytes) -> str:
    """Return the provider's text: the message in JSON, the title of a page, or plain text; empty for other bytes."""
    try:
        text = body[:ERROR_CAP].decode().strip()
    except UnicodeDecodeError:
        return ""
    document = _document(text)
    return _plain(text) if document is text else words(document)


def _document(text: str) -> object:
    """Return the parsed JSON, or the same text object when it is none."""
    try:
        return json.loads(text) if text[:1] in JSON_STARTS else text
    # A few thousand brackets exhaust the parser's stack.
    except (ValueError, RecursionError):
        return text


def _plain(text: str) -> str:
    page = re.search(r"<title>([^<]{0,1000})", text, re.IGNORECASE)
    return page[1] if page else TAG.sub(" ", text)


def words(document: object) -> str:
    """Return the message of a parsed answer, or all of it when it has none."""
    if isinstance(document, list):
        document = document[0] if document else ""
    if isinstance(document, dict):
        document = next((document[key] for key in ("error", "detail", "message") if document.get(key)), "")
    return document if isinstance(document, str) else json.dumps(document)


def presentable(text: str, secret: str = "") -> str:
    """Return one line of at most 300 characters, without anything that looks like a key and without a traceback."""
    # The whole key, and the key without the prefix that all keys share, as an answer may name it.
    for spelled in filter(None, (secret, secret.removeprefix(PREFIX))):
        text = text.replace(spelled, "[key]")
    text = KEY.sub("[key]", text)
    if "traceback" in text.lower():
        text = _lastwords(text)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 1] + "…"


def _lastwords(traceback: str) -> str:
    """Return the exception that a traceback ends with, empty when its last line is not one."""
    last = traceback.strip().splitlines()[-1].strip()
    return last if re.match(r"[A-Za-z_][\w.]*(:|$)", last) and "traceback" not in last.lower() else ""


def request_id(headers: Mapping[str, str]) -> str:
    return reading.request_id(headers.get("x-request-id"))


def reset_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when a rate limit's window ends; None when no header names a time within a day."""
    moments = (reading.moment(headers.get("x-rate-limit-reset-at-utc")), _retry_after(headers, now))
    return next((moment for moment in moments if moment and abs(moment - now) <= timedelta(days=1)), None)


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return the time of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    return now + timedelta(seconds=int(value)) if re.fullmatch(r"[0-9]{1,6}", value) else reading.moment(value)
