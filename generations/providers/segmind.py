"""Segmind over HTTP, version 1: the answer to the POST is the picture.

https://docs.segmind.com/docs/serverless-api and, for the balance,
https://docs.segmind.com/docs/platform/account-and-billing-apis. The vendor's own sample for a model can be seen at
https://www.segmind.com/models/hidream-l1-fast/api.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from generations.errors import ModelGone, OutcomeUnknown, ProviderError, ProviderFailed, UnusableAnswer
from generations.providers.base import Answer, Balance, ImageRequest
from generations.providers.transport import ERROR_CAP, OK, PICTURE_CAP, Reply, fetch
from generations.providers.unwrapping import candidates, complaint, decoded, document, is_address, looks_like_picture
from generations.providers.verdicts import presentable, request_id, said, verdict
from generations.providers.wire import anywhere, loopback, public, public_or_loopback

SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
# Headers are text from outside: plain numbers of a sane length, where Python's float style `1e-05` counts as one.
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?(e-[0-9]{1,2})?", re.IGNORECASE)
MOST_DOLLARS = Decimal(1_000_000)
MOST_SECONDS = Decimal(86_400)
BALANCE_SECONDS = 20.0
DOWNLOAD_SECONDS = 60.0


class Segmind:
    """A Provider; one object serves any number of threads.

    `deadline` is seconds for one paid call. `file_hosts` are the names (or `name:port`) that pictures may be fetched
    from. Raises ValueError for an address or a key that cannot work; plain http is taken for loopback only.
    """

    def __init__(self, base_url: str, key: str, *, deadline: float = 150.0, file_hosts: frozenset[str]) -> None:
        parts = _checked(base_url)
        self._local = _is_loopback(parts.hostname or "")
        self._base = f"{parts.scheme}://{parts.netloc}"
        # Plain http is allowed because the name is a loopback name; the address it leads to has to agree.
        self._reach = loopback if parts.scheme == "http" else anywhere
        self._key = key.strip()
        self._deadline = deadline
        self._file_hosts = frozenset(host.lower() for host in file_hosts)
        if not re.fullmatch(r"[\x21-\x7e]+", self._key):
            raise ValueError("The API key is empty or holds characters that cannot go into a header; copy it again.")

    def call(self, request: ImageRequest) -> Answer:
        if not SLUG.fullmatch(request.slug):
            raise ModelGone("This model has no address at the provider.", reason=presentable(repr(request.slug)))
        reply = self._ask("POST", f"/v1/{request.slug}", self._deadline, PICTURE_CAP, request.body)
        if reply.status != OK:
            raise verdict(reply, paid=True, secret=self._key)
        return _answer(reply)

    def picture(self, answer: Answer) -> bytes:
        if looks_like_picture(answer.body):
            return answer.body
        for text in candidates(document(answer.body)):
            if is_address(text):
                return self._download(text, answer)
            if looks_like_picture(body := decoded(text)):
                return body
        raise self._unusable(answer, complaint(answer.body), said(answer.body))

    def balance(self) -> Balance:
        try:
            reply = self._ask("GET", "/v1/get-user-credits", min(self._deadline, BALANCE_SECONDS), ERROR_CAP)
        except OutcomeUnknown as error:
            raise ProviderFailed("The provider's balance cannot be read now.", reason=error.reason) from error
        if reply.status != OK:
            raise verdict(reply, paid=False, secret=self._key)
        return _balance(reply)

    def _ask(self, method: str, path: str, seconds: float, cap: int, body: Mapping[str, object] | None = None) -> Reply:
        """The one place where the key is sent, and only ever to the API's own host and port."""
        headers = {"x-api-key": self._key}
        return fetch(
            method, self._base + path, headers=headers, json=body, deadline=seconds, cap=cap, reach=self._reach
        )

    def _download(self, address: str, answer: Answer) -> bytes:
        """The picture behind an address; the key stays here."""
        if not self._may_fetch(address):
            sentence = "The provider's answer leads to an address that this site does not fetch pictures from."
            raise self._unusable(answer, sentence, address)
        not_yet = "The picture is drawn, but could not be fetched from the provider yet."
        reach = public_or_loopback if self._local else public
        try:
            reply = fetch("GET", address, headers={}, deadline=DOWNLOAD_SECONDS, cap=PICTURE_CAP, reach=reach)
        except ProviderError as error:
            raise self._unusable(answer, not_yet, error.reason, retryable=True) from error
        if reply.status != OK:
            raise self._unusable(answer, not_yet, said(reply.body), status=reply.status, retryable=True)
        if not looks_like_picture(reply.body):
            sentence = "The provider's answer leads to a file that is no PNG, JPEG or WebP."
            raise self._unusable(answer, sentence, address)
        return reply.body

    def _may_fetch(self, address: str) -> bool:
        # Two parsers read this address; they differ over blanks, control characters and backslashes.
        if not re.fullmatch(r"[!-\[\]-~]+", address):
            return False
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        listed = host in self._file_hosts or f"{host}:{port}" in self._file_hosts
        secure = parts.scheme == "https" or (self._local and _is_loopback(host))
        return listed and secure and parts.username is None

    def _unusable(
        self, answer: Answer, sentence: str, reason: str, *, status: int = OK, retryable: bool = False
    ) -> UnusableAnswer:
        reason = presentable(reason, self._key)
        return UnusableAnswer(sentence, status=status, reason=reason, request_id=answer.request_id, retryable=retryable)


def _checked(base_url: str) -> SplitResult:
    """The parts of the API's address. Raises ValueError with the way out."""
    parts = urlsplit(base_url.strip())
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise ValueError(f"The provider's address is {base_url!r}; write it like https://api.segmind.com.")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("The provider's address has more than scheme, host and port; leave the rest out.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"The provider's address is {base_url!r}; the API key only travels by https, so write https.")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _answer(reply: Reply) -> Answer:
    headers = reply.headers
    seed = headers.get("x-seed-value", "").strip()
    return Answer(
        body=reply.body,
        content_type=headers.get("content-type", "").partition(";")[0].strip().lower()[:100],
        cost=_amount(headers.get("x-cost", ""), MOST_DOLLARS),
        remaining_credits=_amount(headers.get("x-remaining-credits", ""), MOST_DOLLARS),
        request_id=request_id(headers),
        generation_seconds=_amount(headers.get("x-generation-time", ""), MOST_SECONDS),
        seed=int(seed) if re.fullmatch(r"[0-9]{1,18}", seed) else None,
    )


def _amount(text: str, most: Decimal) -> Decimal | None:
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return None
    amount = Decimal(text)
    return amount if amount <= most else None


def _balance(reply: Reply) -> Balance:
    """The vendor spells it `free-credits`; a balance may be below zero."""
    try:
        found = json.loads(reply.body, parse_float=Decimal, parse_int=Decimal)
        return Balance(_dollars(found["credits"]), _dollars(found.get("free-credits", Decimal(0))))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = presentable(said(reply.body))
        raise ProviderFailed("The provider's balance cannot be read now.", status=OK, reason=reason) from error


def _dollars(found: object) -> Decimal:
    text = str(found).strip()
    if not NUMBER.fullmatch(text.removeprefix("-")):
        raise ValueError(text)
    return Decimal(text)
